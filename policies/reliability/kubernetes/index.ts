import type { Policy } from "../../framework/policy.ts";
import { autoscalerFindsRequests } from "./autoscaler-finds-requests.ts";
import { containerHasProbes } from "./container-has-probes.ts";
import { cronJobIsBounded } from "./cron-job-is-bounded.ts";
import { imageIsImmutable } from "./image-is-immutable.ts";
import { jobIsBounded } from "./job-is-bounded.ts";
import { podHasPriority } from "./pod-has-priority.ts";
import { podStopsGracefully } from "./pod-stops-gracefully.ts";
import { statefulSetKeepsClaims } from "./stateful-set-keeps-claims.ts";
import { workloadHasDisruptionBudget } from "./workload-has-disruption-budget.ts";
import { workloadHasSpareReplica } from "./workload-has-spare-replica.ts";
import { workloadSpreadsOverZones } from "./workload-spreads-over-zones.ts";
import { workloadUpdatesRolling } from "./workload-updates-rolling.ts";

export const kubernetes: readonly Policy[] = [
  autoscalerFindsRequests,
  containerHasProbes,
  cronJobIsBounded,
  imageIsImmutable,
  jobIsBounded,
  podHasPriority,
  podStopsGracefully,
  statefulSetKeepsClaims,
  workloadHasDisruptionBudget,
  workloadHasSpareReplica,
  workloadSpreadsOverZones,
  workloadUpdatesRolling,
];
