import type { Peers, TierFlow } from "../cluster/flow-policies.ts";
import { HTTPS } from "../cluster/tier-namespace.ts";
import { PROXY_METRICS, PROXY_PORT, PROXY_READY } from "./kubernetes-listeners.ts";
import { proxyLabels } from "./kubernetes-proxy.ts";
import type { TraceTarget } from "./kubernetes-proxy.ts";
import type { GatewayRoute } from "./kubernetes-spec.ts";

/** Where the controller tells proxies what to do, and its metrics. https://gateway.envoyproxy.io/v1.9/install/gateway-helm-api/ */
const XDS_PORT = 18_000;
const CONTROLLER_METRICS_PORT = 19_001;

const CONTROLLER = { "control-plane": "envoy-gateway" };
const CERTGEN = { app: "certgen" };

export interface GatewayNetwork {
  readonly name: string;
  readonly namespace: string;
  readonly routes: readonly Pick<GatewayRoute, "namespace" | "service" | "port" | "pods">[];
  /** From where the balancer sends requests: the network's own addresses. */
  readonly balancerCidrs: readonly string[];
  /** Namespace of Prometheus; none: nobody asks for metrics. */
  readonly monitoring?: string;
  readonly tracesTo?: TraceTarget;
}

/** Who a service behind the gateway must let in: its proxies, on the service's port. */
export function fromGateway(gateway: { readonly name: string; readonly namespace: string }, port: number): Peers {
  return { pods: { namespace: gateway.namespace, labels: proxyLabels(gateway.name, gateway.namespace) }, port };
}

/** What may flow in the gateway's own namespace; everything else is denied. */
export function gatewayFlows(network: GatewayNetwork): readonly TierFlow[] {
  const { name, namespace, balancerCidrs, monitoring, tracesTo } = network;
  const proxies = proxyLabels(name, namespace);
  const metrics = (port: number): Peers[] =>
    monitoring === undefined ? [] : [{ pods: { namespace: monitoring, labels: {} }, port }];
  return [
    {
      name: "controller",
      pods: CONTROLLER,
      ingress: [{ pods: { labels: proxies }, port: XDS_PORT }, ...metrics(CONTROLLER_METRICS_PORT)],
      egress: [HTTPS],
    },
    { name: "certgen", pods: CERTGEN, egress: [HTTPS] },
    {
      name,
      pods: proxies,
      ingress: [
        { cidrs: balancerCidrs, port: PROXY_PORT },
        { cidrs: balancerCidrs, port: PROXY_READY.port },
        ...metrics(PROXY_METRICS.port),
      ],
      egress: [
        { pods: { labels: CONTROLLER }, port: XDS_PORT },
        ...services(network),
        ...(tracesTo === undefined
          ? []
          : [{ pods: { namespace: tracesTo.namespace, labels: tracesTo.labels }, port: tracesTo.port }]),
      ],
    },
  ];
}

/** Each service once, whatever number of routes leads to it. */
function services({ routes }: GatewayNetwork): readonly Peers[] {
  const each = routes.map(({ namespace, service, port, pods }): [string, Peers] => [
    `${namespace}/${service}:${port}`,
    {
      pods: { namespace, labels: pods?.labels ?? { "app.kubernetes.io/name": service } },
      port: pods?.port ?? port,
    },
  ]);
  return [...new Map(each).values()];
}
