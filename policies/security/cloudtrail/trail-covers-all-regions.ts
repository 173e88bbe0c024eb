import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

export const trailCoversAllRegions = requires(
  {
    name: "trail-covers-all-regions",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Trails write down what is done in every region.",
    why: "Who gets in works where nobody looks.",
    fix: "Write isMultiRegionTrail: true.",
    control: fsbp(
      "CloudTrail should be enabled and configured with at least one multi-Region trail",
      ["CloudTrail.1"],
      ["CIS AWS 5.0.0 3.1"],
    ),
    types: ["aws:cloudtrail/trail:Trail"],
  },
  { path: "isMultiRegionTrail", value: true, otherwise: false, harm: "what is done in other regions leaves no trace" },
);
