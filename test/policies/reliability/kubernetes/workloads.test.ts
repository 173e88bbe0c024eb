import assert from "node:assert/strict";
import { autoscalerFindsRequests } from "../../../../policies/reliability/kubernetes/autoscaler-finds-requests.ts";
import { workloadHasDisruptionBudget } from "../../../../policies/reliability/kubernetes/workload-has-disruption-budget.ts";
import { workloadHasSpareReplica } from "../../../../policies/reliability/kubernetes/workload-has-spare-replica.ts";
import { workloadSpreadsOverZones } from "../../../../policies/reliability/kubernetes/workload-spreads-over-zones.ts";
import { workloadUpdatesRolling } from "../../../../policies/reliability/kubernetes/workload-updates-rolling.ts";
import { describePolicy } from "../../cases.ts";
import { changed } from "../../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../../harness.ts";
import { deployment, hardened, inShop, podSpec, workloads } from "../../kubernetes-fixtures.ts";

const POD = "web/spec/template/spec";
const template = { metadata: { labels: { app: "web" } }, spec: podSpec };
const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };
const cpu = { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } };
const autoscaler = inShop("autoscaling/v2:HorizontalPodAutoscaler", "scale", {
  spec: { minReplicas: 3, maxReplicas: 9, scaleTargetRef: target, metrics: [cpu] },
});
const scaled = changed("web/spec/replicas", undefined, [deployment]);
const budget = inShop("policy/v1:PodDisruptionBudget", "budget", {
  spec: { maxUnavailable: 1, selector: { matchLabels: { app: "web" } } },
});
const rollout: Fake = inShop("argoproj.io/v1alpha1:Rollout", "release", { spec: { replicas: 2, template } });

describePolicy({
  policy: workloadHasSpareReplica,
  compliant: [deployment, rollout],
  config: { single: ["shop/leader"] },
  passes: [
    { path: "web/metadata/name", value: "other" },
    { path: "web/metadata/namespace", value: "kube-system" },
    { path: "web/spec/replicas", value: 0 },
    { path: "release/spec/replicas", value: 0 },
  ],
  breaks: [
    {
      path: "web/spec/replicas",
      value: 1,
      says: /^Deployment web has 1 of the 2 pods that are wanted; set spec\.replicas to at least 2\.$/,
    },
    { path: "web/spec/replicas", value: undefined, says: /Deployment web has 1/ },
    { path: "release/spec/replicas", value: 1, says: /^Rollout release has 1/ },
  ],
  undecided: ["web/spec/replicas"],
});

describePolicy({
  policy: workloadHasSpareReplica,
  compliant: [...scaled, autoscaler],
  breaks: [
    {
      path: "scale/spec/minReplicas",
      value: 1,
      says: /^Deployment web goes down to 1 under HorizontalPodAutoscaler scale of the 2 pods that are wanted; set the least of HorizontalPodAutoscaler scale to at least 2\.$/,
    },
    { path: "scale/spec/minReplicas", value: undefined, says: /goes down to 1/ },
    { path: "scale/metadata/namespace", value: "other", says: /Deployment web has 1/ },
  ],
  undecided: ["scale/spec/minReplicas"],
});

describe("workload-has-spare-replica", () => {
  it("leaves out what is named, and what an event scaler takes to zero", () => {
    const one = changed("web/spec/replicas", 1, [deployment]);
    assert.deepEqual(say(workloadHasSpareReplica, one, { single: ["shop/web"] }), []);
    const event = inShop("keda.sh/v1alpha1:ScaledObject", "queue", { spec: { scaleTargetRef: { name: "web" } } });
    assert.deepEqual(say(workloadHasSpareReplica, [...scaled, event]), []);
    const least = changed("queue/spec/minReplicaCount", 1, [event]);
    assert.match(
      say(workloadHasSpareReplica, [...scaled, ...least])[0] ?? "",
      /goes down to 1 under ScaledObject queue/,
    );
  });

  it("finds the autoscaler whose target's name is not known by what it comes from", () => {
    const open = changed("scale/spec/scaleTargetRef/name", UNKNOWN, [{ ...autoscaler, from: { spec: ["web"] } }]);
    assert.deepEqual(say(workloadHasSpareReplica, [...scaled, ...open]), []);
  });

  it("sees what a Helm release keeps up, by its chart's own names", () => {
    const values = { replicas: 1, settings: { clusterName: "main" } };
    const release: Fake = {
      type: "kubernetes:helm.sh/v3:Release",
      name: "scaling",
      props: { name: "karpenter", chart: "karpenter", namespace: "karpenter", version: "1.14.0", values },
    };
    assert.deepEqual(say(workloadHasSpareReplica, [release]), [
      "mandatory: Deployment karpenter of Release karpenter has 1 of the 2 pods that are wanted; raise its replicas.",
    ]);
    assert.deepEqual(say(workloadHasSpareReplica, [release], { single: ["karpenter/karpenter"] }), []);
    assert.deepEqual(say(workloadHasSpareReplica, changed("scaling/values/replicas", 2, [release])), []);
  });

  it("asks for as many as the stack's part of the config says", () => {
    const config = { stacks: { "prod*": { least: 4 } } };
    assert.deepEqual(say(workloadHasSpareReplica, [deployment], config), []);
    assert.match(say(workloadHasSpareReplica, [deployment], config, "prod")[0] ?? "", /has 3 of the 4 pods/);
  });
});

const anti = (terms: object) => ({ podAntiAffinity: terms });
const zone = { topologyKey: "topology.kubernetes.io/zone", labelSelector: { matchLabels: { app: "web" } } };

describePolicy({
  policy: workloadSpreadsOverZones,
  compliant: [deployment, rollout, ...workloads.filter(({ name }) => name !== "release")],
  breaks: [
    {
      path: `${POD}/topologySpreadConstraints`,
      value: [],
      says: /^Deployment web does not spread its pods over topology\.kubernetes\.io\/zone; add a constraint to spec\.template\.spec\.topologySpreadConstraints\.$/,
    },
    {
      path: `${POD}/topologySpreadConstraints/0/topologyKey`,
      value: "kubernetes.io/hostname",
      says: /does not spread/,
    },
    { path: "release/spec/template/spec/topologySpreadConstraints", value: undefined, says: /^Rollout release/ },
  ],
  undecided: [`${POD}/topologySpreadConstraints`],
});

it("workload-spreads-over-zones takes anti-affinity, and passes what has one pod", () => {
  const bare = changed(`${POD}/topologySpreadConstraints`, [], [deployment]);
  const required = anti({ requiredDuringSchedulingIgnoredDuringExecution: [zone] });
  assert.deepEqual(say(workloadSpreadsOverZones, changed(`${POD}/affinity`, required, bare)), []);
  const preferred = anti({ preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: zone }] });
  assert.deepEqual(say(workloadSpreadsOverZones, changed(`${POD}/affinity`, preferred, bare)), []);
  assert.deepEqual(say(workloadSpreadsOverZones, changed("web/spec/replicas", 1, bare)), []);
});

describePolicy({
  policy: workloadHasDisruptionBudget,
  compliant: [deployment, rollout, budget],
  passes: [
    { path: "budget/spec/selector", value: { matchLabels: {} } },
    { path: "budget/spec/selector", value: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
  ],
  breaks: [
    {
      path: "release/spec/template/metadata/labels",
      value: { app: "other" },
      says: /^Rollout release has 2 pods and no PodDisruptionBudget; add one in namespace shop that selects them, with maxUnavailable 1\.$/,
    },
  ],
});

describePolicy({
  policy: workloadHasDisruptionBudget,
  compliant: [deployment, budget],
  passes: [{ path: "web/spec/replicas", value: 1 }],
  breaks: [
    { path: "budget/metadata/namespace", value: "other", says: /^Deployment web has 3 pods/ },
    { path: "budget/spec/selector/matchLabels", value: { app: "db" }, says: /Deployment web has 3 pods/ },
  ],
  undecided: ["budget/spec/selector", "web/spec/template/metadata/labels"],
});

describePolicy({
  policy: workloadUpdatesRolling,
  compliant: [deployment, ...workloads],
  passes: [
    { path: "web/spec/strategy", value: undefined },
    { path: "web/spec/strategy/rollingUpdate/maxUnavailable", value: "25%" },
  ],
  breaks: [
    {
      path: "web/spec/strategy",
      value: { type: "Recreate" },
      says: /^Deployment web stops all its pods before it starts new ones \(Recreate\); set spec\.strategy\.type to "RollingUpdate"\.$/,
    },
    {
      path: "web/spec/strategy/rollingUpdate/maxUnavailable",
      value: "100%",
      says: /may stop all its pods at once \(maxUnavailable "100%"\)/,
    },
    { path: "web/spec/strategy/rollingUpdate/maxUnavailable", value: 3, says: /maxUnavailable 3/ },
    {
      path: "data/spec/updateStrategy",
      value: { type: "OnDelete" },
      says: /^StatefulSet data is updated only as somebody deletes its pods \(OnDelete\); set spec\.updateStrategy\.type/,
    },
  ],
  undecided: ["web/spec/strategy/type", "data/spec/updateStrategy"],
});

it("workload-updates-rolling passes Recreate where a disk goes from pod to pod", () => {
  const recreate = changed("web/spec/strategy", { type: "Recreate" }, [deployment]);
  const disk = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  assert.deepEqual(say(workloadUpdatesRolling, changed(`${POD}/volumes`, disk, recreate)), []);
});

describePolicy({
  policy: autoscalerFindsRequests,
  compliant: [...scaled, autoscaler],
  passes: [
    { path: `${POD}/containers/0/resources`, value: { limits: { cpu: "1" } } },
    {
      path: "scale/spec/metrics",
      value: [{ type: "Resource", resource: { name: "memory", target: { averageValue: "1Gi" } } }],
    },
  ],
  breaks: [
    {
      path: `${POD}/containers/0/resources`,
      value: { requests: { memory: "1Gi" } },
      says: /^Container api of Deployment web has no cpu request, by which HorizontalPodAutoscaler scale scales; set spec\.template\.spec\.containers\[0\]\.resources\.requests\.cpu\.$/,
    },
    {
      path: `${POD}/containers`,
      value: [hardened, { name: "proxy" }],
      says: /^Container proxy of Deployment web has no cpu request/,
    },
  ],
  undecided: ["scale/spec/metrics", `${POD}/containers/0/resources`],
});

it("autoscaler-finds-requests takes an autoscaler without metrics for one by CPU, as Kubernetes does", () => {
  const bare = changed(`${POD}/containers/0/resources`, {}, scaled);
  for (const metrics of [undefined, []]) {
    const scaler = changed("scale/spec/metrics", metrics, [autoscaler]);
    assert.match(say(autoscalerFindsRequests, [...bare, ...scaler])[0] ?? "", /has no cpu request/);
    assert.deepEqual(say(autoscalerFindsRequests, [...scaled, ...scaler]), []);
  }
});

it("autoscaler-finds-requests is undecided while a limit is not known, which may be the request", () => {
  const open = changed(`${POD}/containers/0/resources`, { limits: { cpu: UNKNOWN } }, scaled);
  const found = say(autoscalerFindsRequests, [...open, autoscaler]);
  assert.equal(found.length, 1);
  assert.match(found[0] ?? "", /^advisory: Undecided until up: /);
});

it("autoscaler-finds-requests looks at one container where the metric names one", () => {
  const metric = {
    type: "ContainerResource",
    containerResource: { name: "cpu", container: "api", target: { averageUtilization: 70 } },
  };
  const two = changed(`${POD}/containers`, [hardened, { name: "proxy" }], scaled);
  assert.deepEqual(
    say(autoscalerFindsRequests, [...two, ...changed("scale/spec/metrics", [metric], [autoscaler])]),
    [],
  );
  const first = { ...autoscaler, type: "kubernetes:autoscaling/v1:HorizontalPodAutoscaler" };
  const old = changed("scale/spec", { maxReplicas: 4, scaleTargetRef: target, targetCPUUtilizationPercentage: 70 }, [
    first,
  ]);
  assert.equal(say(autoscalerFindsRequests, [...two, ...old]).length, 1);
});
