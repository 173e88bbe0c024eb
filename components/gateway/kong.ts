import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { KONG } from "../cluster/addons/kong.ts";
import { createFlowPolicies } from "../cluster/flow-policies.ts";
import type { Peers } from "../cluster/flow-policies.ts";
import { HTTPS } from "../cluster/tier-namespace.ts";
import { KONG_API, kongClass, kongGateway, kongRoute } from "./kong-objects.ts";
import type { KongRoute } from "./kong-objects.ts";
import { gatewayPeers } from "./kubernetes.ts";
import type { GatewayRoute } from "./kubernetes.ts";
import { checkRoutes } from "./kubernetes-spec.ts";

/** Who signs tokens by HS256: Kong verifies signature and expiry, the service roles. */
export interface TokenSigner {
  /** The tokens' `iss`; of all signers no two have the same. */
  readonly issuer: string;
  /** What they are signed with. */
  readonly secret: pulumi.Input<string>;
}

export interface KongGatewayArgs {
  /** Routes of the systems that ask for Kong; the gateway in front sends their hosts here ({@link throughKong}). */
  readonly routes: readonly KongRoute[];
  /** By namespace, who signs the tokens of its routes. Default: the services verify everything. */
  readonly signers?: Readonly<Record<string, TokenSigner>>;
  /** From where the API server asks Kong's webhook: the network's own addresses. */
  readonly controlPlaneCidrs: readonly string[];
  /** Whether the services are in the mesh. Default false. */
  readonly mesh?: boolean;
  /** Namespace of Prometheus; default: nobody asks for metrics. */
  readonly monitoring?: string;
  /** What must stand before: the add-ons, and the systems' namespaces. */
  readonly after: readonly pulumi.Resource[];
}

/** What Kong's chart gives its pods. https://github.com/Kong/charts/blob/kong-3.2.0/charts/kong/templates/_helpers.tpl */
const PODS = { "app.kubernetes.io/name": "kong", "app.kubernetes.io/component": "app" };
const PORTS = { proxy: 8000, metrics: 8100, webhook: 8080 } as const;
const CONSUMER = "tokens";

/**
 * Kong behind the gateway, for systems that ask for its plugins: rate limit, tokens, origins, security headers. Needs the
 * add-ons kong and envoy-gateway, and the cluster's Kubernetes provider.
 */
export class KongGateway extends pulumi.ComponentResource {
  constructor(name: string, args: KongGatewayArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:gateway:KongGateway", name, {}, opts);
    check(name, args);
    const policies = createPolicies(name, args, this);
    const ready = createClass(name, args, this, policies);
    const consumers = createConsumers(name, args, this);
    for (const route of args.routes) createRoute(name, route, args, this, [...ready, ...consumers]);
    this.registerOutputs({ routes: args.routes.length });
  }
}

/** The same route as the gateway in front sees it: it leads to Kong, which limits, verifies and adds what is its own. */
export function throughKong(route: GatewayRoute): GatewayRoute {
  const { name, host, path, exactPaths, timeout } = route;
  const to = { namespace: KONG, service: "kong-proxy", port: 80, pods: { labels: PODS, port: PORTS.proxy } };
  return { name, host, path, exactPaths, ...to, ...(timeout !== undefined && { timeout }) };
}

/** Who a workload behind Kong must let in, for its namespace's policies. */
export function kongPeers(port: number): Peers {
  return { pods: { namespace: KONG, labels: PODS }, port };
}

function check(name: string, { routes, signers = {} }: KongGatewayArgs): void {
  checkRoutes(name, routes);
  const issuers = Object.entries(signers);
  for (const [namespace, { issuer }] of issuers) {
    if (issuer === "")
      throw new BadInput(`${name}: signers.${namespace}.issuer is empty; write the "iss" of the tokens.`);
    if (issuers.some(([other, signer]) => other !== namespace && signer.issuer === issuer))
      throw new BadInput(
        `${name}: signers.${namespace}.issuer is "${issuer}", which another namespace has too; write one for each.`,
      );
  }
}

function createPolicies(name: string, args: KongGatewayArgs, parent: pulumi.Resource): readonly pulumi.Resource[] {
  const { routes, controlPlaneCidrs, mesh = false, monitoring, after } = args;
  const services = new Map(
    routes.map(({ namespace, service, port }): [string, Peers] => [
      `${namespace}/${service}:${port}`,
      { pods: { namespace, labels: { "app.kubernetes.io/name": service } }, port },
    ]),
  );
  const flow = {
    name: KONG,
    pods: PODS,
    ingress: [
      gatewayPeers(PORTS.proxy),
      { cidrs: controlPlaneCidrs, port: PORTS.webhook },
      ...(monitoring === undefined ? [] : [{ pods: { namespace: monitoring, labels: {} }, port: PORTS.metrics }]),
    ],
    egress: [HTTPS, ...services.values()],
  };
  return createFlowPolicies({ name, namespace: KONG, flows: [flow], mesh, parent, dependsOn: after });
}

function createClass(
  name: string,
  { routes, after }: KongGatewayArgs,
  parent: pulumi.Resource,
  policies: readonly pulumi.Resource[],
): readonly pulumi.Resource[] {
  const namespaces = [...new Set(routes.map(({ namespace }) => namespace))].sort();
  const own = new kubernetes.apiextensions.CustomResource(
    `${name}-class`,
    { ...kongClass() },
    { parent, dependsOn: [...after, ...policies] },
  );
  const gateway = { ...kongGateway(namespaces) };
  return [new kubernetes.apiextensions.CustomResource(`${name}-gateway`, gateway, { parent, dependsOn: [own] })];
}

/** Each signer as a consumer of Kong's. https://developer.konghq.com/kubernetes-ingress-controller/credentials/ */
function createConsumers(
  name: string,
  { signers = {}, after }: KongGatewayArgs,
  parent: pulumi.Resource,
): readonly pulumi.Resource[] {
  return Object.entries(signers).map(([namespace, signer]) => {
    const secret = new kubernetes.core.v1.Secret(
      `${name}-${namespace}-tokens`,
      {
        metadata: { name: `kong-${CONSUMER}`, namespace, labels: { "konghq.com/credential": "jwt" } },
        stringData: { algorithm: "HS256", key: signer.issuer, secret: pulumi.secret(signer.secret) },
      },
      { parent, dependsOn: [...after] },
    );
    return new kubernetes.apiextensions.CustomResource(
      `${name}-${namespace}-consumer`,
      {
        apiVersion: KONG_API,
        kind: "KongConsumer",
        metadata: { name: CONSUMER, namespace, annotations: { "kubernetes.io/ingress.class": KONG } },
        username: `${namespace}-${CONSUMER}`,
        credentials: [secret.metadata.name],
      },
      { parent, dependsOn: [...after] },
    );
  });
}

/** Plugins are there before the routes that name them: without them they would be open. */
function createRoute(
  name: string,
  route: KongRoute,
  { signers = {}, after }: KongGatewayArgs,
  parent: pulumi.Resource,
  before: readonly pulumi.Resource[],
): void {
  const { plugins, routes } = kongRoute(route, signers[route.namespace]?.issuer);
  const standing = plugins.map(
    (plugin) =>
      new kubernetes.apiextensions.CustomResource(
        `${name}-${plugin.metadata.name}`,
        { ...plugin },
        { parent, dependsOn: [...after] },
      ),
  );
  for (const written of routes)
    new kubernetes.apiextensions.CustomResource(
      `${name}-${written.metadata?.name ?? ""}`,
      { ...written },
      { parent, dependsOn: [...before, ...standing] },
    );
}
