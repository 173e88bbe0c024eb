import { dockerHostHoldsContainers } from "../../policies/resource-limits/docker-host-holds-containers.ts";
import { gpusWithinBudget } from "../../policies/resource-limits/gpus-within-budget.ts";
import { loadBalancersWithinBudget } from "../../policies/resource-limits/load-balancers-within-budget.ts";
import { replicasAndDisruptionBudgetConsistent } from "../../policies/resource-limits/replicas-and-disruption-budget-consistent.ts";
import { describePolicy } from "./cases.ts";
import { container, environment, service } from "./fixtures.ts";
import type { Fake } from "./harness.ts";

describePolicy({
  policy: dockerHostHoldsContainers,
  compliant: [container, service],
  config: { cpus: 1, memory: "2Gi" },
  breaks: [
    {
      path: "api/memory",
      value: 2048,
      says: /^The containers may use 3Gi of memory together, more than the 2Gi of docker-host-holds-containers\.memory; lower limits or replicas \(api has the largest\)\.$/,
    },
    {
      path: "api/cpus",
      value: "3.5",
      says: /^The containers may use 4\.5 cores together, more than 4 times the 1 core/,
    },
    {
      path: "chat/taskSpec/resources/limits",
      value: { nanoCpus: 1e9, memoryBytes: 3 * 2 ** 30 },
      says: /4Gi of memory together, .*\(chat has the largest\)/,
    },
  ],
  undecided: ["api/memory", "chat/taskSpec/resources/limits/memoryBytes"],
});

describePolicy({
  policy: dockerHostHoldsContainers,
  compliant: [{ ...container, props: { ...container.props, memory: 2 ** 20 } }],
  config: { memory: "1Ti" },
  breaks: [{ path: "api/memory", value: 2 ** 21, says: /2Ti/ }],
});

describePolicy({
  policy: dockerHostHoldsContainers,
  compliant: [service],
  config: { memory: "2Gi" },
  passes: [{ path: "chat/mode", value: { global: true } }],
  breaks: [{ path: "chat/mode", value: { replicated: { replicas: 3 } }, says: /3Gi of memory/ }],
});

const generic = { generic: { discreteResourcesSpecs: ["NVIDIA-GPU=1"] } };
const GPUS: readonly Fake[] = [
  { ...container, props: { ...container.props, gpus: "all" } },
  {
    ...service,
    props: {
      ...service.props,
      mode: { replicated: { replicas: 2 } },
      taskSpec: { resources: { reservation: { genericResources: generic.generic } } },
    },
  },
  ...environment,
];

describePolicy({
  policy: gpusWithinBudget,
  compliant: GPUS,
  config: { maxGpus: 3 },
  breaks: [
    {
      path: "api/gpus",
      value: "2",
      says: /^The containers ask for 4 GPUs together \(\w+ for 2\), above the 3 of gpus-within-budget\.maxGpus/,
    },
    { path: "chat/mode", value: { replicated: { replicas: 3 } }, says: /4 GPUs together \(chat for 3\)/ },
    {
      path: "web/spec/template/spec/containers/0/resources/limits",
      value: { "nvidia.com/gpu": 1 },
      says: /13 GPUs together \(Deployment web for 10\)/,
    },
  ],
  undecided: ["api/gpus"],
});

const balancer: Fake = { type: "aws:lb/loadBalancer:LoadBalancer", name: "front", props: {} };
const inCluster: Fake = { type: "kubernetes:core/v1:Service", name: "web", props: { spec: { type: "ClusterIP" } } };

describePolicy({
  policy: loadBalancersWithinBudget,
  compliant: [balancer, inCluster],
  config: { maxLoadBalancers: 1 },
  breaks: [
    {
      path: "web/spec/type",
      value: "LoadBalancer",
      says: /^The stack has 2 load balancers \(front and web\), above the 1 of load-balancers-within-budget\.maxLoadBalancers/,
    },
  ],
  undecided: ["web/spec/type"],
});

const scaled: readonly Fake[] = environment.map((resource) =>
  resource.name === "web-scale"
    ? {
        ...resource,
        type: "kubernetes:keda.sh/v1alpha1:ScaledObject",
        props: {
          metadata: { name: "web", namespace: "shop" },
          spec: { minReplicaCount: 3, maxReplicaCount: 10, scaleTargetRef: { name: "web" } },
        },
      }
    : resource,
);

describePolicy({
  policy: replicasAndDisruptionBudgetConsistent,
  compliant: scaled,
  passes: [{ path: "web-scale/spec/maxReplicaCount", value: undefined }],
  breaks: [
    {
      path: "web-scale/spec/maxReplicaCount",
      value: 2,
      says: /^ScaledObject web has minReplicaCount 3 above maxReplicaCount 2/,
    },
    { path: "web/spec/replicas", value: 3, says: /while ScaledObject web scales it/ },
    {
      path: "web-budget/spec/minAvailable",
      value: 3,
      says: /ScaledObject web goes down to 3, so no pod may be evicted/,
    },
  ],
  undecided: ["web-scale/spec/maxReplicaCount"],
});
