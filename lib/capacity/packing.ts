import type { Allocatable } from "../instances.ts";

/** Nodes of one size. */
export interface NodeKind {
  readonly count: number;
  readonly free: Allocatable;
}

/** Pods of one size. */
export interface PodKind {
  readonly name: string;
  readonly count: number;
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
  /** Default: 0. */
  readonly gpus?: number;
}

interface Bin {
  cpu: number;
  memory: number;
  pods: number;
  gpus?: number;
}

/** Sums of tenths must not keep the last pod out by the seventeenth digit. */
const TOLERANCE = 1e-9;

/**
 * How many pods of each kind find no node, when the largest are placed first and each on the first node with room. The
 * scheduler places greedily too and does not move pods, so that what stays out here will be pending there.
 */
export function unplaced(nodes: readonly NodeKind[], pods: readonly PodKind[]): { kind: PodKind; count: number }[] {
  const bins: Bin[] = nodes.flatMap(({ count, free }) => Array.from({ length: count }, () => ({ ...free })));
  const largest = nodes.map(({ free }) => free);
  return largestFirst(pods, largest).flatMap((kind) => {
    let left = kind.count;
    for (const bin of bins) left -= place(bin, kind, left);
    return left > 0 ? [{ kind, count: left }] : [];
  });
}

/** Nodes of one size that pods take, at most `limit` of them, and the pods that find no room even so. */
export function nodesFor(
  free: Allocatable,
  limit: number,
  pods: readonly PodKind[],
): { readonly nodes: number; readonly left: readonly PodKind[] } {
  const bins: Bin[] = [];
  const left = largestFirst(pods, [free]).flatMap((kind) => {
    let waiting = kind.count;
    for (const bin of bins) waiting -= place(bin, kind, waiting);
    const each = place({ ...free }, kind, Infinity);
    while (waiting > 0 && each > 0 && bins.length < limit) {
      const bin = { ...free };
      bins.push(bin);
      waiting -= place(bin, kind, waiting);
    }
    return waiting > 0 ? [{ ...kind, count: waiting }] : [];
  });
  return { nodes: bins.length, left };
}

function largestFirst(pods: readonly PodKind[], nodes: readonly Allocatable[]): readonly PodKind[] {
  const cpu = Math.max(...nodes.map((free) => free.cpu));
  const memory = Math.max(...nodes.map((free) => free.memory));
  const share = (pod: PodKind) => Math.max(pod.cpu / cpu, pod.memory / memory);
  return pods.toSorted((a, b) => share(b) - share(a) || (a.name < b.name ? -1 : 1));
}

function place(bin: Bin, { cpu, memory, gpus = 0 }: PodKind, wanted: number): number {
  const room = Math.min(wanted, bin.pods, times(bin.cpu, cpu), times(bin.memory, memory), times(bin.gpus ?? 0, gpus));
  bin.cpu -= room * cpu;
  bin.memory -= room * memory;
  bin.pods -= room;
  bin.gpus = (bin.gpus ?? 0) - room * gpus;
  return room;
}

function times(free: number, each: number): number {
  return each <= 0 ? Infinity : Math.max(0, Math.floor(free / each + TOLERANCE));
}
