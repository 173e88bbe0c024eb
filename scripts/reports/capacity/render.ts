import { counted } from "@groundwork/lib/counted";
import type { CapacityReport, PlaceCapacity, Projection, Range, Throughput } from "@groundwork/lib/capacity-report";
import { list, plainTable } from "../text.ts";
import { amount, gib, range, scaled } from "./format.ts";

export interface CapacityView {
  /** Whether every part of the model is listed with its figures and their sources. */
  readonly details: boolean;
}

/** What a person reads in a terminal: what there is, what it carries, and when that is no longer enough. */
export function renderCapacity(report: CapacityReport, { details }: CapacityView = { details: false }): string {
  return [
    headline(report),
    places(report.places),
    nodes(report),
    throughput(report.throughput),
    details
      ? list("Parts, the smallest first, with the figures that decide them", report.throughput.flatMap(parts))
      : "",
    projection(report.projection),
    reached(report.projection),
    list("Notes", report.notes),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function headline({ stack, projection: { months, reached: limits } }: CapacityReport): string {
  const [first] = limits;
  if (first === undefined) return `Capacity of ${stack}: no limit is reached within ${counted(months, "month")}`;
  const when = first.month === 0 ? "today" : `in month ${first.month}`;
  return `Capacity of ${stack}: ${counted(limits.length, "limit")} reached within ${counted(months, "month")}, the first one ${when} (${first.system} ${first.region}: ${first.measure})`;
}

function places(all: readonly PlaceCapacity[]): string {
  const head = [
    "system",
    "region",
    "replicas",
    "vCPU",
    "memory GiB",
    "GPUs",
    "managed vCPU, GiB",
    "storage GiB",
    "IOPS",
    "connections",
  ];
  const table = plainTable(head, ["left", "left", ...Array<string>(8).fill("right")]);
  for (const place of all) {
    const { managed, connections } = place;
    table.push([
      place.system,
      place.region,
      range(place.replicas),
      range(place.vcpu),
      range(inGib(place.memory)),
      range(place.gpus),
      managed.vcpu === 0 ? "" : `${amount(managed.vcpu)}, ${gib(managed.memory)}`,
      place.storage === 0 ? "" : gib(place.storage),
      place.iops === 0 ? "" : scaled(place.iops),
      connections.limit === 0 ? "" : `${scaled(connections.wanted)} of ${scaled(connections.limit)}`,
    ]);
  }
  return table.toString();
}

function inGib({ min, max }: Range): Range {
  return { min: min / 2 ** 30, max: max / 2 ** 30 };
}

function nodes({ nodes: all }: CapacityReport): string {
  if (all.length === 0) return "";
  const table = plainTable(["nodes", "region", "type", "may be", "needed"], ["left", "left", "left", "right", "right"]);
  for (const { name, region, instanceType, count, needed } of all) {
    table.push([name, region, instanceType, range(count), range(needed)]);
  }
  return table.toString();
}

function throughput(all: readonly Throughput[]): string {
  if (all.length === 0) return "";
  const head = ["carries", "region", "requests/s", "users", "tracks/h", "full first", "because"];
  const table = plainTable(head, ["left", "left", "right", "right", "right", "left", "left"]);
  for (const { system, region, requestsPerSecond, concurrentUsers, tracksPerHour, saturatesFirst } of all) {
    table.push([
      system,
      region,
      scaled(requestsPerSecond),
      scaled(concurrentUsers),
      tracksPerHour === undefined ? "" : scaled(tracksPerHour),
      saturatesFirst.part,
      saturatesFirst.why,
    ]);
  }
  return table.toString();
}

function parts({ system, region, parts: own, trackParts = [] }: Throughput): readonly string[] {
  const line = (part: string, rate: string, why: string): string => `  ${part}: ${rate}, ${why}`;
  const sources = (figures: Throughput["parts"][number]["figures"] = []): readonly string[] =>
    figures.map(({ name, value, source }) => `    ${name} ${Number(value.toPrecision(3))}: ${source}`);
  return [
    `${system} ${region}`,
    ...own.flatMap(({ part, requestsPerSecond, why, figures }) => [
      line(part, `${scaled(requestsPerSecond)} requests a second`, why),
      ...sources(figures),
    ]),
    ...trackParts.flatMap(({ part, tracksPerHour, why, figures }) => [
      line(part, `${scaled(tracksPerHour)} tracks an hour`, why),
      ...sources(figures),
    ]),
  ];
}

/** Only what grows: what stays as it is tells nothing month by month. */
function projection({ months, series }: Projection): string {
  const growing = series.filter(({ values }) => values.at(-1) !== values[0]);
  if (growing.length === 0) return "";
  const head = ["grows", "region", "measure", "today", `month ${months}`, "limit", "used"];
  const table = plainTable(head, ["left", "left", "left", "right", "right", "right", "right"]);
  for (const { system, region, measure, limit, values } of growing) {
    const last = values.at(-1) ?? 0;
    const used = limit > 0 ? `${Math.round((100 * last) / limit)} %` : "";
    table.push([system, region, measure, scaled(values[0] ?? 0), scaled(last), scaled(limit), used]);
  }
  return table.toString();
}

function reached({ reached: limits }: Projection): string {
  return list(
    "Limits that are reached",
    limits.flatMap(({ system, region, measure, limit, month, advice }) => [
      `${month === 0 ? "today" : `month ${month}`}: ${system} ${region}, ${measure}: more than ${scaled(limit)}`,
      `  ${advice}`,
    ]),
  );
}
