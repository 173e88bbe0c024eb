import type { Range } from "../capacity-report.ts";
import type { DesiredResource, DesiredState } from "../desired-state.ts";
import { expand, isUnexpanded } from "../expanders/expand.ts";
import type { ExpandedClaim, ExpandedWorkload, Toleration } from "../expanders/expansion.ts";
import { at, list, placement, plain, text } from "../expanders/read.ts";
import { kubernetesQuantity } from "../kubernetes-quantity.ts";
import type { Placement } from "../placement.ts";
import { GLOBAL, SHARED } from "../placement.ts";
import { effectiveRequests, podsOf } from "../pods.ts";
import type { Pods } from "../pods.ts";
import { environmentOf } from "./environment.ts";
import { Graph, namespaceOf } from "./graph.ts";
import { DOCKER_CONTAINER, DOCKER_SERVICE, EKS_CLUSTER, isPatch, kindOf, podSpecPath } from "./kinds.ts";
import type { Scaler } from "./scalers.ts";
import { scalersOf } from "./scalers.ts";

/** What one pod or container asks for. */
export interface PodSize {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  readonly gpus: number;
}

/** Pods of one size, from one resource or from one part of what it hides. */
export interface PodGroup extends Placement {
  readonly urn: string;
  readonly type: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** URN of the EKS cluster where the stack makes it, else of the provider. */
  readonly cluster: string;
  /** One for each node where `perNode` says so. */
  readonly replicas: Range;
  readonly perNode: boolean;
  readonly size: PodSize;
  readonly selector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
  /** Its variables, empty where they are not known yet; none of what is hidden. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether something asks it over HTTP whether it is ready. */
  readonly answers: boolean;
  readonly scaler?: Scaler;
}

/** Claims of a resource that hides them. */
export interface HiddenClaim extends Placement {
  readonly cluster: string;
  readonly claim: ExpandedClaim;
}

export interface AllPods {
  readonly groups: readonly PodGroup[];
  readonly claims: readonly HiddenClaim[];
  /** Why something that may hide pods is not counted. */
  readonly notes: readonly string[];
}

type Made = Pick<PodGroup, "name" | "namespace" | "kind" | "size" | "selector" | "tolerations"> & {
  readonly replicas: number | undefined;
};

/** Every pod and container of a stack, also those that Helm releases, add-ons and custom resources hide. */
export function allPods(state: DesiredState, places: ReadonlyMap<string, Placement>): AllPods {
  const graph = new Graph(state.resources);
  const scalers = scalersOf(state.resources, graph);
  const clusters = new Map<string, string>();
  const clusterOf = (provider: string): string => {
    const known = clusters.get(provider) ?? graph.nearest(provider, EKS_CLUSTER)?.urn ?? provider;
    clusters.set(provider, known);
    return known;
  };
  const groups: PodGroup[] = [];
  const claims: HiddenClaim[] = [];
  const notes = new Set<string>();
  for (const resource of state.resources) {
    const place = places.get(resource.urn) ?? { system: SHARED, region: GLOBAL };
    const cluster = clusterKey(resource, clusterOf, graph);
    const group = (made: Made): PodGroup => grouped(resource, made, { ...place, cluster }, scalers);
    const visible = isPatch(resource.type) ? undefined : podsOf(resource.type, resource.inputs);
    if (visible !== undefined) groups.push(group(visiblePods(resource, visible, place.system, graph)));
    const hidden = resource.custom ? expand(resource.type, resource.inputs) : undefined;
    if (hidden === undefined) continue;
    if (isUnexpanded(hidden)) notes.add(`Pods of ${resource.name} are not counted: ${hidden.unknown}.`);
    else {
      groups.push(...hidden.workloads.map((workload) => group(hiddenPods(resource, workload, graph))));
      claims.push(...hidden.claims.map((claim) => ({ ...place, cluster, claim })));
    }
  }
  return { groups: together(groups), claims, notes: [...notes].sort() };
}

function clusterKey(resource: DesiredResource, clusterOf: (provider: string) => string, graph: Graph): string {
  // an add-on of EKS is made by the provider of AWS
  if (resource.type.startsWith("aws:")) return graph.nearest(resource.urn, EKS_CLUSTER)?.urn ?? "";
  return clusterOf(resource.provider ?? "");
}

function grouped(
  resource: DesiredResource,
  { replicas, ...made }: Made,
  place: Placement & { readonly cluster: string },
  scalers: readonly Scaler[],
): PodGroup {
  const scaler = scalers.find((one) => scales(one, resource, made));
  const fixed = replicas ?? 0;
  const range = scaler?.range ?? ownRange(resource, made.kind, fixed);
  return {
    urn: resource.urn,
    type: resource.type,
    ...made,
    ...place,
    replicas: range,
    perNode: replicas === undefined,
    environment: environmentOf(resource.type, resource.inputs),
    answers: answers(resource),
    ...(scaler && { scaler }),
  };
}

function scales(
  { provider, namespace, target }: Scaler,
  resource: DesiredResource,
  made: Omit<Made, "replicas">,
): boolean {
  return (
    provider === (resource.provider ?? "") &&
    namespace === made.namespace &&
    target.name === made.name &&
    (target.kind === made.kind || target.kind === kindOf(resource.type))
  );
}

/** A CronJob's pods come and go; Envoy Gateway keeps an autoscaler of its own. */
function ownRange({ type, inputs }: DesiredResource, kind: string, replicas: number): Range {
  const most = at(inputs, "spec", "provider", "kubernetes", "envoyHpa")["maxReplicas"];
  if (type.endsWith(":EnvoyProxy") && typeof most === "number") return { min: replicas, max: Math.max(replicas, most) };
  return { min: kind === "CronJob" ? 0 : replicas, max: replicas };
}

function visiblePods(resource: DesiredResource, pods: Pods, system: string, graph: Graph): Made {
  const { type, inputs } = resource;
  if (type === DOCKER_CONTAINER || type === DOCKER_SERVICE) {
    return {
      kind: kindOf(type),
      namespace: "",
      name: shortName(text(inputs["name"], resource.name), system),
      replicas: pods.replicas,
      size: { ...sizeOf(pods), gpus: dockerGpus(type, inputs) },
      selector: {},
      tolerations: [],
    };
  }
  const spec = at(inputs, ...podSpecPath(type).split("."));
  const { nodeSelector = {}, tolerations = [] } = placement(spec);
  const metadata = plain(inputs["metadata"]);
  return {
    kind: kindOf(type),
    namespace: namespaceOf(graph, resource),
    name: text(metadata["name"], resource.name),
    replicas: pods.replicas,
    size: { ...sizeOf(pods), gpus: kubernetesGpus(spec) },
    selector: nodeSelector,
    tolerations,
  };
}

function hiddenPods(resource: DesiredResource, workload: ExpandedWorkload, graph: Graph): Made {
  const { kind, name, pods, nodeSelector, tolerations } = workload;
  return {
    kind,
    // what is not known yet is the default namespace to an expander
    namespace: workload.namespace === "default" ? namespaceOf(graph, resource) : workload.namespace,
    name,
    replicas: pods.replicas,
    size: { ...sizeOf(pods), gpus: 0 },
    selector: nodeSelector ?? {},
    tolerations: tolerations ?? [],
  };
}

function sizeOf(pods: Pods): Omit<PodSize, "gpus"> {
  const { cpu = 0, memory = 0 } = effectiveRequests(pods);
  return { cpu, memory };
}

/** https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/ */
function kubernetesGpus(spec: unknown): number {
  const gpus = (container: unknown): number =>
    Object.entries({ ...at(container, "resources", "requests"), ...at(container, "resources", "limits") })
      .filter(([name]) => name.endsWith("/gpu"))
      .reduce((total, [, amount]) => total + (kubernetesQuantity(amount) ?? 0), 0);
  return list(plain(spec)["containers"]).reduce<number>((total, container) => total + gpus(container), 0);
}

/** `NVIDIA-GPU=1` of a service's reservation; `all`, `device=...` or a number of a container. */
function dockerGpus(type: string, inputs: DesiredResource["inputs"]): number {
  if (type === DOCKER_CONTAINER) {
    const asked = text(inputs["gpus"]);
    return asked === "" ? 0 : Number(asked) > 0 ? Number(asked) : Math.max(1, asked.split(",").length);
  }
  const generic = at(inputs, "taskSpec", "resources", "reservation", "genericResources");
  return list(generic["discreteResourcesSpecs"]).reduce<number>((total, spec) => {
    const [, kind = "", amount = ""] = /^([^=]+)=(\d+)$/.exec(text(spec)) ?? [];
    return /gpu/i.test(kind) ? total + Number(amount) : total;
  }, 0);
}

/** `scraper` of `tracks-scraper-2`: replicas of a container are containers with numbers. */
function shortName(name: string, system: string): string {
  const own = name.startsWith(`${system}-`) ? name.slice(system.length + 1) : name;
  return own.replace(/-\d+$/, "");
}

function answers({ type, inputs }: DesiredResource): boolean {
  const spec = at(inputs, ...podSpecPath(type).split("."));
  return list(spec["containers"]).some((container) => "httpGet" in at(container, "readinessProbe"));
}

/** Containers that are replicas of each other are one group: same place, name and size. */
function together(groups: readonly PodGroup[]): readonly PodGroup[] {
  const found = new Map<string, PodGroup>();
  for (const group of groups) {
    const { cpu, memory, gpus } = group.size;
    const key = [
      group.system,
      group.region,
      group.cluster,
      group.namespace,
      group.kind,
      group.name,
      cpu,
      memory,
      gpus,
      group.perNode,
    ].join(" ");
    const known = found.get(key);
    const { min, max } = group.replicas;
    found.set(
      key,
      known ? { ...known, replicas: { min: known.replicas.min + min, max: known.replicas.max + max } } : group,
    );
  }
  return [...found.values()];
}
