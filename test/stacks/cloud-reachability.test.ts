import assert from "node:assert/strict";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup, Side } from "@groundwork/lib/reachability";
import { before, describe, it } from "mocha";
import { labelsOf } from "../../components/mongodb/percona-spec.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { waypointPeers } from "../../components/cluster/mesh-waypoint.ts";
import { gatewayPeers } from "../../components/gateway/kubernetes.ts";
import { kongPeers } from "../../components/gateway/kong.ts";
import type { Peers } from "../../components/cluster/flow-policies.ts";
import { inRegion } from "./cloud-fixture-systems.ts";
import type { Region } from "./cloud-fixture-systems.ts";

/** Addresses in the subnets of 10.0.0.0/16, and one outside. */
const POD = "10.0.8.10";
const BALANCER = "10.0.128.10";
const DATABASE = "10.0.160.10";
const INTERNET = "93.184.216.34";
const HBONE = 15_008;

const pod = (namespace: string, name: string): PodGroup => ({
  namespace,
  labels: { "app.kubernetes.io/name": name },
  podAddress: POD,
});
/** The pods that peers name. */
function podsOf(peers: Peers): PodGroup {
  assert.ok("pods" in peers);
  return { namespace: peers.pods.namespace ?? "", labels: peers.pods.labels, podAddress: POD };
}

const ENVOY = podsOf(gatewayPeers(0));
const KONG = podsOf(kongPeers(0));
const WAYPOINT = podsOf(waypointPeers("web-platform-waypoint"));
const EGRESS = podsOf(waypointPeers("istio-egress"));
const PROMETHEUS = pod("monitoring", "prometheus");
/** Pods that have no business with any system, in namespaces of their own. */
const STRANGERS = [pod("monitoring", "grafana"), pod("velero", "velero"), pod("keda", "keda-operator")];

interface Workload {
  readonly system: string;
  readonly spec: WorkloadSpec;
  readonly pods: PodGroup;
  readonly port: number;
}

describe("all five systems in one region: who reaches whom", () => {
  let workloads: readonly Workload[];
  let policies: readonly NetworkPolicy[];
  let region: Region;
  before(async () => {
    region = await inRegion();
    policies = region.objects("NetworkPolicy");
    workloads = region.systems.flatMap(({ name: system, workloads: specs }) =>
      specs.map((spec) => ({
        system,
        spec,
        pods: pod(system, spec.name),
        port: spec.ports[0]?.containerPort ?? assert.fail(spec.name),
      })),
    );
  });
  const isOpen = (from: Side, to: Side, port: number) => isAllowed(policies, { from, to, port });
  const web = (name: string) => pod("web-platform", name);

  it("a workload those that it calls, and no other of any system", () => {
    for (const to of workloads)
      for (const from of workloads) {
        if (from === to) continue;
        // where a waypoint stands between them, neither sees the other
        const isCalled = from.system === to.system && from.spec.calls?.includes(to.spec.name) === true;
        const isDirect = isCalled && to.system !== "web-platform";
        assert.equal(isOpen(from.pods, to.pods, to.port), isDirect, `${from.spec.name} -> ${to.spec.name}`);
      }
  });

  it("what is exposed, the gateway of its system alone", () => {
    for (const { system, spec, pods, port } of workloads)
      for (const [front, from] of [
        ["envoy", ENVOY],
        ["kong", KONG],
      ] as const) {
        const isFront = spec.exposure !== undefined && (front === "kong") === (system === "web-platform");
        assert.equal(isOpen(from, pods, port), isFront, `${front} -> ${system}/${spec.name}`);
      }
  });

  it("the gateway the balancer alone, and Kong the gateway alone", () => {
    assert.ok(isOpen({ address: BALANCER }, ENVOY, 10_443));
    assert.ok(isOpen(ENVOY, KONG, 8000));
    for (const stranger of [...STRANGERS, ...workloads.map(({ pods }) => pods), { address: INTERNET }]) {
      assert.ok(!isOpen(stranger, ENVOY, 10_443), JSON.stringify(stranger));
      assert.ok(!isOpen(stranger, KONG, 8000), JSON.stringify(stranger));
    }
  });

  it("every workload Prometheus, and nobody else without a reason", () => {
    for (const { spec, pods, port } of workloads) {
      assert.ok(isOpen(PROMETHEUS, pods, port), spec.name);
      for (const stranger of [...STRANGERS, { address: BALANCER }, { address: INTERNET }])
        assert.ok(!isOpen(stranger, pods, port), `${JSON.stringify(stranger)} -> ${spec.name}`);
    }
  });

  it("a workload the data tiers that it needs", () => {
    const broker = pod("tracks-rabbitmq", "rabbitmq");
    const router = { ...pod("finai-nexus-mongodb", ""), labels: labelsOf("mongodb", "mongos") };
    for (const { system, spec, pods } of workloads) {
      const cases: readonly (readonly [tier: WorkloadSpec["needs"][number], side: Side, port: number])[] = [
        ["postgres", { address: DATABASE }, 5432],
        ["redis", { address: DATABASE }, 6379],
        ["rabbitmq", broker, 5672],
        ["mongodb", router, 27_017],
      ];
      for (const [tier, side, port] of cases)
        assert.equal(isOpen(pods, side, port), spec.needs.includes(tier), `${system}/${spec.name} -> ${tier}`);
    }
    assert.ok(isOpen(pod("keda", "keda-operator"), broker, 5672), "KEDA asks for the queue's length");
    assert.ok(!isOpen(pod("monitoring", "grafana"), broker, 5672));
  });

  it("the internet by name only, through the way out of the mesh", () => {
    for (const { system, spec, pods } of workloads) {
      assert.ok(!isOpen(pods, { address: INTERNET }, 443), spec.name);
      assert.equal(isOpen(pods, EGRESS, HBONE), spec.internetHosts !== undefined, `${system}/${spec.name}`);
    }
    assert.ok(isOpen(EGRESS, { address: INTERNET }, 443));
    assert.ok(!isOpen(EGRESS, { address: INTERNET }, 80));
    const known = region.objects("ServiceEntry").map(({ spec }) => (spec["hosts"] as string[])[0]);
    const wanted = workloads.flatMap(({ spec }) => spec.internetHosts ?? []);
    assert.deepEqual(known.sort(), wanted.sort());
  });

  it("a neighbour in the mesh through the waypoint, which alone reaches it", () => {
    assert.ok(isOpen(web("fastapi"), WAYPOINT, HBONE));
    assert.ok(isOpen(WAYPOINT, web("flask"), HBONE));
    assert.ok(isOpen(WAYPOINT, web("analytics"), HBONE));
    assert.ok(!isOpen(WAYPOINT, web("fastapi"), HBONE), "nobody calls it");
    assert.ok(!isOpen(pod("flowx", "orchestrator"), WAYPOINT, HBONE));
  });

  it("in the mesh whoever is named by its account, and nobody in the clear", () => {
    const { spec } = region.named("PeerAuthentication", "web-platform", "default");
    assert.deepEqual(spec["mtls"], { mode: "STRICT" });
    const stack = region.resources.find(({ inputs }) => inputs["chart"] === "kube-prometheus-stack");
    assert.match(
      JSON.stringify(stack?.inputs["values"]),
      /"podMetadata":\{"labels":\{"istio.io\/dataplane-mode":"ambient"/,
    );
    const principals = (name: string) => {
      const { rules = [] } = region.named("AuthorizationPolicy", "web-platform", name).spec as {
        rules?: { from: { source: { principals: string[] } }[] }[];
      };
      return rules.flatMap(({ from }) => from.flatMap(({ source }) => source.principals));
    };
    const account = (namespace: string, name: string) => `cluster.local/ns/${namespace}/sa/${name}`;
    const prometheus = account("monitoring", "kube-prometheus-stack-prometheus");
    const waypoint = account("web-platform-waypoint", "waypoint");
    assert.deepEqual(principals("fastapi"), [account("kong", "kong"), prometheus]);
    assert.deepEqual(principals("analytics"), [waypoint, prometheus]);
    assert.deepEqual(principals("analytics-waypoint"), [
      account("web-platform", "fastapi"),
      account("web-platform", "flask"),
    ]);
  });
});
