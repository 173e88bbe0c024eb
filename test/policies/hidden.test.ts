import { hiddenContainerHasLimits } from "../../policies/resource-limits/hidden-container-has-limits.ts";
import { hiddenPodsAreKnown } from "../../policies/resource-limits/hidden-pods-are-known.ts";
import { namespaceWorkloadsFitQuota } from "../../policies/resource-limits/namespace-workloads-fit-quota.ts";
import { nodePoolsAreBounded } from "../../policies/resource-limits/node-pools-are-bounded.ts";
import { nodesHoldPods } from "../../policies/resource-limits/nodes-hold-pods.ts";
import { describePolicy } from "./cases.ts";
import { changed, environment } from "./fixtures.ts";
import { type Fake, UNKNOWN } from "./harness.ts";

/** A new one each time: what a test breaks in one place must not break in another. */
const size = () => ({ requests: { cpu: "500m", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } });

const release: Fake = {
  type: "kubernetes:helm.sh/v3:Release",
  name: "certificates",
  provider: "k8s",
  props: {
    name: "certificates",
    namespace: "shop",
    chart: "cert-manager",
    version: "v1.19.1",
    values: {
      replicaCount: 1,
      resources: size(),
      webhook: { resources: size() },
      cainjector: { resources: size() },
      startupapicheck: { enabled: false },
    },
  },
  outputs: {},
};
const addon: Fake = {
  type: "aws:eks/addon:Addon",
  name: "metrics",
  props: {
    clusterName: "main",
    addonName: "metrics-server",
    configurationValues: JSON.stringify({ replicas: 2, resources: size() }),
  },
  from: { clusterName: ["main"] },
};
const queue: Fake = {
  type: "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster",
  name: "queue",
  provider: "k8s",
  props: {
    metadata: { name: "queue", namespace: "shop" },
    spec: { replicas: 3, resources: size(), persistence: { storage: "10Gi" } },
  },
  outputs: {},
};
const HIDDEN = [...environment, release, addon, queue];

describePolicy({
  policy: hiddenPodsAreKnown,
  compliant: [release, addon, queue],
  breaks: [
    {
      path: "certificates/chart",
      value: "oci://example.com/my-chart",
      says: /^Nobody can tell which pods Release certificates makes: chart .*my-chart has no expander; .*, or accept my-chart in hidden-pods-are-known\.accepted\.$/,
    },
    {
      path: "metrics/addonName",
      value: "adot",
      says: /which pods EKS add-on adot makes: EKS add-on adot has no expander/,
    },
    { path: "metrics/configurationValues", value: "replicas: 2", says: /its inputs cannot be read/ },
  ],
  undecided: ["certificates/chart", "metrics/addonName"],
});

describePolicy({
  policy: hiddenPodsAreKnown,
  compliant: [{ ...release, props: { ...release.props, chart: "my-chart" } }],
  config: { accepted: ["my-*"] },
  breaks: [{ path: "certificates/chart", value: "your-chart", says: /your-chart/ }],
});

describePolicy({
  policy: hiddenContainerHasLimits,
  compliant: [release, addon, queue],
  breaks: [
    {
      path: "certificates/values/webhook/resources/limits",
      value: undefined,
      level: "advisory",
      says: /^In Release certificates, container \S+ of Deployment certificates-cert-manager-webhook has no memory limit; set resources in its values\.$/,
    },
    {
      path: "metrics/configurationValues",
      value: JSON.stringify({ resources: { requests: { cpu: "1" } } }),
      level: "advisory",
      says: /^In EKS add-on metrics-server, container metrics-server of Deployment metrics-server has no memory limit and memory request; set resources in its configurationValues\.$/,
    },
    {
      path: "queue/spec/resources",
      value: { requests: { memory: "1Gi" }, limits: { memory: "1Gi" } },
      says: /^In RabbitmqCluster queue, container rabbitmq of StatefulSet \S+ has no CPU request; set resources in its spec\.$/,
    },
  ],
});

const roomy = changed("quota/spec/hard", { "requests.cpu": "20" }, HIDDEN);

describePolicy({
  policy: namespaceWorkloadsFitQuota,
  compliant: roomy,
  passes: [
    { path: "quota/spec/hard", value: { "requests.storage": "30Gi", persistentvolumeclaims: "3" } },
    { path: "quota/spec/hard", value: { "requests.nvidia.com/gpu": "0", "services.nodeports": "0" } },
  ],
  breaks: [
    { path: "queue/spec/replicas", value: 40, says: /^The workloads need 23 cores of requests\.cpu at their minimum/ },
    { path: "certificates/values/replicaCount", value: 40, says: /need 24 cores .* more than the 20 cores/ },
    {
      path: "quota/spec/hard",
      value: { "requests.storage": "20Gi" },
      says: /^The workloads need 30Gi of requests\.storage together, more than the 20Gi/,
    },
    {
      path: "quota/spec/hard",
      value: { persistentvolumeclaims: "2" },
      says: /need 3 of persistentvolumeclaims together/,
    },
  ],
  undecided: ["queue/spec/replicas", "certificates/values/replicaCount", "certificates/values/webhook/resources"],
});

describePolicy({
  policy: namespaceWorkloadsFitQuota,
  compliant: changed("certificates/values/serviceAccountName", UNKNOWN, roomy),
  passes: [{ path: "certificates/values/backupStorageLocation", value: UNKNOWN }],
  breaks: [{ path: "quota/spec/hard", value: { pods: "3" }, says: /of pods at their minimum/ }],
});

describePolicy({
  policy: nodesHoldPods,
  compliant: HIDDEN,
  breaks: [
    { path: "queue/spec/replicas", value: 40, says: /pods of StatefulSet \S+ of RabbitmqCluster queue \(500m, 1Gi\)/ },
  ],
});

const pool: Fake = {
  type: "kubernetes:karpenter.sh/v1:NodePool",
  name: "pool",
  provider: "k8s",
  props: { metadata: { name: "pool" }, spec: { limits: { cpu: "20", memory: "80Gi" } } },
  outputs: {},
};

describePolicy({
  policy: nodePoolsAreBounded,
  compliant: [...HIDDEN, pool],
  breaks: [
    {
      path: "pool/spec/limits",
      value: undefined,
      says: /^NodePool pool has no limits, so that it may buy nodes without end; set spec\.limits/,
    },
    {
      path: "queue/spec/replicas",
      value: 90,
      says: /^The pods request .* of cpu at their minimum, more than the .* that NodePool pool and node group general may have together/,
    },
    {
      path: "web-scale/spec/maxReplicas",
      value: 200,
      level: "advisory",
      says: /when the autoscalers reach their maximum/,
    },
  ],
  undecided: ["pool/spec/limits"],
});
