import type { DesiredResource, DesiredState } from "../desired-state.ts";
import type { Toleration } from "../expanders/expansion.ts";
import { at, count, list, plain, text } from "../expanders/read.ts";
import { CANDIDATES } from "../instance-choice.ts";
import type { Candidate } from "../instance-choice.ts";
import { instanceType } from "../instances.ts";
import type { Allocatable } from "../instances.ts";
import { kubernetesQuantity } from "../kubernetes-quantity.ts";
import type { Placement } from "../placement.ts";
import { GLOBAL } from "../placement.ts";
import { fulfils } from "../selector.ts";
import type { Requirement } from "../selector.ts";
import { Graph } from "./graph.ts";
import { EKS_CLUSTER, LAUNCH_TEMPLATE, NODE_GROUP, NODE_POOL } from "./kinds.ts";
import { DEFAULT_INSTANCE_TYPE, nodeSize } from "./node-size.ts";
import type { PodGroup } from "./pods.ts";

/** A kind of node that a pool can have. */
export interface NodeType {
  readonly name: string;
  /** Cores of the machine, which limits and quotas count. */
  readonly vcpu: number;
  readonly memory: number;
  readonly free: Allocatable;
}

/** Nodes that come by themselves: a managed node group, or a NodePool of Karpenter. */
export interface Pool {
  readonly urn: string;
  readonly kind: "node group" | "node pool";
  readonly name: string;
  readonly region: string;
  readonly cluster: string;
  readonly min: number;
  /** Nodes that are there unless somebody changes it; Karpenter has none of its own. */
  readonly desired: number;
  /** Of nodes of a type; `Infinity` where nothing bounds it. */
  readonly most: (type: NodeType) => number;
  /** The types that it may have for pods; a node group has one. */
  readonly types: (pods: readonly PodGroup[]) => readonly NodeType[];
  /** Whether each of its nodes has a GPU. */
  readonly gpus: boolean;
  /** Whether a group's pods may run here, by taints and labels. */
  readonly admits: (group: PodGroup) => boolean;
}

/** What would hold pods if its instance type were known. */
export interface UnknownPool {
  readonly name: string;
  readonly type: string;
}

/** Node groups first: what Karpenter makes is made for what finds no room. */
export function poolsOf(
  state: DesiredState,
  places: ReadonlyMap<string, Placement>,
): { readonly pools: readonly Pool[]; readonly unknown: readonly UnknownPool[] } {
  const graph = new Graph(state.resources);
  const groups: Pool[] = [];
  const karpenter: { readonly pool: Pool; readonly weight: number }[] = [];
  const unknown: UnknownPool[] = [];
  for (const resource of state.resources) {
    const region = places.get(resource.urn)?.region ?? GLOBAL;
    if (resource.type === NODE_GROUP) {
      const pool = nodeGroup(resource, region, graph, state.resources);
      if ("kind" in pool) groups.push(pool);
      else unknown.push(pool);
    } else if (NODE_POOL.test(resource.type)) {
      const weight = count(at(resource.inputs, "spec")["weight"], 0);
      karpenter.push({ pool: nodePool(resource, region, graph), weight });
    }
  }
  return { pools: [...groups, ...karpenter.sort((a, b) => b.weight - a.weight).map(({ pool }) => pool)], unknown };
}

function nodeGroup(
  resource: DesiredResource,
  region: string,
  graph: Graph,
  all: readonly DesiredResource[],
): Pool | UnknownPool {
  const { inputs, urn, name } = resource;
  const [template] = graph.direct(resource, LAUNCH_TEMPLATE);
  const written = list(inputs["instanceTypes"]).filter((type) => typeof type === "string");
  const names = written.length > 0 ? written : [text(template?.inputs["instanceType"], DEFAULT_INSTANCE_TYPE)];
  const free = nodeSize(names);
  if (typeof free === "string") return { name, type: free };
  const types = names.flatMap((each) => instanceType(each) ?? []);
  const type: NodeType = {
    name: names.join(", "),
    vcpu: Math.max(...types.map(({ vcpu }) => vcpu)),
    memory: Math.max(...types.map(({ memory }) => memory)),
    free,
  };
  const scaling = plain(inputs["scalingConfig"]);
  const most = count(scaling["maxSize"], 1);
  const taints = list(inputs["taints"]).map(plain).map(taintOf);
  const labels: Labels = { ...texts(inputs["labels"]), "node.kubernetes.io/instance-type": names[0] ?? "" };
  return {
    urn,
    kind: "node group",
    name: label(resource),
    region,
    cluster: clusterOf(resource, graph, all),
    min: count(scaling["minSize"], 0),
    desired: count(scaling["desiredSize"], count(scaling["minSize"], 0)),
    most: () => most,
    types: () => [type],
    gpus: (free.gpus ?? 0) > 0,
    admits: (group) => tolerates(group.tolerations, taints) && selects(group.selector, (key) => labels[key]),
  };
}

function nodePool(resource: DesiredResource, region: string, graph: Graph): Pool {
  const spec = plain(resource.inputs["spec"]);
  const template = at(spec, "template");
  const requirements = list(at(template, "spec")["requirements"]) as readonly Requirement[];
  const taints = list(at(template, "spec")["taints"]).map(plain).map(taintOf);
  const name = text(plain(resource.inputs["metadata"])["name"], resource.name);
  const own: Labels = { ...texts(at(template, "metadata")["labels"]), "karpenter.sh/nodepool": name };
  const allowed = CANDIDATES.filter(({ labels }) => requirements.every((one) => fulfils(labels, one, isOpen)));
  const nodeTypes = new Map(allowed.map((candidate) => [candidate, nodeType(candidate)]));
  const fits = (candidate: Candidate, group: PodGroup): boolean =>
    selects(group.selector, (key) => own[key] ?? candidate.labels[key]);
  return {
    urn: resource.urn,
    kind: "node pool",
    name,
    region,
    cluster: graph.nearest(resource.provider, EKS_CLUSTER)?.urn ?? resource.provider ?? "",
    min: 0,
    desired: 0,
    most: (type) => limitOf(plain(spec["limits"]), type),
    types: (groups) =>
      allowed.filter((type) => groups.every((group) => fits(type, group))).flatMap((type) => nodeTypes.get(type) ?? []),
    gpus: allowed.length > 0 && allowed.every(({ gpus }) => gpus > 0),
    admits: (group) =>
      tolerates(group.tolerations, taints) && allowed.some((type) => fits(type, group) && holds(type, group)),
  };
}

function nodeType({ name }: Candidate): NodeType[] {
  const type = instanceType(name);
  const free = nodeSize([name]);
  return type === undefined || typeof free === "string" ? [] : [{ name, vcpu: type.vcpu, memory: type.memory, free }];
}

/** Zone and capacity type are the pool's own to choose. */
function isOpen(key: string): boolean {
  return key === "topology.kubernetes.io/zone" || key === "karpenter.sh/capacity-type";
}

function holds({ cpu, memory, gpus }: Candidate, { size }: PodGroup): boolean {
  return size.cpu <= cpu && size.memory <= memory && size.gpus <= gpus;
}

/** What a pool may use in all. https://karpenter.sh/docs/concepts/nodepools/#speclimits */
function limitOf(limits: Readonly<Record<string, unknown>>, { vcpu, memory, free }: NodeType): number {
  const each: Readonly<Record<string, number>> = { cpu: vcpu, memory, "nvidia.com/gpu": free.gpus ?? 0, nodes: 1 };
  return Math.min(
    ...Object.entries(each).map(([name, amount]) => {
      const limit = kubernetesQuantity(limits[name]);
      return limit === undefined || amount <= 0 ? Infinity : Math.floor(limit / amount);
    }),
  );
}

interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** EKS writes `NO_SCHEDULE` where Kubernetes writes `NoSchedule`. */
function taintOf(taint: Readonly<Record<string, unknown>>): Taint {
  const effect = text(taint["effect"]).toLowerCase().replaceAll("_", "");
  return { key: text(taint["key"]), value: text(taint["value"]), effect };
}

function tolerates(tolerations: readonly Toleration[], taints: readonly Taint[]): boolean {
  return taints
    .filter(({ effect }) => effect !== "prefernoschedule")
    .every(({ key, value, effect }) =>
      tolerations.some(
        (one) =>
          (one.key === undefined || one.key === key) &&
          (one.effect === undefined || one.effect.toLowerCase() === effect) &&
          (one.operator === "Exists" || (one.value ?? "") === value),
      ),
    );
}

/** Labels that the node itself brings are not known here and do not keep a pod away. */
function selects(selector: PodGroup["selector"], labelOf: (key: string) => string | undefined): boolean {
  return Object.entries(selector).every(([key, value]) => {
    const own = labelOf(key);
    return own === undefined ? /^kubernetes\.io\/os$/.test(key) : own === value;
  });
}

function clusterOf(resource: DesiredResource, graph: Graph, all: readonly DesiredResource[]): string {
  const through = graph.nearest(resource.urn, EKS_CLUSTER)?.urn;
  const name = resource.inputs["clusterName"];
  return through ?? all.find(({ type, inputs }) => type === EKS_CLUSTER && inputs["name"] === name)?.urn ?? "";
}

/** The name that it was given; what the provider adds to it is different each time. */
function label({ inputs, name }: DesiredResource): string {
  const given = text(inputs["nodeGroupName"]);
  return given === "" || given.startsWith(`${name}-`) ? name : given;
}

type Labels = Readonly<Record<string, string>>;

function texts(value: unknown): Labels {
  return plain(value) as Labels;
}
