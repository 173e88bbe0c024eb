import type { NodeCapacity, PlaceCapacity } from "@groundwork/lib/capacity-report";
import type { Change, DiffReport, ResourceChange } from "@groundwork/lib/diff-report";
import { type Both, pairUp } from "../capacity.ts";
import { SYMBOLS } from "../facts.ts";
import { ARROW, bytes, cores, number, plain, range } from "../format.ts";
import { escape } from "./escape.ts";

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
  const pairs = pairUp(before?.workloads ?? [], after?.workloads ?? [], ({ name }) => name);
  const workloads = pairs.map((pair) => {
    const name = escape(plain((pair.after ?? pair.before)?.name ?? ""));
    return `<li>${name} ${moved(pair.before && range(pair.before.replicas), pair.after && range(pair.after.replicas))}</li>`;
  });
  const lost = changes.filter(({ stateful, change }) => stateful && (change === "replace" || change === "delete"));
  const data = managedText(before, after);
  const parts = [
    workloads.length > 0 ? `<ul class="workloads">${workloads.join("")}</ul>` : "",
    data === "" ? "" : `<p>${data}</p>`,
    countsOf(changes),
    ...lost.map(({ name, change }) => `<p class="bad">${SYMBOLS[change]} ${escape(plain(name))}: data lost</p>`),
  ];
  const isChanged = changes.length > 0 || !isSame(before, after);
  return box(plain(system), parts.join(""), lost.length > 0 ? "lost" : isChanged ? "changed" : "");
}

/** Managed servers and storage: what holds data. */
function managedText(before: PlaceCapacity | undefined, after: PlaceCapacity | undefined): string {
  const text = (place: PlaceCapacity | undefined): string | undefined => {
    if (place === undefined) return undefined;
    const { managed, storage } = place;
    const servers = managed.vcpu > 0 ? [`data tiers ${cores(managed.vcpu)} vCPU, ${bytes(managed.memory)}`] : [];
    return [...servers, ...(storage > 0 ? [`${bytes(storage)} storage`] : [])].join(", ");
  };
  const [was, is] = [text(before), text(after)];
  return (was ?? "") === "" && (is ?? "") === "" ? "" : moved(was, is);
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
