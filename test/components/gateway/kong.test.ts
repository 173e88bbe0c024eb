import { Gateway, GatewayClass, HTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { customKind } from "@groundwork/lib/crds";
import { expand, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup, Side } from "@groundwork/lib/reachability";
import assert from "node:assert/strict";
import { kong } from "../../../components/cluster/addons/kong.ts";
import { kongPeers, KongGateway, throughKong } from "../../../components/gateway/kong.ts";
import type { KongGatewayArgs } from "../../../components/gateway/kong.ts";
import { gatewayFlows } from "../../../components/gateway/kubernetes-network.ts";
import { gatewayPeers } from "../../../components/gateway/kubernetes.ts";
import type { GatewayRoute } from "../../../components/gateway/kubernetes.ts";
import { SECURITY_HEADERS } from "../../../components/gateway/protection.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";
import { contextWith } from "../cluster/addons/context.ts";

const CANARY = "signing-canary-77c1";
const nothing = () => ({});
const OUTPUTS: Outputs = Object.fromEntries(
  [
    ...["core/v1:Secret", "networking.k8s.io/v1:NetworkPolicy"],
    ...["GatewayClass", "Gateway", "HTTPRoute"].map((kind) => `gateway.networking.k8s.io/v1:${kind}`),
    ...["KongPlugin", "KongConsumer"].map((kind) => `configuration.konghq.com/v1:${kind}`),
  ].map((kind) => [`kubernetes:${kind}`, nothing]),
);

const api: GatewayRoute = {
  name: "web-platform-api",
  host: "web-platform.example.com",
  path: "/api",
  exactPaths: ["/api/health"],
  namespace: "web-platform",
  service: "api",
  port: 8080,
  rateLimit: { requestsPerSecond: 100, burst: 200 },
  authentication: { kind: "jwt", roles: ["customer"] },
  cors: { origins: ["https://web-platform.example.com"] },
};
const pages: GatewayRoute = {
  name: "web-platform-frontend",
  host: "web-platform.example.com",
  path: "/",
  exactPaths: [],
  namespace: "web-platform",
  service: "frontend",
  port: 3000,
};

const create = async (changes: Partial<KongGatewayArgs> = {}): Promise<readonly Registered[]> =>
  registered(() => {
    const provider = new kubernetes.Provider("west", { kubeconfig: "{}" });
    const args = {
      routes: [api, pages],
      signers: { "web-platform": { issuer: "https://web-platform.example.com", secret: pulumi.secret(CANARY) } },
      controlPlaneCidrs: ["10.0.0.0/16"],
      after: [],
      ...changes,
    };
    new KongGateway("west-kong", args, { providers: [provider] });
  }, OUTPUTS);

const ofKind = (resources: readonly Registered[], kind: string) =>
  resources.filter(({ type }) => type.endsWith(`:${kind}`)).map(({ inputs }) => inputs);
const named = (resources: readonly Registered[], kind: string) =>
  ofKind(resources, kind).map(({ metadata }) => (metadata as { name: string }).name);

describe("Kong behind the gateway", () => {
  let all: readonly Registered[];
  before(async () => {
    all = await create();
  });

  it("writes objects that their models accept, of kinds that an add-on declares", () => {
    for (const inputs of ofKind(all, "HTTPRoute")) new HTTPRoute(inputs as never).validate();
    for (const inputs of ofKind(all, "Gateway")) new Gateway(inputs as never).validate();
    for (const inputs of ofKind(all, "GatewayClass")) new GatewayClass(inputs as never).validate();
    for (const kind of ["KongPlugin", "KongConsumer"]) assert.ok(customKind("configuration.konghq.com/v1", kind));
  });

  it("gives each route the plugins that it asks for, and every route the security headers", () => {
    assert.deepEqual([...named(all, "KongPlugin")].sort(), [
      "web-platform-api-cors",
      "web-platform-api-jwt",
      "web-platform-api-rate-limiting",
      "web-platform-api-response-transformer",
      "web-platform-frontend-response-transformer",
    ]);
    const routes = ofKind(all, "HTTPRoute").map(({ metadata }) => metadata as { annotations: Record<string, string> });
    const plugins = routes.map(({ annotations }) => annotations["konghq.com/plugins"]);
    assert.ok(plugins.includes("web-platform-frontend-response-transformer"));
    const [transformer] = ofKind(all, "KongPlugin").filter(({ plugin }) => plugin === "response-transformer");
    const { add } = transformer?.["config"] as { add: { headers: string[] } };
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) assert.ok(add.headers.includes(`${name}:${value}`));
  });

  it("keeps what tokens are signed with in a Secret alone", () => {
    const [secret] = ofKind(all, "Secret");
    assert.match(JSON.stringify(secret), new RegExp(CANARY));
    assert.deepEqual((secret?.["metadata"] as { labels: object }).labels, { "konghq.com/credential": "jwt" });
    for (const { type, inputs, name } of all)
      if (!type.endsWith(":Secret")) assert.doesNotMatch(JSON.stringify(inputs), new RegExp(CANARY), name);
    const [consumer] = ofKind(all, "KongConsumer");
    assert.deepEqual(consumer?.["credentials"], ["kong-tokens"]);
  });

  it("leaves tokens to the services where nobody says who signs them", async () => {
    const without = await registered(() => {
      const provider = new kubernetes.Provider("west", { kubeconfig: "{}" });
      const args = { routes: [api], controlPlaneCidrs: ["10.0.0.0/16"], after: [] };
      new KongGateway("west-kong", args, { providers: [provider] });
    }, OUTPUTS);
    assert.deepEqual(ofKind(without, "Secret"), []);
    assert.ok(!named(without, "KongPlugin").includes("web-platform-api-jwt"));
  });

  it("is reached by the gateway alone, and reaches the services of its routes", () => {
    const policies = ofKind(all, "NetworkPolicy") as unknown as readonly NetworkPolicy[];
    const [through, behind] = [gatewayPeers(0), kongPeers(8080)];
    assert.ok("pods" in through && "pods" in behind);
    const gateway: PodGroup = { namespace: through.pods.namespace ?? "", labels: through.pods.labels };
    const proxy: PodGroup = { namespace: "kong", labels: behind.pods.labels };
    const service = (name: string): PodGroup => ({
      namespace: "web-platform",
      labels: { "app.kubernetes.io/name": name },
    });
    const allowed = (from: Side, to: Side, port: number) => isAllowed(policies, { from, to, port });
    assert.ok(allowed(gateway, proxy, 8000));
    assert.ok(!allowed(service("frontend"), proxy, 8000));
    assert.ok(allowed(proxy, service("api"), 8080));
    assert.ok(!allowed(proxy, service("worker"), 8080));
  });

  it("is where the gateway in front sends a route, without what is Kong's to do", () => {
    const route = throughKong(api);
    assert.deepEqual([route.namespace, route.service, route.port], ["kong", "kong-proxy", 80]);
    assert.deepEqual([route.rateLimit, route.authentication, route.cors], [undefined, undefined, undefined]);
    assert.deepEqual(route.exactPaths, ["/api/health"]);
    const flows = gatewayFlows({ name: "gateway", namespace: "gateways", routes: [route], balancerCidrs: [] });
    const { egress = [] } = flows.find(({ name }) => name === "gateway") ?? {};
    assert.ok(egress.some((peers) => peers.port === 8000 && "pods" in peers && peers.pods.namespace === "kong"));
  });

  it("runs its controller beside each proxy", () => {
    const expansion = expand(RELEASE, {
      name: "kong",
      namespace: "kong",
      chart: "kong",
      values: kong.values(contextWith(["kong", "ztunnel"])),
    });
    assert.ok(expansion !== undefined && !isUnexpanded(expansion));
    const [deployment] = expansion.workloads;
    assert.equal(deployment?.name, "kong");
    assert.deepEqual(
      deployment.pods.containers.map(({ name }) => name),
      ["clear-stale-pid", "ingress-controller", "proxy"],
    );
    assert.deepEqual(kong.values(contextWith(["kong", "ztunnel"])).podLabels, { "istio.io/dataplane-mode": "ambient" });
  });

  it("answers health to anybody, without token or limit", () => {
    const route = ofKind(all, "HTTPRoute").find(
      ({ metadata }) => (metadata as { name: string }).name === "web-platform-api-exact-kong",
    );
    const { annotations } = route?.["metadata"] as { annotations: Record<string, string> };
    assert.equal(annotations["konghq.com/plugins"], "web-platform-api-response-transformer");
    assert.match(JSON.stringify(route?.["spec"]), /"type":"Exact","value":"\/api\/health"/);
  });

  it("refuses signers that nobody could tell apart", async () => {
    const signer = { issuer: "https://example.com", secret: CANARY };
    await assert.rejects(create({ signers: { "web-platform": { ...signer, issuer: "" } } }), {
      message: /signers\.web-platform\.issuer is empty; write the "iss" of the tokens/,
    });
    await assert.rejects(create({ signers: { "web-platform": signer, flowx: signer } }), {
      message: /which another namespace has too/,
    });
  });
});
