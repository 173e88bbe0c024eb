import type { DockerContainerReport, DockerLiveReport } from "@groundwork/lib/rehearsal-report";
import { list, plainTable } from "./text.ts";

/** What a real Docker Engine ran in a rehearsal, for a person at a terminal. */
export function renderDockerLive(report: DockerLiveReport): string {
  return [
    heading(report),
    containers(report.containers),
    list("Less confined than a container can be", report.containers.flatMap(looseness)),
    list(
      "Left out, because it cannot be had here (only simulated)",
      report.leftOut.map(({ urn, why }) => `${urn}  ${why}`),
    ),
    list("Different from the official provider", report.notes),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function heading({ host, version, private: isPrivate, things }: DockerLiveReport): string {
  const counts = Object.entries(things).map(
    ([type, count]) => `${count} ${(type.split(":").at(-1) ?? type).toLowerCase()}${count === 1 ? "" : "s"}`,
  );
  const whose = isPrivate ? "started for rehearsals" : "found";
  return `Docker Engine ${version} at ${host} (${whose}): ${counts.length === 0 ? "nothing" : counts.sort().join(", ")}`;
}

function containers(all: readonly DockerContainerReport[]): string {
  if (all.length === 0) return "";
  const head = ["container", "state", "ready after", "restarts", "user", "memory", "cpus", "root", "capabilities"];
  const table = plainTable(head, ["left", "left", "right", "right", "left", "right", "right", "left", "left"]);
  for (const one of all) {
    table.push([
      one.name,
      one.state,
      one.seconds === undefined ? "·" : `${one.seconds.toFixed(1)} s`,
      one.restarts === 0 ? "·" : String(one.restarts),
      one.user,
      one.memoryMiB === 0 ? "no limit" : `${one.memoryMiB} MiB`,
      one.cpus === 0 ? "no limit" : String(one.cpus),
      one.readOnlyRoot ? "read-only" : "writable",
      one.privileged ? "all (privileged)" : one.addedCapabilities.join(", ") || "·",
    ]);
  }
  return table.toString();
}

/** One line for a container that may do more than it has to; whether its root can be written the table tells. */
function looseness(one: DockerContainerReport): string[] {
  const reasons = [
    isRoot(one.user) && "runs as root",
    one.privileged && "is privileged",
    one.addedCapabilities.length > 0 && `has ${one.addedCapabilities.join(", ")} added`,
    !one.droppedCapabilities.includes("ALL") && "keeps capabilities",
    one.newPrivileges && "may gain privileges",
    one.memoryMiB === 0 && "has no limit of memory",
    one.cpus === 0 && "has no limit of CPU",
  ].filter((reason) => reason !== false);
  return reasons.length === 0 ? [] : [`${one.name}  ${reasons.join(", ")}`];
}

/** By name or number, with or without a group. */
function isRoot(user: string): boolean {
  return /^(?:0|root)(?::|$)/.test(user);
}
