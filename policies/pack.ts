import { data } from "./aws/data.ts";
import type { Policy } from "./framework/policy.ts";
import { hygiene } from "./hygiene/index.ts";
import { containerHasLimits } from "./resource-limits/container-has-limits.ts";
import { containerLimitsWithinBounds } from "./resource-limits/container-limits-within-bounds.ts";
import { dataNodesWithinBudget } from "./resource-limits/data-nodes-within-budget.ts";
import { instanceClassWithinBudget } from "./resource-limits/instance-class-within-budget.ts";
import { namespaceHasQuota } from "./resource-limits/namespace-has-quota.ts";
import { namespaceWorkloadsFitQuota } from "./resource-limits/namespace-workloads-fit-quota.ts";
import { nodeCountWithinBudget } from "./resource-limits/node-count-within-budget.ts";
import { nodesHoldPods } from "./resource-limits/nodes-hold-pods.ts";
import { replicasAndDisruptionBudgetConsistent } from "./resource-limits/replicas-and-disruption-budget-consistent.ts";
import { volumeSizeWithinBudget } from "./resource-limits/volume-size-within-budget.ts";
import { ec2 } from "./security/ec2/index.ts";
import { ecr } from "./security/ecr/index.ts";
import { eks } from "./security/eks/index.ts";
import { elb } from "./security/elb/index.ts";
import { iam } from "./security/iam/index.ts";
import { docker as reliableDocker } from "./reliability/docker/index.ts";
import { docker as secureDocker } from "./security/docker/index.ts";
import { kubernetes as secureKubernetes } from "./security/kubernetes/index.ts";

/** Every policy of the pack, from one container up to the whole environment. */
export const pack: readonly Policy[] = [
  containerHasLimits,
  containerLimitsWithinBounds,
  namespaceHasQuota,
  namespaceWorkloadsFitQuota,
  nodesHoldPods,
  replicasAndDisruptionBudgetConsistent,
  instanceClassWithinBudget,
  volumeSizeWithinBudget,
  nodeCountWithinBudget,
  dataNodesWithinBudget,
  ...eks,
  ...ec2,
  ...elb,
  ...ecr,
  ...iam,
  ...data,
  ...reliableDocker,
  ...secureDocker,
  ...secureKubernetes,
  ...hygiene,
];
