import type { ControlPlaneReport, LiveReport } from "@groundwork/lib/rehearsal-report";
import { list, plainTable } from "./text.ts";

/** Autoscalers at their ease need no line each. */
const MOST_AUTOSCALERS = 20;

/** What the real control planes of a rehearsal said, for a person at a terminal. */
export function renderLive(report: LiveReport): string {
  return [
    controlPlanes(report),
    nodes(report.controlPlanes),
    autoscalers(report),
    list(
      "Refused by an API server",
      report.refused.map(({ reason }) => reason),
    ),
    list(
      "Pods without a node",
      report.pendingPods.map(({ region, namespace, pod, reason }) => `${region}  ${namespace}/${pod}: ${reason}`),
    ),
    list(
      "Custom kinds declared without a schema (their objects are checked by their types only)",
      byGroup(report.permissiveKinds),
    ),
    list("Different from a real cluster", report.notes),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function controlPlanes({ controlPlanes: planes, objects }: LiveReport): string {
  const head = [`control plane (${objects} objects applied)`, "version", "started in", "memory", "pods", "available"];
  const table = plainTable(head, ["left", "left", "right", "right", "right", "left"]);
  for (const { region, version, startSeconds, memoryMiB, pods, deployments, statefulSets } of planes) {
    const available = `${deployments.available} of ${deployments.total} Deployments, ${statefulSets.ready} of ${statefulSets.total} StatefulSets`;
    table.push([region, version, `${startSeconds.toFixed(1)} s`, `${memoryMiB} MiB`, String(pods), available]);
  }
  return table.toString();
}

/** `<plural>.<group>` each; a line for each group. */
function byGroup(kinds: readonly string[]): readonly string[] {
  const groups = Map.groupBy(kinds, (name) => name.slice(name.indexOf(".") + 1));
  const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b));
  return sorted.map(([group, names]) => `${group}: ${names.map((name) => name.split(".")[0]).join(", ")}`);
}

function nodes(planes: readonly ControlPlaneReport[]): string {
  const rows = planes.flatMap(({ region, nodes: groups }) => groups.map((group) => ({ region, ...group })));
  if (rows.length === 0) return "Nodes: none";
  const table = plainTable(
    ["nodes", "owner", "instance type", "count", "zones"],
    ["left", "left", "left", "right", "left"],
  );
  for (const { region, owner, instanceType, count, zones } of rows) {
    table.push([region, owner, instanceType, String(count), zones.join(" ")]);
  }
  return table.toString();
}

function autoscalers({ autoscalers: all }: LiveReport): string {
  if (all.length === 0) return "";
  const head = ["autoscaler", "region", "replicas", "range", "metrics (now / target)"];
  const table = plainTable(head, ["left", "left", "right", "right", "left"]);
  for (const { namespace, name, region, replicas, min, max, metrics, active } of all.slice(0, MOST_AUTOSCALERS)) {
    const read = active ? metrics.join(", ") : `${metrics.join(", ")} (not read)`;
    table.push([`${namespace}/${name}`, region, String(replicas), `${min}-${max}`, read]);
  }
  const rest = all.length - MOST_AUTOSCALERS;
  return rest > 0 ? `${table.toString()}\n${rest} more` : table.toString();
}
