import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { ENVOY_CONTROLLER, GATEWAY_NAMESPACE, PROXIES } from "../cluster/addons/envoy-gateway.ts";
import { createFlowPolicies } from "../cluster/flow-policies.ts";
import type { GatewayTarget } from "../cluster/ingress-gateway.ts";
import type { Peers } from "../cluster/flow-policies.ts";
import { certificates, gateway, HTTPS_PORT, PROXY_METRICS, PROXY_PORT, PROXY_READY } from "./kubernetes-listeners.ts";
import type { Listeners } from "./kubernetes-listeners.ts";
import { fromGateway, gatewayFlows } from "./kubernetes-network.ts";
import { backendTrafficPolicy, clientTrafficPolicy, corsPolicy } from "./kubernetes-policies.ts";
import { envoyProxy, proxyLabels } from "./kubernetes-proxy.ts";
import type { ProxySettings, TraceTarget } from "./kubernetes-proxy.ts";
import { ownAnswers, planRoutes, referenceGrants } from "./kubernetes-routes.ts";
import type { PlannedRoute } from "./kubernetes-routes.ts";
import { checkRoutes } from "./kubernetes-spec.ts";
import type { GatewayRoute } from "./kubernetes-spec.ts";

export type { Cors, GatewayRoute } from "./kubernetes-spec.ts";

export interface KubernetesGatewayArgs {
  /** What the internet may reach; their namespaces and Services exist already. */
  readonly routes: readonly GatewayRoute[];
  /** ClusterIssuer of the gateway's certificates; the balancer, their only reader, verifies none, so that the cluster's own authority does. */
  readonly issuer: string;
  /** From where the balancer sends requests: the network's own addresses. */
  readonly balancerCidrs: readonly string[];
  /** Proxies; default 2 to 10, by CPU. */
  readonly replicas?: { readonly min: number; readonly max: number };
  /** Of each proxy; default 500m CPU and 512Mi. */
  readonly size?: ProxySettings["size"];
  /** Paths that nobody on the internet gets, with everything below them. Default `/metrics`. */
  readonly hidden?: readonly string[];
  /** Seconds for which browsers refuse plain HTTP; default two years. https://hstspreload.org */
  readonly hsts?: number;
  /** Addresses in X-Forwarded-For that proxies in front have put there; default 2: the CDN's client and the CDN. */
  readonly trustedHops?: number;
  /** Whether the services are in the mesh, so that the proxies must be, too. Default false. */
  readonly mesh?: boolean;
  /** Namespace of Prometheus, which then watches controller and proxies; default: nobody does. */
  readonly monitoring?: string;
  /** Default: no traces. */
  readonly tracesTo?: TraceTarget;
  /** What must stand before: the add-ons, and the systems' namespaces. */
  readonly after: readonly Resource[];
}

/** Of the Gateway, its proxies, their Service and their service account. */
export const GATEWAY_NAME = "gateway";
const CLASS_NAME = "groundwork";

/**
 * The gateway of a cluster by Envoy Gateway: TLS with a certificate for each host, routes by host and path, limits by
 * client, circuit breakers, retries, security headers, and nothing open between it and the rest but what it needs. Needs
 * the add-ons envoy-gateway and cert-manager, and the cluster's Kubernetes provider.
 */
export class KubernetesGateway extends ComponentResource {
  /** What the region's balancer sends requests to. */
  readonly target: GatewayTarget;

  constructor(name: string, args: KubernetesGatewayArgs, opts: ComponentResourceOptions) {
    super("groundwork:gateway:KubernetesGateway", name, {}, opts);
    check(name, args);
    const create = creator(name, this, args.after);
    const policies = createFlowPolicies({ ...networkOf(name, args), parent: this, dependsOn: args.after });
    const running = createProxies(create, args, policies);
    createPolicies(create, args, running);
    const routes = createRoutes(create, args, running);
    if (args.monitoring !== undefined) createMonitors(create);
    this.target = {
      namespace: GATEWAY_NAMESPACE,
      service: GATEWAY_NAME,
      port: HTTPS_PORT,
      targetPort: PROXY_PORT,
      health: { protocol: "HTTP", port: PROXY_READY.port, path: PROXY_READY.path },
      after: [running, ...routes],
    };
    this.registerOutputs({ service: GATEWAY_NAME });
  }
}

/** Who a workload behind the gateway must let in, for its namespace's policies. */
export function gatewayPeers(port: number): Peers {
  return fromGateway({ name: GATEWAY_NAME, namespace: GATEWAY_NAMESPACE }, port);
}

const HERE = { name: GATEWAY_NAME, namespace: GATEWAY_NAMESPACE };
const CONNECTIONS = 10_000;

function check(name: string, { routes, replicas = PROXIES, trustedHops = 1 }: KubernetesGatewayArgs): void {
  checkRoutes(name, routes);
  const { min, max } = replicas;
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 2 || max < min)
    throw new BadInput(`${name}: replicas is ${min} to ${max}; write a range from 2, because one proxy is no gateway.`);
  if (!Number.isInteger(trustedHops) || trustedHops < 1)
    throw new BadInput(`${name}: trustedHops is ${trustedHops}; write how many addresses proxies have put there.`);
}

interface Written {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: object | undefined;
  readonly spec?: object | undefined;
}
type Create = (part: string, object: Written, after?: readonly Resource[]) => Resource;

function creator(name: string, parent: Resource, before: readonly Resource[]): Create {
  return (part, { apiVersion, kind, metadata, spec }, after = []) =>
    new kubernetes.apiextensions.CustomResource(
      `${name}-${part}`,
      { apiVersion, kind, metadata: metadata ?? { name: part, namespace: GATEWAY_NAMESPACE }, spec },
      { parent, dependsOn: [...before, ...after] },
    );
}

function networkOf(name: string, { routes, balancerCidrs, monitoring, tracesTo, mesh = false }: KubernetesGatewayArgs) {
  const flows = gatewayFlows({
    ...HERE,
    routes,
    balancerCidrs,
    ...(monitoring !== undefined && { monitoring }),
    ...(tracesTo && { tracesTo }),
  });
  return { name, namespace: GATEWAY_NAMESPACE, flows, mesh };
}

function listenersOf({ routes, issuer }: KubernetesGatewayArgs): Listeners {
  const hosts = [...new Set(routes.map(({ host }) => host))].sort();
  return { ...HERE, className: CLASS_NAME, hosts, issuer };
}

function createProxies(create: Create, args: KubernetesGatewayArgs, policies: readonly Resource[]): Resource {
  const { replicas = PROXIES, size = PROXIES.size, mesh = false, tracesTo } = args;
  const proxies = create(
    GATEWAY_NAME,
    envoyProxy({ name: GATEWAY_NAME, replicas, size, mesh, ...(tracesTo && { tracesTo }) }, GATEWAY_NAMESPACE),
    policies,
  );
  const gatewayClass = create(CLASS_NAME, {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "GatewayClass",
    metadata: { name: CLASS_NAME },
    spec: { controllerName: ENVOY_CONTROLLER },
  });
  const listeners = listenersOf(args);
  const keys = certificates(listeners).map((certificate) =>
    create(`certificate-${certificate.metadata?.name ?? ""}`, certificate),
  );
  return create("listeners", gateway(listeners), [proxies, gatewayClass, ...keys]);
}

function createPolicies(create: Create, args: KubernetesGatewayArgs, running: Resource): void {
  const { trustedHops = 2, hsts } = args;
  const settings = { trustedHops, connections: CONNECTIONS, ...(hsts !== undefined && { hsts }) };
  create("clients", clientTrafficPolicy(GATEWAY_NAME, settings), [running]);
}

function createRoutes(create: Create, { routes, hidden = ["/metrics"] }: KubernetesGatewayArgs, running: Resource) {
  const answers = Object.entries(ownAnswers()).map(([name, filter]) => create(name, filter));
  const grants = referenceGrants(HERE, routes).map((grant) => {
    return create(`grant-${grant.metadata?.namespace ?? ""}`, grant);
  });
  return planRoutes(HERE, routes, hidden).map((planned) =>
    createRoute(create, planned, [running, ...answers, ...grants]),
  );
}

/** Limits and origins are there before the route that they are for could be used without them. */
function createRoute(create: Create, { name, route, policies }: PlannedRoute, after: readonly Resource[]): Resource {
  const own =
    policies === undefined
      ? []
      : [
          create(`backend-${name}`, backendTrafficPolicy(name, policies.rateLimit)),
          ...(policies.cors === undefined ? [] : [create(`cors-${name}`, corsPolicy(name, policies.cors))]),
        ];
  return create(`route-${name}`, route, [...after, ...own]);
}

/** https://gateway.envoyproxy.io/v1.9/tasks/observability/gateway-observability/ */
function createMonitors(create: Create): void {
  const monitor = (labels: Readonly<Record<string, string>>, path: string) =>
    ({
      apiVersion: "monitoring.coreos.com/v1",
      kind: "PodMonitor",
      spec: {
        selector: { matchLabels: { ...labels } },
        podMetricsEndpoints: [{ port: "metrics", path, interval: "15s" }],
      },
    }) satisfies IPodMonitor;
  create("proxies", monitor(proxyLabels(GATEWAY_NAME, GATEWAY_NAMESPACE), PROXY_METRICS.path));
  create("controller", monitor({ "control-plane": "envoy-gateway" }, "/metrics"));
}
