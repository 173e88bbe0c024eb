import * as kubernetes from "@pulumi/kubernetes";
import type { Input, Resource } from "@pulumi/pulumi";
import { createFlowPolicies } from "../flow-policies.ts";
import type { Peers, TierFlow } from "../flow-policies.ts";
import { HTTPS } from "../tier-namespace.ts";
import { isMonitored } from "./context.ts";
import type { AddonContext } from "./context.ts";

type PolicySpec = kubernetes.types.input.networking.v1.NetworkPolicySpec;
type Peer = kubernetes.types.input.networking.v1.NetworkPolicyPeer;

/** What may flow to and from an add-on's pods, beside questions to DNS. */
export interface AddonNetwork {
  readonly flows: readonly TierFlow[];
  /** Policies that name more than TCP between single sides, by the name that they get. */
  readonly policies?: Readonly<Record<string, PolicySpec>>;
}

/** Namespace of kube-prometheus-stack, and what its Prometheus carries. */
export const MONITORING_NAMESPACE = "monitoring";
export const PROMETHEUS_PODS = { "app.kubernetes.io/name": "prometheus" } as const;

/** Pods of every namespace: whoever they are, their own policies decide too. */
export const EVERY_POD: Peer = { namespaceSelector: {} };

/** The API server, Cloudflare, AWS: what every controller talks to. */
export const toApis = (pods: TierFlow["pods"] = {}): TierFlow => ({ name: "apis", pods, egress: [HTTPS] });

/** The API server asks webhooks and extensions from the network's own addresses. */
export const fromApiServer = ({ networkCidr }: AddonContext, port: number): Peers => ({ cidrs: [networkCidr], port });

/** Prometheus as the other side, where one is installed: it asks pods on their ports, or is asked on its own. */
export function prometheusOn(context: AddonContext, ...ports: readonly number[]): readonly Peers[] {
  if (!isMonitored(context)) return [];
  return ports.map((port) => ({ pods: { namespace: MONITORING_NAMESPACE, labels: PROMETHEUS_PODS }, port }));
}

/** What a controller needs that is asked for metrics on one port and talks to APIs only. */
export const onlyApis =
  (metricsPort: number) =>
  (context: AddonContext): AddonNetwork => ({
    flows: [toApis(), ...measured(prometheusOn(context, metricsPort))],
  });

/** A flow of metrics for all pods of the namespace; none where nobody asks. */
export function measured(ingress: readonly Peers[], pods: TierFlow["pods"] = {}): readonly TierFlow[] {
  return ingress.length === 0 ? [] : [{ name: "metrics", pods, ingress }];
}

export const tcp = (...ports: readonly number[]): { protocol: string; port: number }[] =>
  ports.map((port) => ({ protocol: "TCP", port }));

export interface NamespaceNetwork {
  /** Prefix of logical names. */
  readonly name: string;
  readonly namespace: Input<string>;
  /** Of each add-on in it. */
  readonly networks: readonly AddonNetwork[];
  readonly parent: Resource;
}

/** Denies in an add-ons' namespace what none of them names. */
export function createNetwork({ name, namespace, networks, parent }: NamespaceNetwork): readonly Resource[] {
  const flows = networks.flatMap((network) => network.flows);
  const specs = networks.flatMap(({ policies = {} }) => Object.entries(policies));
  return [
    ...createFlowPolicies({ name, namespace, flows, parent }),
    ...specs.map(
      ([object, spec]) =>
        new kubernetes.networking.v1.NetworkPolicy(
          `${name}-${object}`,
          { metadata: { name: object, namespace }, spec },
          { parent },
        ),
    ),
  ];
}
