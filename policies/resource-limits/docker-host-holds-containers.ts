import { DOCKER_CONTAINER, DOCKER_SERVICE } from "@groundwork/lib/capacity/kinds";
import { podsOf } from "@groundwork/lib/pods";
import { cores, memoryText } from "../framework/format.ts";
import { unknownAt } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { bytes, memory, number } from "../framework/settings.ts";
import type { Values } from "../framework/settings.ts";

const settings = {
  cpus: number(
    0,
    "Cores of all hosts behind one Docker provider together; 0: nobody has said, and CPU is not checked.",
  ),
  memory: memory(
    "0",
    "Memory of all hosts behind one Docker provider together; 0: nobody has said, and it is not checked.",
  ),
  maxCpuOvercommit: number(4, "CPU limits of all containers / cores: a core can be shared, memory cannot.", 1),
};

const WHERE = ["cpus", "memory", "taskSpec.resources.limits", "mode"];

export const dockerHostHoldsContainers = stackPolicy({
  name: "docker-host-holds-containers",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description: "The limits of all containers and Swarm services together fit the hosts that they run on.",
  why: "Docker starts whatever it is asked to: the host swaps, and its kernel ends the container that it likes least.",
  fix: "Lower limits or replicas, run fewer systems, or say in the policy config that the hosts are larger.",
  control: {
    ids: ["CIS Docker 5.11", "CIS Docker 5.12"],
    name: "CIS Docker: limit memory, set CPU priority",
    url: "https://docs.docker.com/engine/containers/resource_constraints/",
  },
  settings,
  types: [DOCKER_CONTAINER, DOCKER_SERVICE],
  checkStack(stack, values, report) {
    const hosts = Map.groupBy(stack.resources, ({ provider }) => provider?.urn ?? "");
    for (const containers of hosts.values()) checkHost(containers, values, report);
  },
});

function checkHost(containers: readonly Resource[], values: Values<typeof settings>, report: Report): void {
  const { cpus, maxCpuOvercommit } = values;
  const room = bytes(values.memory);
  const sizes = containers.map((resource) => ({ resource, ...sizeOf(resource) }));
  const total = { cpu: sum(sizes.map(({ cpu }) => cpu)), memory: sum(sizes.map((size) => size.memory)) };
  const largest = sizes.toSorted((a, b) => b.memory - a.memory)[0]?.resource;
  const tooMuchMemory = room > 0 && total.memory > room;
  const tooMuchCpu = cpus > 0 && total.cpu > cpus * maxCpuOvercommit;
  if (tooMuchMemory) {
    report.violation(
      `The containers may use ${memoryText(total.memory)} of memory together, more than the ${memoryText(room)} of docker-host-holds-containers.memory; lower limits or replicas (${largest?.name ?? ""} has the largest).`,
      largest?.urn,
    );
  }
  if (tooMuchCpu) {
    report.violation(
      `The containers may use ${cores(total.cpu)} together, more than ${maxCpuOvercommit} times the ${cores(cpus)} of docker-host-holds-containers.cpus; lower limits or replicas.`,
      largest?.urn,
    );
  }
  if (tooMuchMemory || tooMuchCpu || (room === 0 && cpus === 0)) return;
  for (const { urn, unknown } of containers) {
    const path = unknownAt(unknown, ...WHERE);
    if (path !== undefined) report.undecided(path, "whether the hosts hold all containers", urn);
  }
}

/** A global service has one container on each host; with one host that is one. */
function sizeOf({ type, inputs }: Resource): { cpu: number; memory: number } {
  const pods = podsOf(type, inputs);
  const replicas = pods?.replicas ?? 1;
  const limits = pods?.containers[0]?.limits;
  return { cpu: (limits?.cpu ?? 0) * replicas, memory: (limits?.memory ?? 0) * replicas };
}

function sum(values: readonly number[]): number {
  return Math.round(values.reduce((total, value) => total + value, 0) * 1e6) / 1e6;
}
