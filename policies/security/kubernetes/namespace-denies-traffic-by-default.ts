import { listed } from "../../framework/format.ts";
import { clustersOf, NAMESPACE, namespaceOf } from "../../framework/kubernetes.ts";
import type { Cluster } from "../../framework/kubernetes.ts";
import { listAt, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { HIDING_TYPES, RELEASE } from "../../framework/hidden.ts";
import { EXEMPT, POD_TYPES } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { fits } from "../../framework/settings.ts";
import type { Stack } from "../../framework/stack.ts";
import { hardening } from "./standard.ts";

const NETWORK_POLICY = /^kubernetes:networking\.k8s\.io\/v\w+:NetworkPolicy$/;
const DIRECTIONS = ["Ingress", "Egress"] as const;
type Direction = (typeof DIRECTIONS)[number];

export const namespaceDeniesTrafficByDefault = stackPolicy({
  name: "namespace-denies-traffic-by-default",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Every namespace with pods denies traffic in and out unless a network policy allows it.",
  why: "Without a policy every pod reaches every other, the databases and the internet: one that is broken into is a way to all.",
  fix: "Add a NetworkPolicy with `podSelector: {}` and `policyTypes: [Ingress, Egress]`, and one for each flow that is wanted.",
  control: hardening(
    "network policies: default deny",
    "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
    "5.3.2",
  ),
  settings: { exempt: EXEMPT },
  types: [...POD_TYPES, ...HIDING_TYPES, NETWORK_POLICY, NAMESPACE],
  checkStack(stack, { exempt }, report) {
    for (const cluster of clustersOf(stack)) {
      const policies = policiesOf(stack, cluster);
      for (const [namespace, place] of inhabited(stack, cluster)) {
        if (!fits(namespace, exempt)) checkNamespace(namespace, place, policies.get(namespace) ?? [], report);
      }
    }
  },
});

interface Place {
  /** What to report it at: the Namespace where the stack makes it. */
  readonly urn: string;
  /** Whether the stack makes the namespace; who only adds pods to one of another stack cannot see its policies. */
  readonly isOwn: boolean;
}

/** Namespaces that have pods. */
function inhabited(stack: Stack, cluster: Cluster): Map<string, Place> {
  const found = new Map(cluster.workloads.map(({ namespace, resource }) => [namespace, resource]));
  const made = new Map<string, Resource>();
  for (const resource of cluster.resources) {
    if (resource.type === NAMESPACE) made.set(namespaceOf(stack, resource, cluster.resources), resource);
    // also of a chart that nobody has unfolded
    else if (resource.type === RELEASE) {
      const namespace = releaseNamespace(stack, cluster, resource);
      found.set(namespace, resource);
      if (resource.inputs["createNamespace"] === true && !made.has(namespace)) made.set(namespace, resource);
    }
  }
  return new Map(
    [...found].map(([namespace, { urn }]) => {
      const own = made.get(namespace);
      return [namespace, { urn: own?.urn ?? urn, isOwn: own !== undefined }];
    }),
  );
}

function releaseNamespace(stack: Stack, cluster: Cluster, release: Resource): string {
  const written = textAt(release.inputs, "namespace");
  if (written !== undefined) return written;
  if (unknownAt(release.unknown, "namespace") === undefined) return "default";
  const [urn] = stack.nearest(release.urn, NAMESPACE, "namespace");
  const made = cluster.resources.find((resource) => resource.urn === urn);
  return made ? namespaceOf(stack, made, cluster.resources) : "(not known yet)";
}

function policiesOf(stack: Stack, cluster: Cluster): Map<string, Resource[]> {
  const policies = new Map<string, Resource[]>();
  for (const resource of cluster.resources) {
    if (!NETWORK_POLICY.test(resource.type)) continue;
    const namespace = namespaceOf(stack, resource, cluster.resources);
    policies.set(namespace, [...(policies.get(namespace) ?? []), resource]);
  }
  return policies;
}

function checkNamespace(namespace: string, place: Place, policies: readonly Resource[], report: Report): void {
  const { urn, isOwn } = place;
  const general = policies.filter(selectsAll);
  for (const policy of general) {
    const name = `NetworkPolicy ${textAt(policy.inputs, "metadata.name") ?? policy.name}`;
    for (const direction of directionsOf(policy)) {
      const { isOpen, unknown } = opening(policy, direction);
      if (!isOpen && unknown !== undefined) report.undecided(unknown, `whom ${name} lets through (${direction})`, urn);
      if (!isOpen) continue;
      report.violation(
        `${name} allows all traffic of namespace ${namespace} (${direction}); name the peers or take the empty rule away.`,
        urn,
      );
    }
  }
  const missing = DIRECTIONS.filter((way) => !general.some((policy) => directionsOf(policy).includes(way)));
  if (missing.length === 0) return;
  const unknown = policies
    .map((policy) => unknownAt(policy.unknown, "spec.podSelector", "spec.policyTypes"))
    .find((path) => path !== undefined);
  if (unknown !== undefined) return report.undecided(unknown, `what namespace ${namespace} denies by default`, urn);
  const where = isOwn ? "" : " in this stack";
  const message = `Namespace ${namespace} has pods and no NetworkPolicy${where} that denies ${listed(missing)} by default; add one with podSelector {} and policyTypes ${JSON.stringify(missing)}.`;
  if (isOwn) report.violation(message, urn);
  else report.advice(message, urn);
}

function selectsAll({ inputs, unknown }: Resource): boolean {
  const selector = plainAt(inputs, "spec.podSelector");
  const empty = Object.values(selector).every(
    (part) => typeof part === "object" && part !== null && Object.keys(part).length === 0,
  );
  return empty && unknownAt(unknown, "spec.podSelector") === undefined;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/ (policyTypes) */
function directionsOf({ inputs, unknown }: Resource): Direction[] {
  if (unknownAt(unknown, "spec.policyTypes") !== undefined) return [];
  const written = listAt(inputs, "spec.policyTypes");
  if (written.length > 0) return DIRECTIONS.filter((way) => written.includes(way));
  return listAt(inputs, "spec.egress").length > 0 ? [...DIRECTIONS] : ["Ingress"];
}

const RULES = { Ingress: ["spec.ingress", "from"], Egress: ["spec.egress", "to"] } as const;

/** Whether a rule lets everything through: one without ports whose peers are none, or everywhere. */
function opening({ inputs, unknown }: Resource, way: Direction): { isOpen: boolean; unknown: string | undefined } {
  const [list, key] = RULES[way];
  let open: string | undefined;
  for (const [index, rule] of listAt(inputs, list).entries()) {
    if (listAt(rule, "ports").length > 0) continue;
    const peers = listAt(rule, key);
    const isEverywhere = peers.some(isEverybody);
    const hangsOn = isEverywhere ? ["ports"] : ["ports", key];
    const hidden = unknownAt(unknown, ...hangsOn.map((field) => `${list}[${index}].${field}`));
    if (hidden !== undefined) open ??= hidden;
    else if (isEverywhere || (peers.length === 0 && typeof rule === "object" && rule !== null))
      return { isOpen: true, unknown: undefined };
  }
  return { isOpen: false, unknown: open };
}

/** An address block that leaves nobody out. */
function isEverybody(peer: unknown): boolean {
  const isWhole = ["0.0.0.0/0", "::/0"].includes(textAt(peer, "ipBlock.cidr") ?? "");
  return isWhole && listAt(peer, "ipBlock.except").length === 0;
}
