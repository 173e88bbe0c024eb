import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";
import { DETECTOR } from "./detectors.ts";

export const detectorIsOn = requires(
  {
    name: "detector-is-on",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Detectors of GuardDuty are switched on.",
    why: "A detector that is off sees no stolen keys, no strange calls and no mining of coins.",
    fix: "Write enable: true, or leave it out.",
    control: fsbp("GuardDuty should be enabled", ["GuardDuty.1"]),
    types: [DETECTOR],
  },
  { path: "enable", value: true, otherwise: true, harm: "nobody is told of an attack in this region" },
);
