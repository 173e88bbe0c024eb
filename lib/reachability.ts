import { type Labels, fulfils } from "./selector.ts";
import { overlaps, parseCidr } from "./cidr.ts";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements */
const OPERATORS = ["In", "NotIn", "Exists", "DoesNotExist"] as const;

interface Selector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Expression[];
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface Peer {
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] };
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
}

interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly PolicyPort[];
}

/** A NetworkPolicy of `networking.k8s.io/v1`, as far as it decides who reaches whom. */
export interface NetworkPolicy {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
  readonly spec: {
    readonly podSelector?: Selector;
    readonly policyTypes?: readonly string[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
}

/** Pods of one kind. */
export interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  /** Of the namespace, beside `kubernetes.io/metadata.name`, which every namespace has. */
  readonly namespaceLabels?: Labels;
  /**
   * An address that they may have, where policies see pods' own addresses, as with the VPC CNI: blocks that hold it let
   * them through. Default: blocks are for what is outside the cluster.
   */
  readonly podAddress?: string;
  /** Named ports, for policies that go by name. */
  readonly ports?: Readonly<Record<string, number>>;
}

/** One side of a connection: pods, or an address outside the cluster. */
export type Side = PodGroup | { readonly address: string };

export interface Connection {
  readonly from: Side;
  readonly to: Side;
  /** Of the receiving side. */
  readonly port: number;
  /** Default TCP. */
  readonly protocol?: string;
}

/**
 * Whether the policies let the connection through, as Kubernetes defines it: pods that no policy selects for a direction
 * accept everything in it; others what any of their policies names. The control planes that one has at hand on a laptop
 * store policies and enforce none, so this is how they are tested.
 * https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function isAllowed(policies: readonly NetworkPolicy[], connection: Connection): boolean {
  return leaves(policies, connection) && enters(policies, connection);
}

function leaves(policies: readonly NetworkPolicy[], { from, to, ...wire }: Connection): boolean {
  if ("address" in from) return true;
  const own = selecting(policies, from, "Egress");
  const rules = own.flatMap(({ metadata, spec }) => (spec.egress ?? []).map((rule) => ({ rule, metadata })));
  return (
    own.length === 0 ||
    rules.some(({ rule, metadata }) => isPeer(rule.to, to, metadata?.namespace) && isPort(rule.ports, to, wire))
  );
}

function enters(policies: readonly NetworkPolicy[], { from, to, ...wire }: Connection): boolean {
  if ("address" in to) return true;
  const own = selecting(policies, to, "Ingress");
  const rules = own.flatMap(({ metadata, spec }) => (spec.ingress ?? []).map((rule) => ({ rule, metadata })));
  return (
    own.length === 0 ||
    rules.some(({ rule, metadata }) => isPeer(rule.from, from, metadata?.namespace) && isPort(rule.ports, to, wire))
  );
}

function selecting(
  policies: readonly NetworkPolicy[],
  pod: PodGroup,
  direction: "Ingress" | "Egress",
): readonly NetworkPolicy[] {
  return policies.filter(
    ({ metadata, spec }) =>
      (metadata?.namespace ?? "default") === pod.namespace &&
      typesOf(spec).includes(direction) &&
      selects(spec.podSelector ?? {}, pod.labels),
  );
}

/** Without `policyTypes` a policy is for what comes in, and for what goes out when it says something about it. */
function typesOf({ policyTypes, egress }: NetworkPolicy["spec"]): readonly string[] {
  return policyTypes ?? (egress === undefined ? ["Ingress"] : ["Ingress", "Egress"]);
}

/** No list of peers is everyone; an empty one too. */
function isPeer(peers: readonly Peer[] | undefined, side: Side, namespace = "default"): boolean {
  return peers === undefined || peers.length === 0 || peers.some((peer) => isOne(peer, side, namespace));
}

function isOne({ ipBlock, namespaceSelector, podSelector }: Peer, side: Side, namespace: string): boolean {
  if (ipBlock !== undefined) {
    const address = "address" in side ? side.address : side.podAddress;
    return address !== undefined && isInside(ipBlock, address);
  }
  if ("address" in side) return false;
  const namespaceLabels = { ...side.namespaceLabels, "kubernetes.io/metadata.name": side.namespace };
  const isNamespace =
    namespaceSelector === undefined ? side.namespace === namespace : selects(namespaceSelector, namespaceLabels);
  return isNamespace && selects(podSelector ?? {}, side.labels);
}

function isInside({ cidr, except = [] }: NonNullable<Peer["ipBlock"]>, address: string): boolean {
  const host = parseCidr(`${address}/32`, "address");
  const holds = (block: string): boolean => overlaps(parseCidr(block, "ipBlock"), host);
  return holds(cidr) && !except.some(holds);
}

/** No list of ports is every port; an empty one too. */
function isPort(
  ports: readonly PolicyPort[] | undefined,
  to: Side,
  { port, protocol = "TCP" }: { readonly port: number; readonly protocol?: string },
): boolean {
  if (ports === undefined || ports.length === 0) return true;
  return ports.some((each) => {
    if ((each.protocol ?? "TCP") !== protocol) return false;
    if (each.port === undefined) return true;
    const named = "address" in to ? undefined : to.ports?.[String(each.port)];
    const first = typeof each.port === "number" ? each.port : named;
    return first !== undefined && first <= port && port <= (each.endPort ?? first);
  });
}

function selects({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => holdsFor(expression, labels))
  );
}

function holdsFor({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const known = OPERATORS.find((each) => each === operator);
  if (known === undefined)
    throw new Error(`a label selector's operator is ${operator}; it is one of ${OPERATORS.join(", ")}`);
  return fulfils(labels, { key, operator: known, values });
}
