import { requires } from "../../aws/requirement.ts";
import { securityHub } from "../values.ts";

export const trailIsLogging = requires(
  {
    name: "trail-is-logging",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Trails are switched on.",
    why: "A trail that is off looks like one from a distance, and writes nothing.",
    fix: "Write enableLogging: true, or leave it out.",
    control: securityHub("At least one CloudTrail trail should be enabled", ["CloudTrail.3"]),
    types: ["aws:cloudtrail/trail:Trail"],
  },
  { path: "enableLogging", value: true, otherwise: true, harm: "nothing that is done is written down" },
);
