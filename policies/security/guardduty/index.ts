import type { Policy } from "../../framework/policy.ts";
import { detectorIsOn } from "./detector-is-on.ts";
import { detectorLooksIntoMachines } from "./detector-looks-into-machines.ts";
import { detectorWatchesWhatRuns } from "./detector-watches-what-runs.ts";

/** What tells of an attack. */
export const guardduty: readonly Policy[] = [detectorIsOn, detectorWatchesWhatRuns, detectorLooksIntoMachines];
