import type { AddonName } from "../../components/cluster/addons/names.ts";
import type { System } from "./system.ts";

/** What a cluster has without being asked: nodes that follow the load, certificates, and somebody who watches. */
const ALWAYS: readonly AddonName[] = ["karpenter", "cert-manager", "prometheus-operator-crds", "kube-prometheus-stack"];

/** The add-ons that the systems cannot do without. */
export function neededAddons(
  systems: readonly System[],
  hasBackups: boolean,
  hasPostgres = false,
): readonly AddonName[] {
  const some = (has: (system: System) => unknown): boolean => systems.some((system) => Boolean(has(system)));
  const choices: readonly (readonly [isNeeded: boolean, name: AddonName])[] = [
    [hasBackups, "velero"],
    [hasPostgres, "cloudnative-pg"],
    [hasPostgres && hasBackups, "cloudnative-pg-barman"],
    [some(({ tiers }) => tiers.rabbitmq), "rabbitmq-cluster-operator"],
    [some(({ tiers }) => tiers.mongodb), "percona-mongodb-operator"],
    [some(({ cloud }) => cloud?.queues), "keda"],
    [some(({ cloud }) => cloud?.releases), "argo-rollouts"],
    [some(({ workloads }) => workloads.some(({ gpu }) => gpu)), "nvidia-device-plugin"],
  ];
  return [...ALWAYS, ...choices.filter(([isNeeded]) => isNeeded).map(([, name]) => name)];
}
