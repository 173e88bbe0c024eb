import * as kubernetes from "@pulumi/kubernetes";
import type { ComponentResource, Resource } from "@pulumi/pulumi";
import type { Expansion } from "@groundwork/lib/expanders/expansion";
import { isUnexpanded } from "@groundwork/lib/expanders/expansion";
import { expandRelease } from "@groundwork/lib/expanders/releases";
import { DEFAULTS, tierQuota } from "../tier-namespace.ts";
import { isManaged } from "./addon.ts";
import type { Addon, PodSecurity } from "./addon.ts";
import type { AddonContext } from "./context.ts";
import { createNetwork } from "./network.ts";
import type { AddonNetwork } from "./network.ts";

/** An add-on with the chart values that it is released with. */
export interface Released {
  readonly addon: Addon;
  readonly context: AddonContext;
  readonly values: object;
}

/** Pods of a DaemonSet that a quota has room for: nodes of a cluster, more than node pools may come to by default. */
const MOST_NODES = 100;

/**
 * Every namespace of the add-ons once: Pod Security is the loosest that any add-on in it needs, the quota what all of
 * them come to, and nothing flows that none of them names.
 */
export function createNamespaces(prefix: string, all: readonly Released[], parent: ComponentResource): Resource[] {
  const own = all.filter(({ addon }) => !isManaged(addon) && addon.namespace !== "kube-system");
  const names = [...new Set(own.map(({ addon }) => addon.namespace))];
  return names.flatMap((namespace) =>
    createNamespace(
      `${prefix}-${namespace}`,
      namespace,
      own.filter(({ addon }) => addon.namespace === namespace),
      parent,
    ),
  );
}

function createNamespace(
  name: string,
  namespace: string,
  addons: readonly Released[],
  parent: ComponentResource,
): Resource[] {
  const made = new kubernetes.core.v1.Namespace(
    name,
    { metadata: { name: namespace, labels: podSecurityLabels(loosest(addons)) } },
    { parent },
  );
  const metadata = (object: string) => ({ name: object, namespace: made.metadata.name });
  const networks = addons.flatMap(networkOf);
  return [
    made,
    new kubernetes.core.v1.ResourceQuota(
      `${name}-quota`,
      { metadata: metadata("quota"), spec: { hard: tierQuota(addons.flatMap(expansionOf)) } },
      { parent },
    ),
    new kubernetes.core.v1.LimitRange(
      `${name}-limits`,
      { metadata: metadata("limits"), spec: { limits: [DEFAULTS] } },
      { parent },
    ),
    ...(networks.length === 0 ? [] : createNetwork({ name, namespace: made.metadata.name, networks, parent })),
  ];
}

function networkOf({ addon, context }: Released): AddonNetwork[] {
  return isManaged(addon) || addon.network === undefined ? [] : [addon.network(context)];
}

function expansionOf({ addon, values }: Released): Expansion[] {
  if (isManaged(addon)) return [];
  const { chart, version } = addon.release;
  const { name, namespace } = addon;
  const expansion = expandRelease({ chart, version, name, namespace, values });
  if (isUnexpanded(expansion)) throw new Error(`add-on ${name}: ${expansion.unknown}`);
  return [
    {
      ...expansion,
      workloads: expansion.workloads.map((workload) =>
        workload.kind === "DaemonSet" ? { ...workload, pods: { ...workload.pods, replicas: MOST_NODES } } : workload,
      ),
    },
    ...(addon.room ?? []),
  ];
}

const LEVELS: readonly PodSecurity[] = ["restricted", "baseline", "privileged"];

function loosest(addons: readonly Released[]): PodSecurity {
  const levels = addons.map(({ addon }) => (isManaged(addon) ? 0 : LEVELS.indexOf(addon.podSecurity ?? "restricted")));
  return LEVELS[Math.max(...levels)] ?? "restricted";
}

/** https://kubernetes.io/docs/concepts/security/pod-security-admission/#pod-security-admission-labels-for-namespaces */
function podSecurityLabels(level: PodSecurity): Record<string, string> {
  return Object.fromEntries(["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, level]));
}
