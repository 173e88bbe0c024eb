import type { NodeCapacity, PlaceCapacity, WorkloadCapacity } from "@groundwork/lib/capacity-report";
import type { Change, DiffReport, ResourceChange } from "@groundwork/lib/diff-report";
import { type Both, pairUp } from "../capacity.ts";
import { SYMBOLS, dataText } from "../facts.ts";
import { ARROW, bytes, cores, number, plain, range } from "../format.ts";
import { escape } from "./escape.ts";

/** More of them make a box that nobody reads. */
const MOST_WORKLOADS = 8;

/** Where everything is, as boxes within boxes: regions, the nodes and systems in them, what runs and what holds data. */
export function topology(report: DiffReport): string {
  const { before, after } = report.capacity;
  const places = pairUp(before.places, after.places, ({ system, region }) => JSON.stringify([system, region]));
  const nodes = pairUp(before.nodes, after.nodes, ({ region, name }) => JSON.stringify([region, name]));
  const known = [...places, ...nodes].map(({ before: was, after: is }) => (is ?? was)?.region ?? "");
  const changed = report.resources.changes.map(({ region }) => region);
  const regions = [...new Set([...known, ...changed])].sort(
    (a, b) => Number(isRegion(b)) - Number(isRegion(a)) || (a < b ? -1 : 1),
  );
  if (regions.length === 0) return "";
  const boxes = regions.map((region) => {
    const inIt = ({ before: was, after: is }: Both<{ readonly region: string }>): boolean =>
      (is ?? was)?.region === region;
    const changes = report.resources.changes.filter((change) => change.region === region);
    return regionBox(region, nodes.filter(inIt), places.filter(inIt), changes);
  });
  return `<figure class="topology" aria-label="Topology: regions, nodes and systems, and what changes in them">${boxes.join("")}</figure>`;
}

/** Rather than `global` or `host`. */
function isRegion(name: string): boolean {
  return /\d$/.test(name);
}

function regionBox(
  region: string,
  nodes: readonly Both<NodeCapacity>[],
  places: readonly Both<PlaceCapacity>[],
  changes: readonly ResourceChange[],
): string {
  const systems = places.map(({ before, after }) => (after ?? before)?.system ?? "");
  const others = [...new Set(changes.map(({ system }) => system))].filter((system) => !systems.includes(system));
  const boxes = [
    ...nodes.map(nodeBox),
    ...places.map((place, index) => systemBox(systems[index] ?? "", place, of(changes, systems[index]))),
    ...others.map((system) => systemBox(system, {}, of(changes, system))),
  ];
  return `<section class="region"><h4>${escape(plain(region))}</h4><ul>${boxes.join("")}</ul></section>`;
}

function of(changes: readonly ResourceChange[], system: string | undefined): readonly ResourceChange[] {
  return changes.filter((change) => change.system === system);
}

function nodeBox({ before, after }: Both<NodeCapacity>): string {
  const { name = "", instanceType = "" } = after ?? before ?? {};
  const count = moved(before && range(before.count), after && range(after.count));
  const isShort = after !== undefined && after.needed.max > after.count.max;
  const short = isShort ? `<p class="warn">pods need ${escape(number(after.needed.max))} at their maximum</p>` : "";
  const text = `<p>nodes: ${count} × ${escape(plain(instanceType))}</p>${short}`;
  return box(plain(name), text, isSame(before, after) ? "" : "changed");
}

function systemBox(system: string, { before, after }: Both<PlaceCapacity>, changes: readonly ResourceChange[]): string {
  const lost = changes.filter(({ stateful, change }) => stateful && (change === "replace" || change === "delete"));
  const data = managedText(before, after);
  const parts = [
    workloadsOf(before, after),
    data === "" ? "" : `<p>${data}</p>`,
    countsOf(changes),
    ...lost.map((each) => `<p class="bad">${SYMBOLS[each.change]} ${escape(plain(each.name))}: ${dataText(each)}</p>`),
  ];
  const isChanged = changes.length > 0 || !isSame(before, after);
  return box(plain(system), parts.join(""), lost.length > 0 ? "lost" : isChanged ? "changed" : "");
}

/** What changes, then as many others as there is room for. */
function workloadsOf(before: PlaceCapacity | undefined, after: PlaceCapacity | undefined): string {
  const pairs = pairUp(before?.workloads ?? [], after?.workloads ?? [], ({ name }) => name);
  if (pairs.length === 0) return "";
  const differs = (pair: Both<WorkloadCapacity>): number => Number(!isSame(pair.before, pair.after));
  const shown = [...pairs].sort((a, b) => differs(b) - differs(a)).slice(0, MOST_WORKLOADS);
  const lines = shown.map((pair) => {
    const name = escape(plain((pair.after ?? pair.before)?.name ?? ""));
    return `<li>${name} ${moved(pair.before && range(pair.before.replicas), pair.after && range(pair.after.replicas))}</li>`;
  });
  const rest = pairs.length - shown.length;
  return `<ul>${lines.join("")}${rest > 0 ? `<li>${number(rest)} more</li>` : ""}</ul>`;
}

/** Managed servers and storage: what holds data. */
function managedText(before: PlaceCapacity | undefined, after: PlaceCapacity | undefined): string {
  const figure = (name: string, of: (place: PlaceCapacity) => number, format: (value: number) => string): string[] => {
    const [was, is] = [before === undefined ? 0 : of(before), after === undefined ? 0 : of(after)];
    return was === 0 && is === 0 ? [] : [`${moved(format(was), format(is))}${name}`];
  };
  const servers = [
    ...figure(" vCPU", ({ managed }) => managed.vcpu, cores),
    ...figure("", ({ managed }) => managed.memory, bytes),
  ];
  const told = servers.length === 0 ? [] : [`data tiers ${servers.join(", ")}`];
  return [...told, ...figure(" storage", ({ storage }) => storage, bytes)].join("; ");
}

function countsOf(changes: readonly ResourceChange[]): string {
  const told = (Object.keys(SYMBOLS) as Change[]).flatMap((kind) => {
    const count = changes.filter(({ change }) => change === kind).length;
    return count === 0 ? [] : [`${SYMBOLS[kind]}${number(count)}`];
  });
  return told.length === 0
    ? ""
    : `<p class="counts">${escape(told.join(" "))} ${changes.length === 1 ? "resource" : "resources"}</p>`;
}

function box(title: string, content: string, kind: "" | "changed" | "lost"): string {
  const badge = kind === "" ? "" : `<span class="badge">${kind === "lost" ? "data at risk" : "changes"}</span>`;
  return `<li class="box ${kind}"><h5>${escape(title)}${badge}</h5>${content}</li>`;
}

function moved(before: string | undefined, after: string | undefined): string {
  if (before === after) return escape(after ?? "");
  return `<span class="was">${escape(before === undefined || before === "" ? "none" : before)}</span> ${ARROW} <b>${escape(after === undefined || after === "" ? "none" : after)}</b>`;
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before) === JSON.stringify(after);
}
