import type { AddonName } from "../../components/cluster/addons/names.ts";
import type { System } from "./system.ts";

/** What a stack chooses beside its systems, as far as add-ons do it. */
export interface AddonNeeds {
  /** Whether operators and Velero write backups. */
  readonly backups: boolean;
  /** Whether CloudNativePG runs a system's PostgreSQL. Default false. */
  readonly postgres?: boolean;
  /** Whether an operator runs a system's RabbitMQ. Default true. */
  readonly rabbitmq?: boolean;
  /** Whether a gateway inside the clusters takes requests. */
  readonly gateway: boolean;
  /** Whether a system's requests pass Kong. */
  readonly kong: boolean;
  /** Whether a system is in the mesh. */
  readonly mesh: boolean;
  /** Whether there are traces, which a collector takes. Default false. */
  readonly traces?: boolean;
}

/** What a cluster has without being asked: nodes that follow the load, certificates, and somebody who watches. */
const ALWAYS: readonly AddonName[] = ["karpenter", "cert-manager", "prometheus-operator-crds", "kube-prometheus-stack"];

/** The add-ons of an environment that says nothing of them. */
export function neededAddons(systems: readonly System[], needs: AddonNeeds): readonly AddonName[] {
  const backups: readonly AddonName[] = needs.backups ? ["velero"] : [];
  return [...new Set([...ALWAYS, ...backups, ...Object.keys(requiredAddons(systems, needs))])] as AddonName[];
}

/**
 * The add-ons without which objects would be made that nobody understands, or pods that never come, each with what asks
 * for it: they cannot be switched off.
 */
export function requiredAddons(
  systems: readonly System[],
  needs: AddonNeeds,
): Readonly<Partial<Record<AddonName, string>>> {
  const asked = (has: (system: System) => unknown, what: string): string | false => {
    const asking = systems.find((system) => Boolean(has(system)));
    return asking !== undefined && `${asking.name} has ${what}`;
  };
  const choices: readonly (readonly [asking: string | false, ...names: AddonName[]])[] = [
    [needs.gateway && "the gateway is envoy", "aws-load-balancer-controller", "envoy-gateway", "cert-manager"],
    [needs.kong && "requests pass Kong", "kong"],
    // The kinds of the Gateway API, which waypoints are made of, come with Envoy Gateway.
    [needs.mesh && "a system is in the mesh", "envoy-gateway", "istio-base", "istiod", "istio-cni", "ztunnel"],
    [needs.traces === true && "there are traces", "opentelemetry-collector"],
    [needs.postgres === true && "CloudNativePG runs a database", "cloudnative-pg"],
    [needs.postgres === true && needs.backups && "CloudNativePG's databases are backed up", "cloudnative-pg-barman"],
    [needs.rabbitmq !== false && asked(({ tiers }) => tiers.rabbitmq, "RabbitMQ"), "rabbitmq-cluster-operator"],
    [asked(({ tiers }) => tiers.mongodb, "MongoDB"), "percona-mongodb-operator"],
    [asked(({ cloud }) => cloud?.queues, "a workload that scales with a queue"), "keda"],
    // Prometheus counts the errors of a new version.
    [
      asked(({ cloud }) => cloud?.releases, "a workload that is released beside its old version"),
      "argo-rollouts",
      "kube-prometheus-stack",
    ],
    [
      asked(({ workloads }) => workloads.some(({ gpu }) => gpu), "a workload on a GPU"),
      "nvidia-device-plugin",
      "karpenter",
    ],
  ];
  const required = choices.flatMap(([asking, ...names]) =>
    asking === false ? [] : names.map((name) => [name, asking] as const),
  );
  return Object.fromEntries(required);
}
