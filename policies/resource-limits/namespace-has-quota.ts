import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { listed } from "../framework/format.ts";
import { clustersOf, LIMIT_RANGE, NAMESPACE, namespaceOf, RESOURCE_QUOTA } from "../framework/kubernetes.ts";
import type { Cluster } from "../framework/kubernetes.ts";
import { at, listAt, plainAt, textAt, unknownAt } from "../framework/known.ts";
import type { Plain } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { fits, patterns } from "../framework/settings.ts";
import type { Stack } from "../framework/stack.ts";

const settings = {
  quotas: patterns(
    ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"],
    "What the ResourceQuotas of a namespace must bound together.",
  ),
  exempt: patterns([], "Namespaces that need no quota, e.g. those of an operator; * stands for any text."),
};

/** `cpu` and `memory` are the quota's older names. https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota */
const ALIASES: Readonly<Record<string, string>> = { cpu: "requests.cpu", memory: "requests.memory" };

export const namespaceHasQuota = stackPolicy({
  name: "namespace-has-quota",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description: "Every namespace that the stack creates has a ResourceQuota and a LimitRange with container defaults.",
  why: "Without a quota one namespace can starve all others of the cluster; without defaults a quota rejects every pod that forgot a limit.",
  fix: "Add a ResourceQuota with requests.cpu, requests.memory, limits.cpu and limits.memory, and a LimitRange of type Container.",
  control: {
    name: "NSA Kubernetes Hardening: resource policies; AWS EKS best practices: multi-tenancy quotas",
    url: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
  },
  settings,
  types: [NAMESPACE, RESOURCE_QUOTA, LIMIT_RANGE],
  checkStack(stack, { quotas, exempt }, report) {
    for (const cluster of clustersOf(stack)) {
      for (const namespace of cluster.resources.filter(({ type }) => type === NAMESPACE)) {
        const name = textAt(namespace.inputs, "metadata.name") ?? namespace.name;
        if (fits(name, exempt)) continue;
        const inside = membersOf(stack, cluster, namespace);
        checkQuota(namespace, name, inside, quotas, report);
        checkLimitRange(namespace, name, inside, report);
      }
    }
  },
});

function membersOf(stack: Stack, cluster: Cluster, namespace: Resource): readonly Resource[] {
  const key = namespaceOf(stack, namespace, cluster.resources);
  return cluster.resources.filter(
    (resource) => resource !== namespace && namespaceOf(stack, resource, cluster.resources) === key,
  );
}

function checkQuota(
  namespace: Resource,
  name: string,
  inside: readonly Resource[],
  wanted: readonly string[],
  report: Report,
): void {
  const quotas = inside.filter(({ type }) => type === RESOURCE_QUOTA);
  if (quotas.length === 0) {
    report.violation(`Namespace ${name} has no ResourceQuota; add one that bounds ${listed(wanted)}.`, namespace.urn);
    return;
  }
  const bounded = new Set(
    quotas.flatMap(({ inputs }) => Object.keys(plainAt(inputs, "spec.hard"))).map((key) => ALIASES[key] ?? key),
  );
  const unknownKeys = quotas.flatMap(({ unknown }) =>
    unknown.filter(([spec, hard]) => spec === "spec" && hard === "hard"),
  );
  for (const path of unknownKeys) bounded.add(ALIASES[String(path[2])] ?? String(path[2]));
  const missing = wanted.filter((key) => !bounded.has(key));
  if (missing.length === 0) return;
  const unknown = quotas
    .map((quota) => unknownAt(quota.unknown, "spec.hard"))
    .find((path) => path === "spec" || path === "spec.hard");
  if (unknown !== undefined) report.undecided(unknown, `the quota of namespace ${name}`, namespace.urn);
  else
    report.violation(
      `The ResourceQuota of namespace ${name} does not bound ${listed(missing)}; add them to spec.hard.`,
      namespace.urn,
    );
}

function checkLimitRange(namespace: Resource, name: string, inside: readonly Resource[], report: Report): void {
  const ranges = inside.filter(({ type }) => type === LIMIT_RANGE);
  if (ranges.length === 0) {
    report.violation(
      `Namespace ${name} has no LimitRange; add one of type Container with default and defaultRequest for cpu and memory.`,
      namespace.urn,
    );
    return;
  }
  if (ranges.some(({ inputs }) => listAt(inputs, "spec.limits").some(hasDefaults))) return;
  const unknown = ranges.map((range) => unknownAt(range.unknown, "spec.limits")).find((path) => path !== undefined);
  if (unknown !== undefined) report.undecided(unknown, `the container defaults of namespace ${name}`, namespace.urn);
  else {
    report.violation(
      `The LimitRange of namespace ${name} gives containers no default limits; add type Container with default and defaultRequest for cpu and memory.`,
      namespace.urn,
    );
  }
}

/** A default request that is not written equals the default limit. */
function hasDefaults(item: unknown): boolean {
  if (textAt(item, "type") !== "Container") return false;
  const readable = (defaults: Plain, key: string) => kubernetesQuantity(at(defaults, key)) !== undefined;
  const defaults = plainAt(item, "default");
  return readable(defaults, "cpu") && readable(defaults, "memory");
}
