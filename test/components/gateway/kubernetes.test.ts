import { Certificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1";
import { Gateway, GatewayClass, HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { ReferenceGrant } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1beta1";
import { PodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import { customKind } from "@groundwork/lib/crds";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup, Side } from "@groundwork/lib/reachability";
import assert from "node:assert/strict";
import type { GatewayTarget } from "../../../components/cluster/ingress-gateway.ts";
import type {
  BackendTrafficPolicy,
  ClientTrafficPolicy,
  EnvoyProxy,
  SecurityPolicy,
} from "../../../components/gateway/envoy-kinds.ts";
import { gatewayPeers, KubernetesGateway } from "../../../components/gateway/kubernetes.ts";
import type { GatewayRoute, KubernetesGatewayArgs } from "../../../components/gateway/kubernetes.ts";
import { proxyLabels } from "../../../components/gateway/kubernetes-proxy.ts";
import { SECURITY_HEADERS } from "../../../components/gateway/protection.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";

const NAMESPACE = "envoy-gateway-system";
const ENVOY = ["BackendTrafficPolicy", "ClientTrafficPolicy", "EnvoyProxy", "HTTPRouteFilter", "SecurityPolicy"];
const nothing = () => ({});
const OUTPUTS: Outputs = Object.fromEntries(
  [
    "networking.k8s.io/v1:NetworkPolicy",
    "cert-manager.io/v1:Certificate",
    "monitoring.coreos.com/v1:PodMonitor",
    "gateway.networking.k8s.io/v1beta1:ReferenceGrant",
    ...["GatewayClass", "Gateway", "HTTPRoute"].map((kind) => `gateway.networking.k8s.io/v1:${kind}`),
    ...ENVOY.map((kind) => `gateway.envoyproxy.io/v1alpha1:${kind}`),
  ].map((kind) => [`kubernetes:${kind}`, nothing]),
);

const backend: GatewayRoute = {
  name: "flowx-api",
  host: "flowx.example.com",
  path: "/api",
  exactPaths: ["/api/health"],
  namespace: "flowx",
  service: "api",
  port: 8080,
  rateLimit: { requestsPerSecond: 50, burst: 100 },
  authentication: { kind: "jwt", roles: ["viewer"] },
  cors: { origins: ["https://app.example.com"] },
};
const pages: GatewayRoute = {
  name: "finai-nexus-frontend",
  host: "finai-nexus.example.com",
  path: "/",
  exactPaths: [],
  namespace: "finai-nexus",
  service: "frontend",
  port: 3000,
};
const ARGS: KubernetesGatewayArgs = {
  routes: [backend, pages],
  issuer: "internal",
  balancerCidrs: ["10.0.0.0/16"],
  monitoring: "monitoring",
  tracesTo: { namespace: "observability", service: "collector", port: 4317, labels: { app: "collector" } },
  after: [],
};

async function create(changes: Partial<KubernetesGatewayArgs> = {}): Promise<readonly Registered[]> {
  return registered(() => {
    const provider = new kubernetes.Provider("west", { kubeconfig: "{}" });
    new KubernetesGateway("west-gateway", { ...ARGS, ...changes }, { providers: [provider] });
  }, OUTPUTS);
}

/** What of the models' classes is needed here. */
interface Checked {
  validate(): void;
}
const MODELS: Readonly<Record<string, (data: never) => Checked>> = {
  Certificate: (data) => new Certificate(data),
  Gateway: (data) => new Gateway(data),
  GatewayClass: (data) => new GatewayClass(data),
  HTTPRoute: (data) => new HTTPRoute(data),
  PodMonitor: (data) => new PodMonitor(data),
  ReferenceGrant: (data) => new ReferenceGrant(data),
};

const kindOf = ({ type }: Registered) => type.split(":").at(-1) ?? "";
const ofKind = (resources: readonly Registered[], kind: string) => resources.filter((each) => kindOf(each) === kind);
const names = (resources: readonly Registered[], kind: string) =>
  ofKind(resources, kind).map(({ inputs }) => (inputs["metadata"] as { name: string }).name);

describe("the gateway on Kubernetes", () => {
  let all: readonly Registered[];
  let policies: readonly NetworkPolicy[];
  before(async () => {
    all = await create();
    policies = ofKind(all, "NetworkPolicy").map(({ inputs }) => inputs as unknown as NetworkPolicy);
  });

  it("writes objects that their models accept, all of kinds that an add-on declares", () => {
    for (const { inputs, name, type } of all.filter((each) => /^kubernetes:(?!networking)/.test(each.type))) {
      const [, apiVersion = "", kind = ""] = /^kubernetes:(.*):(\w+)$/.exec(type) ?? [];
      assert.ok(customKind(apiVersion, kind), name);
      const model = MODELS[kind];
      assert.ok(model !== undefined || ENVOY.includes(kind), kind);
      model?.(inputs as never).validate();
    }
  });

  it("gives each host a certificate with an elliptic key, and one names all of them", () => {
    const certificates = ofKind(all, "Certificate").map(({ inputs }) => new Certificate(inputs as never).spec);
    assert.deepEqual(certificates.map((spec) => spec?.dnsNames?.join(" ")).sort(), [
      "finai-nexus.example.com",
      "finai-nexus.example.com flowx.example.com",
      "flowx.example.com",
    ]);
    for (const spec of certificates) {
      assert.deepEqual(spec?.privateKey, { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" });
      assert.equal(spec.issuerRef.name, "internal");
    }
  });

  it("listens for each host and for whoever names none, to routes beside it only", () => {
    const [gateway] = ofKind(all, "Gateway").map(({ inputs }) => new Gateway(inputs as never));
    assert.deepEqual(
      gateway?.spec.listeners.map(({ hostname }) => hostname),
      [undefined, "finai-nexus.example.com", "flowx.example.com"],
    );
    for (const { allowedRoutes, tls } of gateway.spec.listeners) {
      assert.equal(allowedRoutes?.namespaces?.from, "Same");
      assert.equal(tls?.mode, "Terminate");
    }
  });

  it("runs proxies by the names that the balancer finds them by", async () => {
    const [proxy] = ofKind(all, "EnvoyProxy");
    const { kubernetes: provider } = (proxy?.inputs["spec"] as EnvoyProxy["spec"]).provider;
    assert.deepEqual(provider.envoyService, { type: "ClusterIP", name: "gateway" });
    assert.equal(provider.envoyServiceAccount.name, "gateway");
    assert.deepEqual([provider.envoyHpa.minReplicas, provider.envoyHpa.maxReplicas], [2, 10]);
    let target: unknown;
    await registered(() => {
      const provider = new kubernetes.Provider("west", { kubeconfig: "{}" });
      ({ target } = new KubernetesGateway("west-gateway", ARGS, { providers: [provider] }));
    }, OUTPUTS);
    const { after, ...plain } = target as GatewayTarget;
    assert.deepEqual(plain, {
      namespace: NAMESPACE,
      service: "gateway",
      port: 443,
      targetPort: 10_443,
      health: { protocol: "HTTP", port: 19_003, path: "/ready" },
    });
    assert.ok(after.length > 0);
  });

  it("sends the headers of the Docker gateway, and HSTS", () => {
    const [policy] = ofKind(all, "ClientTrafficPolicy");
    const { headers, clientIPDetection, tls } = policy?.inputs["spec"] as ClientTrafficPolicy["spec"];
    const set = Object.fromEntries(headers.lateResponseHeaders.set.map(({ name, value }) => [name, value]));
    assert.deepEqual(set, { ...SECURITY_HEADERS, "Strict-Transport-Security": "max-age=63072000" });
    assert.equal(clientIPDetection.xForwardedFor.numTrustedHops, 2);
    assert.equal(tls.minVersion, "1.2");
    for (const suite of tls.ciphers) assert.match(suite, /^ECDHE-ECDSA-/);
  });

  it("limits each client of a route that asks for it, and no health check", () => {
    const limits = ofKind(all, "BackendTrafficPolicy").map(({ inputs }) => {
      const { targetRefs, rateLimit } = inputs["spec"] as BackendTrafficPolicy["spec"];
      return [targetRefs[0]?.name, rateLimit?.local.rules.map(({ limit }) => limit.requests)];
    });
    assert.deepEqual(limits.sort(), [
      ["finai-nexus-frontend", undefined],
      ["flowx-api", [3000, 3000]],
      ["flowx-api-exact", undefined],
    ]);
  });

  it("answers pages of another origin only where a route names it", () => {
    const [cors, ...others] = ofKind(all, "SecurityPolicy").map(
      ({ inputs }) => inputs["spec"] as SecurityPolicy["spec"],
    );
    assert.deepEqual(others, []);
    assert.equal(cors?.targetRefs[0]?.name, "flowx-api");
    assert.deepEqual(cors.cors.allowOrigins, ["https://app.example.com"]);
    assert.equal(cors.cors.allowCredentials, false);
  });

  it("is watched only where there is a Prometheus", async () => {
    assert.deepEqual(names(all, "PodMonitor").sort(), ["controller", "proxies"]);
    const { monitoring: _, ...unwatched } = ARGS;
    const without = await registered(() => {
      const provider = new kubernetes.Provider("west", { kubeconfig: "{}" });
      new KubernetesGateway("west-gateway", unwatched, { providers: [provider] });
    }, OUTPUTS);
    assert.deepEqual(names(without, "PodMonitor"), []);
  });

  describe("its network", () => {
    const proxy: PodGroup = { namespace: NAMESPACE, labels: proxyLabels("gateway", NAMESPACE) };
    const controller: PodGroup = { namespace: NAMESPACE, labels: { "control-plane": "envoy-gateway" } };
    const service = (namespace: string, name: string): PodGroup => ({
      namespace,
      labels: { "app.kubernetes.io/name": name },
    });
    const allowed = (from: Side, to: Side, port: number) => isAllowed(policies, { from, to, port });

    it("lets in the balancer and Prometheus, and nobody else", () => {
      assert.ok(allowed({ address: "10.0.3.4" }, proxy, 10_443));
      assert.ok(allowed({ address: "10.0.3.4" }, proxy, 19_003));
      assert.ok(allowed({ namespace: "monitoring", labels: { any: "pod" } }, proxy, 19_001));
      assert.ok(!allowed({ address: "192.0.2.1" }, proxy, 10_443));
      assert.ok(!allowed({ namespace: "flowx", labels: {} }, proxy, 10_443));
      assert.ok(!allowed({ namespace: "flowx", labels: {} }, controller, 18_000));
    });

    it("lets proxies reach the controller, the routes' services and the collector, and nothing else", () => {
      assert.ok(allowed(proxy, controller, 18_000));
      assert.ok(allowed(proxy, service("flowx", "api"), 8080));
      assert.ok(allowed(proxy, { namespace: "observability", labels: { app: "collector" } }, 4317));
      assert.ok(!allowed(proxy, service("flowx", "worker"), 8080));
      assert.ok(!allowed(proxy, service("flowx", "api"), 5432));
      assert.ok(!allowed(proxy, { address: "1.1.1.1" }, 443));
      assert.ok(allowed(controller, { address: "10.0.9.9" }, 443));
    });

    it("is told to the services' own namespaces", () => {
      assert.deepEqual(gatewayPeers(8080), {
        pods: { namespace: NAMESPACE, labels: proxyLabels("gateway", NAMESPACE) },
        port: 8080,
      });
    });

    it("opens the mesh's port beside the named ones where the services are in the mesh", async () => {
      const meshed = ofKind(await create({ mesh: true }), "NetworkPolicy").map(
        ({ inputs }) => inputs as unknown as NetworkPolicy,
      );
      const hbone = (own: readonly NetworkPolicy[]) =>
        isAllowed(own, { from: proxy, to: service("flowx", "api"), port: 15_008 });
      assert.ok(hbone(meshed));
      assert.ok(!hbone(policies));
    });
  });

  it("refuses what it cannot route", async () => {
    const refused = async (routes: readonly GatewayRoute[], message: RegExp) =>
      assert.rejects(create({ routes }), { message });
    await refused([], /^west-gateway: routes is \[\]; write at least one route\.$/);
    await refused([backend, { ...pages, name: backend.name }], /routes\.name is "flowx-api"; write each name once/);
    await refused(
      [backend, { ...backend, name: "other", path: "/api/" }],
      /routes\.path is "flowx\.example\.com\/api"/,
    );
    await refused([{ ...pages, host: "localhost" }], /finai-nexus-frontend\.host is "localhost"; write a host name/);
    await refused([{ ...pages, port: 0 }], /port is 0; write a port from 1 to 65535/);
    await refused(
      [{ ...pages, rateLimit: { requestsPerSecond: 0.001, burst: 1 } }],
      /whole number of requests a minute/,
    );
    await assert.rejects(create({ replicas: { min: 1, max: 3 } }), {
      message: /replicas is 1 to 3; write a range from 2/,
    });
  });
});
