import { Gateway, HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { DestinationRule, ServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1";
import { AuthorizationPolicy, PeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1";
import type { IAuthorizationPolicy } from "@kubernetes-models/istio/security.istio.io/v1";
import { Telemetry } from "@kubernetes-models/istio/telemetry.istio.io/v1";
import * as kubernetes from "@pulumi/kubernetes";
import { customKind } from "@groundwork/lib/crds";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup, Side } from "@groundwork/lib/reachability";
import assert from "node:assert/strict";
import { EGRESS_NAMESPACE, EGRESS_PEERS, MeshEgress } from "../../../components/cluster/mesh-egress.ts";
import { createMeshNetwork } from "../../../components/cluster/mesh-network.ts";
import { authorizations } from "../../../components/cluster/mesh-objects.ts";
import { SystemMesh } from "../../../components/cluster/mesh.ts";
import type { MeshPlan, SystemMeshArgs } from "../../../components/cluster/mesh.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";

interface Checked {
  validate(): void;
}
const MODELS: Readonly<Record<string, (data: never) => Checked>> = {
  "gateway.networking.k8s.io/v1:Gateway": (data) => new Gateway(data),
  "gateway.networking.k8s.io/v1:HTTPRoute": (data) => new HTTPRoute(data),
  "networking.istio.io/v1:DestinationRule": (data) => new DestinationRule(data),
  "networking.istio.io/v1:ServiceEntry": (data) => new ServiceEntry(data),
  "security.istio.io/v1:AuthorizationPolicy": (data) => new AuthorizationPolicy(data),
  "security.istio.io/v1:PeerAuthentication": (data) => new PeerAuthentication(data),
  "telemetry.istio.io/v1:Telemetry": (data) => new Telemetry(data),
};
const nothing = () => ({});
const OUTPUTS: Outputs = Object.fromEntries(
  [
    ...Object.keys(MODELS),
    "core/v1:Namespace",
    "core/v1:ConfigMap",
    "core/v1:ResourceQuota",
    "core/v1:LimitRange",
    "networking.k8s.io/v1:NetworkPolicy",
  ].map((kind) => [`kubernetes:${kind}`, nothing]),
);

const port = { name: "http", containerPort: 8080 };
const PLAN: MeshPlan = {
  namespace: "flowx",
  workloads: [
    { name: "web", ports: [port], calls: ["api"], exposure: { path: "/", public: true } },
    { name: "api", ports: [port], calls: ["orders"] },
    { name: "orders", ports: [port] },
    { name: "worker", ports: [] },
  ],
  gateway: { namespace: "envoy-gateway-system", name: "gateway" },
};
const WAYPOINT = { namespace: "flowx-mesh", name: "waypoint" };

const run = async (program: (provider: kubernetes.Provider) => void): Promise<readonly Registered[]> =>
  registered(() => {
    program(new kubernetes.Provider("west", { kubeconfig: "{}" }));
  }, OUTPUTS);

const mesh = async (changes: Partial<SystemMeshArgs> = {}) =>
  run((provider) => {
    new SystemMesh("flowx-mesh", { ...PLAN, after: [], ...changes }, { providers: [provider] });
  });

function validated(resources: readonly Registered[]): readonly string[] {
  const objects = resources.filter(({ type }) => type.replace("kubernetes:", "") in MODELS);
  for (const { type, inputs, name } of objects) {
    const [apiVersion = "", kind = ""] = type.replace("kubernetes:", "").split(":");
    assert.ok(customKind(apiVersion, kind), name);
    MODELS[`${apiVersion}:${kind}`]?.(inputs as never).validate();
  }
  return objects.map(({ type }) => type.split(":").at(-1) ?? "");
}

/** Who may call the workload, by the policies' principals. */
function callers(policies: readonly IAuthorizationPolicy[], name: string): readonly string[] {
  const policy = policies.find((each) => each.metadata?.name === name);
  assert.equal(policy?.spec?.action, "ALLOW", name);
  const sources = (policy.spec.rules ?? []).flatMap(({ from = [] }) => from);
  return sources.flatMap(({ source }) => source?.principals ?? []);
}

describe("a system in the mesh", () => {
  const account = (namespace: string, name: string) => `cluster.local/ns/${namespace}/sa/${name}`;

  it("writes objects that their models accept, of kinds that an add-on declares", async () => {
    const kinds = validated(await mesh({ waypoint: WAYPOINT, tracePercent: 10 }));
    assert.deepEqual([...new Set(kinds)].sort(), [
      "AuthorizationPolicy",
      "DestinationRule",
      "HTTPRoute",
      "PeerAuthentication",
      "Telemetry",
    ]);
  });

  it("speaks mutual TLS only, and denies what nobody allows", async () => {
    const resources = await mesh();
    const [peer] = resources.filter(({ type }) => type.endsWith(":PeerAuthentication"));
    assert.deepEqual(peer?.inputs["spec"], { mtls: { mode: "STRICT" } });
    assert.deepEqual(authorizations(PLAN)[0]?.spec, {});
  });

  it("lets a workload be called by those that say so, by the gateway where it is exposed, and by nobody else", () => {
    const policies = authorizations(PLAN);
    assert.deepEqual(callers(policies, "web"), [account("envoy-gateway-system", "gateway")]);
    assert.deepEqual(callers(policies, "api"), [account("flowx", "web")]);
    assert.deepEqual(callers(policies, "orders"), [account("flowx", "api")]);
    assert.deepEqual(callers(policies, "worker"), []);
    const [rule] = policies.find(({ metadata }) => metadata?.name === "api")?.spec?.rules ?? [];
    assert.deepEqual(rule?.to, [{ operation: { ports: ["8080"] } }]);
  });

  it("lets Prometheus ask everything that has a port", () => {
    const policies = authorizations({ ...PLAN, monitoring: { namespace: "monitoring", name: "prometheus" } });
    for (const name of ["web", "api", "orders"])
      assert.ok(callers(policies, name).includes(account("monitoring", "prometheus")));
  });

  it("puts a waypoint between callers and called, which alone may call and is told who may", () => {
    const policies = authorizations({ ...PLAN, waypoint: WAYPOINT });
    assert.deepEqual(callers(policies, "api"), [account("flowx-mesh", "waypoint")]);
    assert.deepEqual(callers(policies, "api-waypoint"), [account("flowx", "web")]);
    const target = policies.find(({ metadata }) => metadata?.name === "api-waypoint")?.spec?.targetRefs;
    assert.deepEqual(target, [{ group: "", kind: "Service", name: "api" }]);
    assert.deepEqual(callers(policies, "web"), [account("envoy-gateway-system", "gateway")]);
  });

  it("looks into calls only where a waypoint does it", async () => {
    const kinds = validated(await mesh());
    assert.ok(!kinds.includes("DestinationRule") && !kinds.includes("HTTPRoute"));
    const [breaker] = (await mesh({ waypoint: WAYPOINT })).filter(({ type }) => type.endsWith(":DestinationRule"));
    const { host } = breaker?.inputs["spec"] as { host: string };
    assert.match(host, /^(?:api|orders)\.flowx\.svc\.cluster\.local$/);
  });

  it("refuses what it could not carry out", async () => {
    await assert.rejects(mesh({ workloads: [{ name: "web", ports: [port], calls: ["nobody"] }] }), {
      message: "flowx-mesh: web.calls has nobody; write one of web.",
    });
    await assert.rejects(mesh({ tracePercent: 5 }), { message: /write a waypoint too, since only waypoints trace/ });
  });
});

describe("the way out of the mesh", () => {
  const HOSTS = { "www.google-analytics.com": [{ namespace: "web-platform", name: "analytics" }] };
  const egress = async (hosts: ConstructorParameters<typeof MeshEgress>[1]["hosts"] = HOSTS) =>
    run((provider) => {
      new MeshEgress("west-egress", { hosts, after: [] }, { providers: [provider] });
    });
  const policiesOf = (resources: readonly Registered[]) =>
    resources
      .filter(({ type }) => type.endsWith(":NetworkPolicy"))
      .map(({ inputs }) => inputs as unknown as NetworkPolicy);

  it("knows each host and who may call it", async () => {
    const resources = await egress();
    assert.deepEqual([...validated(resources)].sort(), ["AuthorizationPolicy", "Gateway", "ServiceEntry"]);
    const entry = resources.find(({ type }) => type.endsWith(":ServiceEntry"));
    const policy = resources.find(({ type }) => type.endsWith(":AuthorizationPolicy"));
    assert.deepEqual((entry?.inputs["spec"] as { hosts: string[] }).hosts, ["www.google-analytics.com"]);
    assert.match(JSON.stringify(policy?.inputs["spec"]), /cluster\.local\/ns\/web-platform\/sa\/analytics/);
    assert.match(JSON.stringify(policy?.inputs["spec"]), /"kind":"ServiceEntry","name":"www-google-analytics-com"/);
  });

  it("runs in a namespace of its own in which only the waypoint reaches the internet", async () => {
    const policies = policiesOf(await egress());
    assert.ok("pods" in EGRESS_PEERS);
    const waypoint: PodGroup = { namespace: EGRESS_NAMESPACE, labels: EGRESS_PEERS.pods.labels };
    const allowed = (from: Side, to: Side, number: number) => isAllowed(policies, { from, to, port: number });
    assert.ok(allowed({ namespace: "web-platform", labels: {} }, waypoint, 15_008));
    assert.ok(!allowed({ namespace: "flowx", labels: {} }, waypoint, 15_008));
    assert.ok(allowed(waypoint, { address: "203.0.113.9" }, 443));
    assert.ok(!allowed(waypoint, { address: "203.0.113.9" }, 80));
    assert.ok(allowed(waypoint, { namespace: "istio-system", labels: { app: "istiod" } }, 15_012));
    assert.ok(!allowed({ namespace: EGRESS_NAMESPACE, labels: { other: "pod" } }, { address: "203.0.113.9" }, 443));
  });

  it("refuses a wildcard and a host for nobody", async () => {
    await assert.rejects(egress({ "*.example.com": HOSTS["www.google-analytics.com"] }), /without a wildcard/);
    await assert.rejects(egress({ "example.com": [] }), /hosts\.example\.com is \[\]; write who may call it/);
  });

  it("leaves the control plane to nodes and waypoints, and nothing open beside it", async () => {
    const policies = policiesOf(
      await run((provider) => {
        const parent = new kubernetes.core.v1.Namespace("parent", {}, { provider });
        const network = { controlPlaneCidrs: ["10.0.0.0/16"], waypoints: [EGRESS_NAMESPACE], monitoring: "monitoring" };
        createMeshNetwork("west-mesh", network, parent, []);
      }),
    );
    const istiod: PodGroup = { namespace: "istio-system", labels: { app: "istiod" } };
    const ztunnel: PodGroup = { namespace: "istio-nodes", labels: { app: "ztunnel" } };
    const allowed = (from: Side, to: Side, number: number) => isAllowed(policies, { from, to, port: number });
    assert.ok(allowed(ztunnel, istiod, 15_012));
    assert.ok(allowed({ address: "10.0.1.1" }, istiod, 15_017));
    assert.ok(allowed({ namespace: "monitoring", labels: {} }, istiod, 15_014));
    assert.ok(!allowed({ namespace: "flowx", labels: {} }, istiod, 15_012));
    assert.ok(!allowed(ztunnel, { address: "203.0.113.9" }, 443));
  });
});
