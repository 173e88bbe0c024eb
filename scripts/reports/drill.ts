import type { Assumption, DrillReport, PromotionReport, RecoveryObjectives } from "@groundwork/lib/drill-report";
import { list, plainTable } from "./text.ts";

/** The summary of a drill that a person reads in a terminal. */
export function renderDrill(report: DrillReport): string {
  return [
    heading(report),
    steps(report),
    list(
      "What reports unhealthy",
      report.health.unhealthy.map(({ type, count, says }) => `${count} ${type}: ${says}`),
    ),
    list("Traffic", report.traffic.flatMap(traffic)),
    list("Replicas", report.replicas.flatMap(replicas)),
    list("Scaling, as autoscalers did it", (report.scaling ?? []).flatMap(scaling)),
    list("Promotion", report.promotion.flatMap(promotion)),
    ...report.systems.map(objectives),
    outcome(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function heading({ stack, region, takesOver, live, seconds }: DrillReport): string {
  const how = takesOver === null ? "which does not lead" : `${takesOver} takes over`;
  return `Drill of ${stack}: ${region} is lost, ${how}; ${live ? "live" : "simulated"}, ${seconds.toFixed(1)} s`;
}

function steps(report: DrillReport): string {
  const table = plainTable(["step", "seconds", "what"], ["left", "right", "left"]);
  for (const { name, seconds, what } of report.steps) table.push([name, seconds.toFixed(1), what]);
  return table.toString();
}

function traffic({ host, from, to, seconds, how, proxied, affinity }: DrillReport["traffic"][number]): string[] {
  return [
    `${host}: from ${from} to ${to ?? "nobody"} after ${seconds.least} to ${seconds.most} s (${how})`,
    `  ${proxied ? "proxied: no DNS TTL counts" : "not proxied: clients keep the old address for their DNS TTL"}; affinity ${affinity}`,
  ];
}

function replicas({ region, namespace, workloads, cpu, standby, why }: DrillReport["replicas"][number]): string[] {
  const limit = (value: number | null): string => (value === null ? "no limit known" : `${value}`);
  return [
    `${region} ${namespace}: ${why}`,
    `  ${cpu.needed} cores for ${standby ? "the lost region's replicas" : "both regions' least replicas"}; quota ${limit(cpu.quota)}, nodes ${limit(cpu.nodes)}`,
    ...workloads.map(
      ({ name, lost, least, most, fits }) =>
        `  ${name}: ${least} to ${most}, ${standby ? "for" : "and"} ${lost} of the lost region${fits ? "" : ": too many"}`,
    ),
  ];
}

function scaling({
  workload,
  region,
  from,
  to,
  wanted,
  seconds,
  pending,
}: NonNullable<DrillReport["scaling"]>[number]): string[] {
  return [
    `${region} ${workload}: ${from} to ${to} (${wanted} wanted) after ${seconds} s`,
    ...pending.map((pod) => `  pending: ${pod}`),
  ];
}

function promotion({ order, what, how, waitsFor, loses, outcome, seconds }: PromotionReport): string[] {
  return [
    `${order}. ${what} (${outcome}, ${seconds.toFixed(1)} s here)`,
    `   ${"command" in how ? how.command : `config: ${JSON.stringify(how.config)}`}`,
    ...(waitsFor === undefined ? [] : [`   until ${waitsFor}`]),
    `   loses ${loses}`,
  ];
}

function objectives({ system, reads, writes, lost, rtoReads, rtoWrites, rpo }: RecoveryObjectives): string {
  const part = ({ what, seconds, source }: Assumption): string =>
    `  ${String(seconds).padStart(5)} s  ${what} [${source}]`;
  return [
    `${system}: RTO ${duration(rtoReads)} for what needs no write, ${duration(rtoWrites)} for writes; RPO ${duration(rpo)}`,
    ...[...reads, ...writes].map(part),
    ...(lost.length === 0 ? ["  nothing is lost: the region did not lead"] : ["  lost:", ...lost.map(part)]),
  ].join("\n");
}

function duration(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

function outcome({ stopped, orphans, region }: DrillReport): string {
  const left = orphans.length === 0 ? [] : [`${orphans.length} orphan(s) left behind`];
  if (stopped === undefined) return left[0] ?? `Passed: ${region} was lost and came back, nothing is left behind`;
  return [
    `Failed at ${stopped.step}: ${stopped.reason}`,
    ...left,
    "What exists stays: the next drill picks it up",
  ].join("\n");
}
