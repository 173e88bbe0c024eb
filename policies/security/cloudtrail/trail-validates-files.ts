import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

export const trailValidatesFiles = requires(
  {
    name: "trail-validates-files",
    family: "security",
    severity: "low",
    level: "mandatory",
    description: "Trails sign their files, so that a change to them shows.",
    why: "Who gets in removes the traces; without signatures nobody can tell.",
    fix: "Write enableLogFileValidation: true.",
    control: fsbp("CloudTrail log file validation should be enabled", ["CloudTrail.4"], ["CIS AWS 5.0.0 3.2"]),
    types: ["aws:cloudtrail/trail:Trail"],
  },
  {
    path: "enableLogFileValidation",
    value: true,
    otherwise: false,
    harm: "a file that was changed looks like any other",
  },
);
