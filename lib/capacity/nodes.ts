import type { NodeCapacity } from "../capacity-report.ts";
import type { Allocatable } from "../instances.ts";
import { HOST } from "../placement.ts";
import { nodesFor } from "./packing.ts";
import type { PodKind } from "./packing.ts";
import type { PodGroup } from "./pods.ts";
import type { NodeType, Pool } from "./pools.ts";
import { poolsOf } from "./pools.ts";
import type { View } from "./view.ts";

/** Nodes of one pool at one moment. */
export interface Filled {
  readonly pool: Pool;
  readonly type: NodeType;
  readonly nodes: number;
}

/** Who goes where when a cluster has so many pods of each group. */
export interface Packed {
  readonly filled: readonly Filled[];
  /** Pods that no pool admits or holds, by group. */
  readonly homeless: readonly PodKind[];
}

type Count = (group: PodGroup) => number;

export interface ClusterNodes {
  readonly cluster: string;
  readonly region: string;
  readonly pools: readonly Pool[];
  readonly groups: readonly PodGroup[];
}

/** The clusters whose nodes the stack tells, and what it does not tell. */
export function clustersOf(view: View): {
  readonly clusters: readonly ClusterNodes[];
  readonly notes: readonly string[];
} {
  const { pools, unknown } = poolsOf(view.state, view.places);
  const keys = [...new Set(pools.map(({ cluster }) => cluster))].sort();
  return {
    clusters: keys.map((cluster) => {
      const own = pools.filter((pool) => pool.cluster === cluster);
      const groups = view.groups.filter((group) => group.cluster === cluster);
      return { cluster, region: own[0]?.region ?? "", pools: own, groups };
    }),
    notes: unknown.map(({ name, type }) => `Nodes of ${name} are not counted: lib/instances.ts does not know ${type}.`),
  };
}

export function nodeCapacity(clusters: readonly ClusterNodes[]): {
  readonly nodes: readonly NodeCapacity[];
  readonly notes: readonly string[];
} {
  const nodes: NodeCapacity[] = [];
  const notes: string[] = [];
  for (const cluster of clusters) {
    const least = pack(cluster, ({ replicas }) => replicas.min);
    const most = pack(cluster, ({ replicas }) => replicas.max, least);
    for (const pool of cluster.pools) {
      const at = (packed: Packed) => packed.filled.find((one) => one.pool === pool);
      const type = at(most)?.type ?? pool.types([])[0];
      if (type === undefined) continue;
      const needed = { min: at(least)?.nodes ?? 0, max: at(most)?.nodes ?? 0 };
      const bound = pool.most(type);
      const max = Number.isFinite(bound) ? bound : Math.max(needed.max, pool.min);
      if (!Number.isFinite(bound))
        notes.push(`Nothing limits ${pool.kind} ${pool.name} of ${cluster.region}: write spec.limits.`);
      nodes.push({
        region: cluster.region,
        name: pool.name,
        instanceType: type.name,
        count: { min: pool.min, max },
        needed,
      });
    }
    notes.push(
      ...most.homeless.map(
        ({ name, count }) => `${count} pods of ${name} in ${cluster.region} fit no node of any pool.`,
      ),
    );
  }
  return { nodes, notes };
}

/**
 * Pods on node groups as they stand, and the rest on what Karpenter makes: it does not make node groups larger. Where there
 * is no Karpenter, groups grow to their maximum, and the last one goes on beyond it, so that what is missing shows. `like`
 * another time, nodes are of the types that were taken then.
 */
export function pack({ pools, groups }: ClusterNodes, count: Count, like?: Packed): Packed {
  const filled: Filled[] = [];
  let waiting = groups
    .filter((group) => !group.perNode && count(group) > 0)
    .map((group) => ({ group, pods: kindOf(group, count(group)) }));
  const isElastic = pools.some(({ kind }) => kind === "node pool");
  for (const [index, pool] of pools.entries()) {
    const admitted = waiting.filter(({ group }) => pool.admits(group));
    const limit = limitOf(pool, isElastic, index === pools.length - 1);
    const before = like?.filled.find((one) => one.pool === pool && one.nodes > 0)?.type;
    const chosen = choose(
      before === undefined ? pool : { ...pool, types: () => [before] },
      admitted.map(({ group }) => group),
      admitted.map(({ pods }) => pods),
      groups,
      limit,
    );
    if (chosen === undefined) continue;
    filled.push({ pool, type: chosen.type, nodes: chosen.nodes });
    const left = new Map(chosen.left.map((pods) => [pods.name, pods]));
    waiting = waiting.flatMap((one) => {
      if (!admitted.includes(one)) return [one];
      const rest = left.get(one.pods.name);
      return rest === undefined ? [] : [{ group: one.group, pods: rest }];
    });
  }
  return { filled, homeless: waiting.map(({ pods }) => pods) };
}

function limitOf(pool: Pool, isElastic: boolean, isLast: boolean): (type: NodeType) => number {
  if (pool.kind === "node pool") return pool.most;
  return isElastic ? () => pool.desired : isLast ? () => Infinity : pool.most;
}

interface Choice {
  readonly type: NodeType;
  readonly nodes: number;
  readonly left: readonly PodKind[];
}

/** The cheapest way to hold all, else the one that leaves the fewest pods outside. */
function choose(
  pool: Pick<Pool, "types" | "admits">,
  admitted: readonly PodGroup[],
  pods: readonly PodKind[],
  all: readonly PodGroup[],
  limit: (type: NodeType) => number,
): Choice | undefined {
  const daemons = all.filter((group) => group.perNode && pool.admits(group));
  const seen = new Set<string>();
  let best: (Choice & { readonly out: number; readonly price: number }) | undefined;
  for (const type of pool.types(admitted)) {
    const size = `${type.free.cpu} ${type.free.memory} ${type.free.gpus ?? 0}`;
    if (seen.has(size)) continue;
    seen.add(size);
    const { nodes, left } = nodesFor(less(type.free, daemons), limit(type), pods);
    const out = left.reduce((sum, { count }) => sum + count, 0);
    const price = nodes * priceOf(type);
    if (best === undefined || out < best.out || (out === best.out && price < best.price))
      best = { type, nodes, left, out, price };
  }
  return best;
}

/** On-demand prices of the c, m and r families are to each other as vCPU plus a tenth of GiB. https://aws.amazon.com/ec2/pricing/on-demand/ */
function priceOf({ vcpu, memory, free }: NodeType): number {
  // a GPU costs more than the machine around it: none is taken where none is asked for
  return vcpu + memory / 2 ** 30 / 10 + 100 * (free.gpus ?? 0);
}

function less(free: Allocatable, daemons: readonly PodGroup[]): Allocatable {
  const sum = (amount: (group: PodGroup) => number): number =>
    daemons.reduce((total, group) => total + amount(group), 0);
  return {
    ...free,
    cpu: free.cpu - sum(({ size }) => size.cpu),
    memory: free.memory - sum(({ size }) => size.memory),
    pods: free.pods - daemons.length,
  };
}

function kindOf({ namespace, name, kind, size }: PodGroup, count: number): PodKind {
  return { name: `${kind} ${namespace}/${name}`, count, ...size };
}

/** The machine behind a Docker Engine: its containers' memory is set aside, its cores are shared. */
export function hostCapacity({ groups, assumptions: { host } }: View): readonly NodeCapacity[] {
  const own = groups.filter(({ region }) => region === HOST);
  if (own.length === 0) return [];
  const sum = (amount: (group: PodGroup) => number) => own.reduce((total, group) => total + amount(group), 0);
  const needed = (count: (group: PodGroup) => number): number => {
    if (host === undefined) return 1;
    const memory = sum((group) => count(group) * group.size.memory) / (host.memoryGiB * 2 ** 30);
    // a service reserves cores; a container is only held to them
    const cpu = sum((group) => (group.kind === "Service" ? count(group) * group.size.cpu : 0)) / host.cpus;
    return Math.max(1, Math.ceil(Math.max(memory, cpu)));
  };
  return [
    {
      region: HOST,
      name: "Docker host",
      instanceType: host === undefined ? "not stated" : `${host.cpus} cores, ${host.memoryGiB} GiB`,
      count: { min: 1, max: 1 },
      needed: { min: needed(({ replicas }) => replicas.min), max: needed(({ replicas }) => replicas.max) },
    },
  ];
}
