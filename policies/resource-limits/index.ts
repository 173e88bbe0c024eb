import type { Policy } from "../framework/policy.ts";
import { containerHasLimits } from "./container-has-limits.ts";
import { containerLimitsWithinBounds } from "./container-limits-within-bounds.ts";
import { dataNodesWithinBudget } from "./data-nodes-within-budget.ts";
import { dockerHostHoldsContainers } from "./docker-host-holds-containers.ts";
import { gpusWithinBudget } from "./gpus-within-budget.ts";
import { hiddenContainerHasLimits } from "./hidden-container-has-limits.ts";
import { hiddenPodsAreKnown } from "./hidden-pods-are-known.ts";
import { instanceClassWithinBudget } from "./instance-class-within-budget.ts";
import { loadBalancersWithinBudget } from "./load-balancers-within-budget.ts";
import { namespaceHasQuota } from "./namespace-has-quota.ts";
import { namespaceWorkloadsFitQuota } from "./namespace-workloads-fit-quota.ts";
import { nodeCountWithinBudget } from "./node-count-within-budget.ts";
import { nodePoolsAreBounded } from "./node-pools-are-bounded.ts";
import { nodesHoldPods } from "./nodes-hold-pods.ts";
import { replicasAndDisruptionBudgetConsistent } from "./replicas-and-disruption-budget-consistent.ts";
import { volumeSizeWithinBudget } from "./volume-size-within-budget.ts";

/** From one container up to the whole environment. */
export const resourceLimits: readonly Policy[] = [
  containerHasLimits,
  containerLimitsWithinBounds,
  hiddenPodsAreKnown,
  hiddenContainerHasLimits,
  namespaceHasQuota,
  namespaceWorkloadsFitQuota,
  nodesHoldPods,
  nodePoolsAreBounded,
  dockerHostHoldsContainers,
  replicasAndDisruptionBudgetConsistent,
  instanceClassWithinBudget,
  volumeSizeWithinBudget,
  nodeCountWithinBudget,
  dataNodesWithinBudget,
  gpusWithinBudget,
  loadBalancersWithinBudget,
];
