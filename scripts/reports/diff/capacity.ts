import type { NodeCapacity, PlaceCapacity, Range, Throughput, WorkloadCapacity } from "@groundwork/lib/capacity-report";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { capacityFacts } from "./facts.ts";
import { NOTHING, bytes, cores, number, percent, plain, plural, range } from "./format.ts";
import { type Cell, type ReportTable, type Row, type Section, change, code, left, right, row, text } from "./tables.ts";

const NONE: Range = { min: 0, max: 0 };

/** A thing of both sides, in the order of its key. */
export interface Both<T> {
  readonly before?: T;
  readonly after?: T;
}

export function pairUp<T>(before: readonly T[], after: readonly T[], keyOf: (one: T) => string): readonly Both<T>[] {
  const [old, now] = [before, after].map((all) => new Map(all.map((one) => [keyOf(one), one])));
  const keys = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])];
  return keys.map((key) => {
    const [from, to] = [old?.get(key), now?.get(key)];
    return { ...(from === undefined ? {} : { before: from }), ...(to === undefined ? {} : { after: to }) };
  });
}

const placeKey = ({ system, region }: { readonly system: string; readonly region: string }): string =>
  JSON.stringify([system, region]);

export function capacity(report: DiffReport): Section {
  const facts = capacityFacts(report);
  const { before, after } = report.capacity;
  const places = pairUp(before.places, after.places, placeKey);
  return {
    id: "capacity",
    title: "Capacity",
    summary: facts.length === 0 ? "as before" : facts.join(", "),
    tables: [
      placesTable(places),
      nodesTable(pairUp(before.nodes, after.nodes, ({ region, name }) => JSON.stringify([region, name]))),
      workloadsTable(places),
    ].filter(({ rows }) => rows.length > 0),
    lines: [],
  };
}

/** What at least one place has of it; a column of nothing but zeros tells nothing. */
interface Measure {
  readonly head: string;
  readonly of: (place: PlaceCapacity) => string;
}

const MEASURES: readonly Measure[] = [
  { head: "replicas", of: ({ replicas }) => range(replicas) },
  { head: "vCPU", of: ({ vcpu }) => range(vcpu, cores) },
  { head: "memory", of: ({ memory }) => range(memory, bytes) },
  { head: "GPUs", of: ({ gpus }) => range(gpus) },
  { head: "managed vCPU", of: ({ managed }) => cores(managed.vcpu) },
  { head: "managed memory", of: ({ managed }) => bytes(managed.memory) },
  { head: "storage", of: ({ storage }) => bytes(storage) },
  { head: "IOPS", of: ({ iops }) => number(iops) },
  { head: "connections", of: ({ connections: { wanted, limit } }) => connectionsText(wanted, limit) },
];
const EMPTY: PlaceCapacity = {
  system: "",
  region: "",
  replicas: NONE,
  vcpu: NONE,
  memory: NONE,
  gpus: NONE,
  managed: { vcpu: 0, memory: 0 },
  storage: 0,
  iops: 0,
  connections: { wanted: 0, limit: 0 },
  workloads: [],
};

function connectionsText(wanted: number, limit: number): string {
  if (wanted === 0 && limit === 0) return NOTHING;
  return limit === 0 ? number(wanted) : `${number(wanted)} of ${number(limit)}${wanted > limit ? " !" : ""}`;
}

function placesTable(places: readonly Both<PlaceCapacity>[]): ReportTable {
  const used = MEASURES.filter(({ of }) =>
    places.some(({ before = EMPTY, after = EMPTY }) => of(before) !== of(EMPTY) || of(after) !== of(EMPTY)),
  );
  const rows = places.map(({ before, after }) => {
    const { system = "", region = "" } = after ?? before ?? {};
    const cells = used.map(({ of }) => change(of(before ?? EMPTY), of(after ?? EMPTY)));
    return row(text(plain(system)), text(plain(region)), ...cells.map(withTone));
  });
  return {
    title: "By system and region",
    columns: [left("system"), left("region"), ...used.map(({ head }) => right(head))],
    rows,
  };
}

/** More connections than the databases take is told by an exclamation mark. */
function withTone(cell: Cell): Cell {
  return cell.text.endsWith(" !") ? { ...cell, tone: "bad" } : cell;
}

function nodesTable(nodes: readonly Both<NodeCapacity>[]): ReportTable {
  return {
    title: "Nodes",
    columns: [left("nodes"), left("region"), left("instance type"), right("count"), right("needed by pods")],
    rows: nodes.map(nodeRow),
  };
}

function nodeRow({ before, after }: Both<NodeCapacity>): Row {
  const { name = "", region = "" } = after ?? before ?? {};
  const type = (node?: NodeCapacity): string => (node === undefined ? NOTHING : plain(node.instanceType));
  const isShort = after !== undefined && after.needed.max > after.count.max;
  const count = (node?: NodeCapacity): string => (node === undefined ? "0" : range(node.count));
  const needed = (node?: NodeCapacity): string => (node === undefined ? "0" : range(node.needed));
  return row(
    code(plain(name)),
    text(plain(region)),
    change(type(before), type(after)),
    change(count(before), count(after)),
    change(needed(before), `${needed(after)}${isShort ? " !" : ""}`, isShort ? "warn" : undefined),
  );
}

function workloadsTable(places: readonly Both<PlaceCapacity>[]): ReportTable {
  const rows = places.flatMap(({ before, after }) => {
    const { system = "", region = "" } = after ?? before ?? {};
    const pairs = pairUp(before?.workloads ?? [], after?.workloads ?? [], ({ name }) => name);
    return pairs.map((pair) => workloadRow(plain(system), plain(region), pair));
  });
  return {
    title: "Workloads",
    columns: [
      left("workload"),
      left("system"),
      left("region"),
      right("replicas"),
      right("vCPU each"),
      right("memory each"),
    ],
    rows,
  };
}

function workloadRow(system: string, region: string, { before, after }: Both<WorkloadCapacity>): Row {
  const of = (format: (workload: WorkloadCapacity) => string): Cell =>
    change(before === undefined ? NOTHING : format(before), after === undefined ? NOTHING : format(after));
  return row(
    code(plain((after ?? before)?.name ?? "")),
    text(system),
    text(region),
    of(({ replicas }) => range(replicas)),
    of(({ vcpu }) => cores(vcpu)),
    of(({ memory }) => bytes(memory)),
  );
}

export function throughput({ capacity: { before, after, throughput: differing } }: DiffReport): Section {
  const pairs = pairUp(before.throughput, after.throughput, placeKey);
  const hasTracks = pairs.some((pair) => [pair.before, pair.after].some((one) => one?.tracksPerHour !== undefined));
  const columns = [
    left("system"),
    left("region"),
    right("requests/s"),
    right("concurrent users"),
    ...(hasTracks ? [right("tracks/h")] : []),
    left("full first"),
  ];
  const rows = pairs.map((pair) => throughputRow(pair, hasTracks));
  return {
    id: "throughput",
    title: "What it can carry",
    summary: differing.length === 0 ? "as before" : carriesText(differing),
    tables: rows.length === 0 ? [] : [{ title: "At the autoscalers' maximum, by the calibrated model", columns, rows }],
    lines: [],
  };
}

function throughputRow({ before, after }: Both<Throughput>, hasTracks: boolean): Row {
  const { system = "", region = "" } = after ?? before ?? {};
  const of = (format: (one: Throughput) => string): Cell =>
    change(before === undefined ? NOTHING : format(before), after === undefined ? NOTHING : format(after));
  return row(
    text(plain(system)),
    text(plain(region)),
    of(({ requestsPerSecond }) => number(requestsPerSecond)),
    of(({ concurrentUsers }) => number(concurrentUsers)),
    ...(hasTracks ? [of(({ tracksPerHour }) => (tracksPerHour === undefined ? "·" : number(tracksPerHour)))] : []),
    of(({ saturatesFirst: { part, why } }) => `${plain(part)}: ${plain(why)}`),
  );
}

/** `finai-nexus in us-west-2 311 → 444 requests/s (+43 %), 2 more differ`. */
function carriesText(pairs: DiffReport["capacity"]["throughput"]): string {
  const differing = pairs.flatMap((pair) => {
    const found = CARRIED.find(({ of }) => number(of(pair.before)) !== number(of(pair.after)));
    return found === undefined
      ? []
      : [{ ...pair, from: found.of(pair.before), to: found.of(pair.after), unit: found.unit }];
  });
  const [first] = differing;
  if (first === undefined) return "as much as before";
  const { system, region, from, to, unit } = first;
  const share = percent(from, to);
  const rest = differing.length - 1;
  const told = `${plain(system)} in ${plain(region)} ${number(from)} → ${number(to)} ${unit}`;
  return `${told}${share === "" ? "" : ` (${share})`}${rest > 0 ? `, ${plural(rest, "more differs", "more differ")}` : ""}`;
}

/** What a reader asks first of what a system carries. */
const CARRIED: readonly { readonly unit: string; readonly of: (side?: Throughput) => number }[] = [
  { unit: "requests/s", of: (side) => side?.requestsPerSecond ?? 0 },
  { unit: "tracks/h", of: (side) => side?.tracksPerHour ?? 0 },
  { unit: "users", of: (side) => side?.concurrentUsers ?? 0 },
];
