import { CANDIDATES, type Candidate } from "@groundwork/lib/instance-choice";
import { type Requirement, fulfils } from "@groundwork/lib/selector";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import type { Client, KubernetesObject } from "./client.ts";
import { isMissing } from "./client.ts";
import { GPU } from "./gpus.ts";
import { type Taint, addNode, describeNode, nodeName, nodesOf, removeNode } from "./nodes.ts";

interface NodePool {
  readonly template: {
    readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
    readonly spec: { readonly requirements?: readonly Requirement[]; readonly taints?: readonly Taint[] };
  };
  readonly limits?: Readonly<Record<string, string | number>>;
  readonly weight?: number;
}

interface PodSpec {
  readonly nodeName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly { readonly matchExpressions?: readonly Requirement[] }[];
      };
    };
  };
  readonly containers: readonly {
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  }[];
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

interface Amount {
  readonly cpu: number;
  readonly memory: number;
  readonly gpus: number;
}

const ZONE = "topology.kubernetes.io/zone";
const CAPACITY = "karpenter.sh/capacity-type";

/** So many more pods must not keep a rehearsal busy making nodes for ever. */
const MOST_NODES = 60;

/**
 * What Karpenter would do, in small: for pods that no node holds, a node of the smallest type that a pool allows and
 * that holds them, in the pool's next zone, within the pool's limits. No consolidation, no prices, no interruptions.
 */
export async function provisionNodes(
  client: Client,
  region: string,
  zones: readonly string[],
): Promise<readonly string[]> {
  const pools = await nodePools(client);
  const existing = await nodesOf(client, "node pool");
  const gone = [...existing.values()].filter((node) => !pools.some(({ name }) => name === describeNode(node).owner));
  for (const { metadata } of gone) await removeNode(client, metadata.name, 0);
  const pods = await unschedulable(client);
  const made: string[] = [];
  if (pods.length === 0) return made;
  const daemons = await daemonsOf(client);
  for (const pool of pools.map((one) => ({ ...one, daemons }))) {
    const fitting = pods.filter((pod) => fits(pool, pod));
    if (fitting.length === 0) continue;
    const own = [...existing.values()].filter((node) => describeNode(node).owner === pool.name);
    const chosen = own.length < MOST_NODES ? choose(pool, fitting, zones, own) : undefined;
    if (chosen === undefined) continue;
    const name = nodeName(region, "pool", pool.name, own.length, Date.now());
    await addNode(client, {
      name,
      owner: { kind: "node pool", name: pool.name },
      instanceType: chosen.type.name,
      zone: chosen.zone,
      region,
      labels: { ...chosen.type.labels, ...pool.labels, [CAPACITY]: capacityOf(pool) },
      taints: pool.spec.template.spec.taints ?? [],
    });
    made.push(name);
    break; // the scheduler fills it first; the next round sees what is left
  }
  return made;
}

interface Pool {
  readonly name: string;
  readonly spec: NodePool;
  readonly labels: Readonly<Record<string, string>>;
  readonly requirements: readonly Requirement[];
  /** Pods of DaemonSets, one of each on every node that it fits: room that a new node must have beside what it is made for. */
  readonly daemons: readonly PodSpec[];
}

async function daemonsOf(client: Client): Promise<readonly PodSpec[]> {
  const sets = await client.glance("/apis/apps/v1/daemonsets");
  return sets.map(({ spec }) => (spec as { template: { spec: PodSpec } }).template.spec);
}

async function nodePools(client: Client): Promise<Omit<Pool, "daemons">[]> {
  let found: readonly KubernetesObject[];
  try {
    found = await client.list("/apis/karpenter.sh/v1/nodepools");
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  return found
    .map(({ metadata, spec }) => {
      const own = spec as NodePool;
      const labels = own.template.metadata?.labels ?? {};
      return { name: metadata.name, spec: own, labels, requirements: own.template.spec.requirements ?? [] };
    })
    .sort((a, b) => (b.spec.weight ?? 0) - (a.spec.weight ?? 0));
}

async function unschedulable(client: Client): Promise<PodSpec[]> {
  const pods = await client.list("/api/v1/pods", { fieldSelector: "status.phase=Pending" });
  return pods
    .filter(({ metadata, spec, status }) => {
      // one that belongs on a node which is full is not helped by another node
      if (isOfDaemonSet(metadata)) return false;
      const { conditions = [] } = (status ?? {}) as { conditions?: readonly { type: string; reason?: string }[] };
      const refused = conditions.some(({ type, reason }) => type === "PodScheduled" && reason === "Unschedulable");
      return refused && (spec as PodSpec).nodeName === undefined;
    })
    .map(({ spec }) => spec as PodSpec);
}

function isOfDaemonSet(metadata: KubernetesObject["metadata"]): boolean {
  const owners = (metadata["ownerReferences"] ?? []) as readonly { readonly kind: string }[];
  return owners.some(({ kind }) => kind === "DaemonSet");
}

/** What a pod asks of a node's labels: its selector and, of its affinity, the terms of which one must be fulfilled. */
function termsOf({ nodeSelector = {}, affinity }: PodSpec): (readonly Requirement[])[] {
  const selected = Object.entries(nodeSelector).map(([key, value]): Requirement => ({
    key,
    operator: "In",
    values: [value],
  }));
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [{}];
  return terms.map(({ matchExpressions = [] }) => [...selected, ...matchExpressions]);
}

function fits(pool: Pool, pod: PodSpec): boolean {
  return staysOn(pool, pod) && typesFor(pool, [pod]).length > 0;
}

function staysOn({ spec }: Pool, pod: PodSpec): boolean {
  const taints = spec.template.spec.taints ?? [];
  return taints.every((taint) => taint.effect === "PreferNoSchedule" || tolerates(pod, taint));
}

function tolerates({ tolerations = [] }: PodSpec, { key, value, effect }: Taint): boolean {
  return tolerations.some(
    (one) =>
      (one.key === undefined || one.key === key) &&
      (one.effect === undefined || one.effect === effect) &&
      (one.operator === "Exists" || one.value === value),
  );
}

/** The types that the pool allows and on which each of the pods would run. Zone and capacity type are the pool's own to choose. */
function typesFor(pool: Pool, pods: readonly PodSpec[]): Candidate[] {
  const isOpen = (key: string): boolean => key === ZONE || key === CAPACITY;
  const labelled = CANDIDATES.filter((type) =>
    pool.requirements.every((requirement) => fulfils(type.labels, requirement, isOpen)),
  );
  return labelled.filter((type) => {
    const labels = { "karpenter.sh/nodepool": pool.name, ...type.labels, ...pool.labels };
    const accepts = (pod: PodSpec): boolean =>
      termsOf(pod).some((terms) => terms.every((one) => fulfils(labels, one, isOpen)));
    return pods.every((pod) => accepts(pod) && holds(pool, type, requestsOf(pod)));
  });
}

/** One node for all of them if there is a type that large within the pool's limits, else the largest that there is. */
function choose(
  pool: Pool,
  pods: readonly PodSpec[],
  zones: readonly string[],
  own: readonly KubernetesObject[],
): { readonly type: Candidate; readonly zone: string } | undefined {
  const types = typesFor(pool, pods.slice(0, 1)).filter((type) => !exceeds(pool.spec, own, type));
  const needed = sum(pods.map(requestsOf));
  const whole = types.find((type) => holds(pool, type, needed));
  const type = whole ?? types.at(-1);
  const [first] = pods;
  const wanted = [...pool.requirements, ...(first === undefined ? [] : (termsOf(first)[0] ?? []))];
  const allowed = zones.filter((zone) =>
    wanted.filter(({ key }) => key === ZONE).every((requirement) => fulfils({ [ZONE]: zone }, requirement)),
  );
  const zone = allowed[own.length % Math.max(allowed.length, 1)];
  return type === undefined || zone === undefined ? undefined : { type, zone };
}

function requestsOf({ containers }: PodSpec): Amount {
  const requested = (name: string): number =>
    containers.reduce((total, { resources }) => total + (kubernetesQuantity(resources?.requests?.[name]) ?? 0), 0);
  return { cpu: requested("cpu"), memory: requested("memory"), gpus: requested(GPU) };
}

function sum(amounts: readonly Amount[]): Amount {
  const total = (name: keyof Amount): number => amounts.reduce((all, amount) => all + amount[name], 0);
  return { cpu: total("cpu"), memory: total("memory"), gpus: total("gpus") };
}

function holds(pool: Pool, type: Candidate, wants: Amount): boolean {
  const labels = { "karpenter.sh/nodepool": pool.name, ...type.labels, ...pool.labels };
  const daemons = pool.daemons.filter(
    (pod) => staysOn(pool, pod) && termsOf(pod).some((terms) => terms.every((one) => fulfils(labels, one))),
  );
  const own = sum(daemons.map(requestsOf));
  return (["cpu", "memory", "gpus"] as const).every(
    (name) => wants[name] + Math.max(own[name], DAEMONS[name]) <= type[name],
  );
}

/** What they take at least: those of add-ons that are installed later are not known yet. */
const DAEMONS: Amount = { cpu: 0.3, memory: 512 * 2 ** 20, gpus: 0 };

/** What a pool may use in all, by the label that tells how much of it a node is. https://karpenter.sh/docs/concepts/nodepools/#speclimits */
const LIMITED: Readonly<Record<string, { readonly label: string; readonly unit: number }>> = {
  cpu: { label: "karpenter.k8s.aws/instance-cpu", unit: 1 },
  memory: { label: "karpenter.k8s.aws/instance-memory", unit: 2 ** 20 },
  [GPU]: { label: "karpenter.k8s.aws/instance-gpu-count", unit: 1 },
};

/** Whether one more node of a type goes beyond what the pool may use in all. */
function exceeds({ limits = {} }: NodePool, nodes: readonly KubernetesObject[], { labels: more }: Candidate): boolean {
  const all = [more, ...nodes.map(({ metadata }) => (metadata["labels"] ?? {}) as Readonly<Record<string, string>>)];
  return Object.entries(LIMITED).some(([name, { label, unit }]) => {
    const limit = kubernetesQuantity(limits[name]);
    return limit !== undefined && all.reduce((sum, labels) => sum + Number(labels[label] ?? 0) * unit, 0) > limit;
  });
}

function capacityOf({ requirements }: Pool): string {
  const allowed = requirements.find(({ key, operator }) => key === CAPACITY && operator === "In")?.values ?? [];
  // spot is the cheaper one, so Karpenter takes it where it may
  return allowed.includes("spot") ? "spot" : (allowed[0] ?? "on-demand");
}
