import { counted } from "@groundwork/lib/counted";
import type { Changes, RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { renderDockerLive } from "./docker-live.ts";
import { renderLive } from "./live.ts";
import { list, plainTable } from "./text.ts";

const COUNTED: readonly (keyof Changes)[] = ["create", "update", "replace", "delete", "same"];
const TOP_TYPES = 12;

/** The summary of a rehearsal that a person reads in a terminal. */
export function renderRehearsal(report: RehearsalReport): string {
  const text = [
    heading(report),
    operations(report),
    resources(report),
    ...(report.controlPlanes === undefined ? [] : [renderLive(report.controlPlanes)]),
    ...(report.dockerEngine === undefined ? [] : [renderDockerLive(report.dockerEngine)]),
    policy(report),
    quotas(report),
    retained(report),
    list(
      "Orphans",
      report.orphans.map(({ type, id, place }) => `${type}  ${shortId(id)}  in ${place}`),
    ),
    list(
      "Stand-ins for what only the owner knows",
      report.standIns.map(({ key, kind, type }) => `${key}  (${kind}: ${type})`),
    ),
    list(
      "May replace (no table says whether the real provider would)",
      report.mayReplace.map(({ urn, path }) => `${urn}  ${path}`),
    ),
    outcome(report),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
  return withShortUrns(text);
}

function heading({ stack, target, engine, simulated, seconds, memoryMiB, live }: RehearsalReport): string {
  const clouds = simulated.length > 0 ? simulated.join(", ") : "none";
  const memory = memoryMiB === 0 ? "" : `, ${(memoryMiB / 1024).toFixed(1)} GiB of memory at most`;
  return [
    `Rehearsal of ${stack}${target === null ? "" : ` (${target})`}: ${seconds.toFixed(1)} s${memory}`,
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
  const table = plainTable([counted(total, "resource"), "count"], ["left", "right"]);
  for (const [type, count] of sorted.slice(0, TOP_TYPES)) table.push([type, String(count)]);
  const rest = sorted.slice(TOP_TYPES);
  if (rest.length > 0) {
    const types = rest.length === 1 ? "1 more type" : `${rest.length} more types`;
    table.push([types, String(rest.reduce((sum, [, count]) => sum + count, 0))]);
  }
  return table.toString();
}

function policy({ policy: { pack, policies, violations } }: RehearsalReport): string {
  if (pack === null) return "Policy: no pack ran";
  const lines = violations.map(({ level, policy: name, urn, message }) => {
    return `  ${level}  ${name}  ${urn ?? "the whole stack"}\n    ${message.replaceAll("\n", "\n    ")}`;
  });
  const found = violations.length === 0 ? "no violation" : counted(violations.length, "violation");
  const count = `${policies} ${policies === 1 ? "policy" : "policies"}`;
  return [`Policy: ${pack}, ${count}, ${found}`, ...lines].join("\n");
}

/** Of the zones and groups of a region that share a quota, the fullest one; those with the least room come first. */
function tightest(all: RehearsalReport["quotas"]): RehearsalReport["quotas"] {
  const share = ({ used, ceiling = used, limit }: RehearsalReport["quotas"][number]): number =>
    ceiling / Math.max(limit, 1);
  const fullest = new Map<string, RehearsalReport["quotas"][number]>();
  for (const one of all) {
    const key = `${one.quota} ${one.scope.split(",")[0] ?? ""}`;
    const known = fullest.get(key);
    if (known === undefined || share(known) < share(one)) fullest.set(key, one);
  }
  return [...fullest.values()].sort((a, b) => share(b) - share(a) || a.scope.localeCompare(b.scope));
}

function quotas(report: RehearsalReport): string {
  const used = tightest(report.quotas.filter((quota) => (quota.ceiling ?? quota.used) > 0));
  if (used.length === 0) return "";
  const head = ["quota (most used at a time)", "code", "scope", "used", "may grow to", "limit"];
  const table = plainTable(head, QUOTA_COLUMNS);
  for (const { quota, code, scope, used: count, ceiling = count, limit } of used) {
    const growth = ceiling > count ? `${ceiling}${ceiling > limit ? " !" : ""}` : "·";
    table.push([quota, code, scope, String(count), growth, String(limit)]);
  }
  return table.toString();
}

/** An exclamation mark: autoscalers may ask for more than the account has, and get no more. */
const QUOTA_COLUMNS = ["left", "left", "left", "right", "right", "right"];

/** What stays for the same reason is told once. */
function retained(report: RehearsalReport): string {
  const groups = Map.groupBy(report.retained, ({ type, why }) => `${type}  ${why}`);
  const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b));
  const lines = sorted.flatMap(([what, things]) => {
    const ids = things.map(({ id }) => shortId(id)).sort((a, b) => a.localeCompare(b));
    const [only] = things;
    if (ids.length === 1 && only !== undefined) return [`${only.type}  ${ids[0]}: ${only.why}`];
    return [`${what}:`, ...ids.map((id) => `  ${id}`)];
  });
  return list("Retained by design", lines);
}

function outcome({ stopped, orphans, operations: done, resources: { total } }: RehearsalReport): string {
  const left = orphans.length === 0 ? [] : [`${counted(orphans.length, "orphan")} left behind`];
  if (stopped !== undefined) {
    const reasons = stopped.reason.trim().split("\n");
    const told = reasons.length === 1 ? ` ${reasons[0]}` : reasons.map((reason) => `\n  ${reason}`).join("");
    const isGone = total === 0 || done.some(({ name }) => name === "destroy" && stopped.operation !== name);
    const next = isGone ? [] : ["What exists stays: the next rehearsal of this stack picks it up"];
    return [`Stopped at ${stopped.operation}:${told}`, ...left, ...next].join("\n");
  }
  if (left.length > 0) return left.join("\n");
  return done.some(({ name }) => name === "destroy")
    ? "Fine: everything was torn down, nothing is left behind"
    : "Fine: everything is kept; the next rehearsal of this stack picks it up";
}

/** A digest tells a person nothing that its first digits do not, least of all when a name follows it. */
function shortId(id: string): string {
  return id.replace(/^sha256:[0-9a-f]{64}(?=.)/, "").replace(/\b([0-9a-f]{12})[0-9a-f]{20,52}\b/g, "$1");
}

/** Within the report of one stack, the stack's and the project's names say nothing. */
function withShortUrns(text: string): string {
  return text.replace(/urn:pulumi:[^:\s]+::[^:\s]+::(?:[^\s$:]+(?::[^\s$:]+)*\$)*/g, "");
}
