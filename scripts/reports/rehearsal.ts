import type { Changes, RehearsalReport } from "@groundwork/lib/rehearsal-report";
import Table from "cli-table3";

const COUNTED: readonly (keyof Changes)[] = ["create", "update", "replace", "delete", "same"];
const TOP_TYPES = 12;

/** The summary of a rehearsal that a person reads in a terminal. */
export function renderRehearsal(report: RehearsalReport): string {
  return [
    heading(report),
    operations(report),
    resources(report),
    policy(report),
    quotas(report),
    list(
      "Retained by design",
      report.retained.map(({ type, id, why }) => `${type} ${id}: ${why}`),
    ),
    list(
      "Orphans",
      report.orphans.map(({ type, id, place }) => `${type} ${id} in ${place}`),
    ),
    list(
      "Stand-ins for what only the owner knows",
      report.standIns.map(({ key, kind, type }) => `${key} (${kind}, ${type})`),
    ),
    list(
      "May replace (no table says)",
      report.mayReplace.map(({ urn, path }) => `${urn}: ${path}`),
    ),
    outcome(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function heading({ stack, target, engine, simulated, seconds, live }: RehearsalReport): string {
  const clouds = simulated.length > 0 ? simulated.join(", ") : "none";
  return [
    `Rehearsal of ${stack}${target === null ? "" : ` (${target})`}: ${seconds.toFixed(1)} s`,
    `engine ${engine.version} (${engine.source}); ${live ? "live" : "simulated"}: ${clouds}`,
  ].join("\n");
}

function operations(report: RehearsalReport): string {
  const table = plainTable(
    ["operation", "seconds", ...COUNTED],
    ["left", ...["seconds", ...COUNTED].map(() => "right")],
  );
  for (const { name, seconds, changes } of report.operations) {
    table.push([
      name,
      seconds.toFixed(1),
      ...COUNTED.map((kind) => (changes[kind] === 0 ? "·" : String(changes[kind]))),
    ]);
  }
  return table.toString();
}

function resources({ resources: { total, byType } }: RehearsalReport): string {
  if (total === 0) return "Resources: none";
  const sorted = Object.entries(byType).sort(([a, left], [b, right]) => right - left || a.localeCompare(b));
  const table = plainTable([`${total} resources`, "count"], ["left", "right"]);
  for (const [type, count] of sorted.slice(0, TOP_TYPES)) table.push([type, String(count)]);
  const rest = sorted.slice(TOP_TYPES);
  if (rest.length > 0) {
    table.push([`${rest.length} more types`, String(rest.reduce((sum, [, count]) => sum + count, 0))]);
  }
  return table.toString();
}

function policy({ policy: { pack, policies, violations } }: RehearsalReport): string {
  if (pack === null) return "Policy: no pack ran";
  const lines = violations.map(({ level, policy: name, urn, message }) => {
    const subject = urn === null ? "stack" : urn.split("::").slice(2).join("::");
    return `  ${level}  ${name}  ${subject}\n    ${message.replaceAll("\n", "\n    ")}`;
  });
  return [`Policy: ${pack}, ${policies} policies, ${violations.length} violation(s)`, ...lines].join("\n");
}

function quotas(report: RehearsalReport): string {
  const used = report.quotas.filter((quota) => quota.used > 0);
  if (used.length === 0) return "";
  const table = plainTable(["quota", "code", "scope", "used", "limit"], ["left", "left", "left", "right", "right"]);
  for (const { quota, code, scope, used: count, limit } of used)
    table.push([quota, code, scope, String(count), String(limit)]);
  return table.toString();
}

function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function outcome({ stopped, orphans }: RehearsalReport): string {
  if (stopped !== undefined) return `Stopped at ${stopped.operation}: ${stopped.reason}`;
  return orphans.length === 0 ? "Fine: nothing left behind" : `${orphans.length} orphan(s) left behind`;
}

function plainTable(
  head: readonly string[],
  colAligns: readonly ("left" | "right")[] | readonly string[],
): Table.Table {
  const none = [
    "top",
    "top-mid",
    "top-left",
    "top-right",
    "bottom",
    "bottom-mid",
    "bottom-left",
    "bottom-right",
    "left",
  ];
  const rest = ["left-mid", "mid", "mid-mid", "right", "right-mid"];
  return new Table({
    head: [...head],
    colAligns: colAligns as Table.HorizontalAlignment[],
    chars: { ...Object.fromEntries([...none, ...rest].map((name) => [name, ""])), middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
}
