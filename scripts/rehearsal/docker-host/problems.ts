import { overlaps, parseCidr, readCidr } from "@groundwork/lib/cidr";
import type { Asked, DockerPlan } from "./plan.ts";

/** A machine with a Docker Engine, and what is there already. */
export interface DockerHost {
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly hasGpu: boolean;
  readonly networks: readonly { readonly name: string; readonly subnets: readonly string[] }[];
  /** Host ports that are taken, and by whom. */
  readonly ports: readonly { readonly port: number; readonly owner: string }[];
}

const GIBIBYTE = 2 ** 30;
/** Names of the largest that a message tells. */
const NAMED = 3;

/** Why the host cannot carry the plan: one sentence for each reason; none when it can. */
export function hostProblems(plan: DockerPlan, host: DockerHost): string[] {
  return [...tooMuch(plan, host), ...noGpu(plan, host), ...takenPorts(plan, host), ...takenNetworks(plan, host)];
}

function tooMuch({ containers }: DockerPlan, host: DockerHost): string[] {
  const cores = sum(containers, ({ cores: own }) => own);
  const memory = sum(containers, ({ memory: own }) => own);
  const advice = "set groundwork:size to laptop where it is full, choose fewer systems, or lower groundwork:workloads";
  const problems: string[] = [];
  if (cores > host.cores)
    problems.push(
      `the environment needs ${shown(cores)} cores and the Docker host has ${shown(host.cores)} (most of it: ${largest(
        containers,
        ({ cores: own }) => own,
        (value) => shown(value),
      )}): ${advice}`,
    );
  if (memory > host.memory)
    problems.push(
      `the environment needs ${shown(memory / GIBIBYTE)} GiB of memory and the Docker host has ${shown(host.memory / GIBIBYTE)} GiB (most of it: ${largest(
        containers,
        ({ memory: own }) => own,
        (value) => `${shown(value / GIBIBYTE)} GiB`,
      )}): ${advice}`,
    );
  return problems;
}

function noGpu({ containers }: DockerPlan, host: DockerHost): string[] {
  const asking = containers.filter(({ needsGpu }) => needsGpu);
  if (host.hasGpu || asking.length === 0) return [];
  const names = asking.map(({ name }) => name).join(", ");
  return [
    `${names} asks for a GPU and the Docker host has no NVIDIA runtime: set groundwork:gpu to false, or install the NVIDIA Container Toolkit there`,
  ];
}

function takenPorts({ containers, ownPorts }: DockerPlan, host: DockerHost): string[] {
  const taken = new Map(host.ports.map(({ port, owner }) => [port, owner]));
  const wanted = new Set(containers.flatMap(({ ports }) => ports));
  return containers.flatMap(({ name, ports }) =>
    ports
      .filter((port) => taken.has(port) && !ownPorts.has(port))
      .map(
        (port) =>
          `host port ${port}, which ${name} publishes, is taken by ${taken.get(port)}: stop that, or move the ports of this environment with groundwork:portOffset (port ${freePort(port, taken, wanted)} is free)`,
      ),
  );
}

function takenNetworks({ networks, own }: DockerPlan, host: DockerHost): string[] {
  const foreign = host.networks.filter(({ name }) => !own.has(name));
  return networks.flatMap(({ name, subnets }) =>
    foreign.flatMap((other) =>
      subnets
        .filter((subnet) => other.subnets.some((theirs) => isOverlap(subnet, theirs)))
        .map(
          (subnet) =>
            `network ${name} wants ${subnet}, which overlaps the Docker network ${other.name} (${other.subnets.join(", ")}): remove that one, or give the system another block in stacks/systems`,
        ),
    ),
  );
}

/** IPv6 blocks of Docker's own networks overlap nothing of ours. */
function isOverlap(own: string, theirs: string): boolean {
  return readCidr(own) !== undefined && readCidr(theirs) !== undefined && overlaps(parseCidr(own), parseCidr(theirs));
}

function freePort(from: number, taken: ReadonlyMap<number, string>, wanted: ReadonlySet<number>): number {
  let port = from + 1;
  while (taken.has(port) || wanted.has(port)) port++;
  return port;
}

function sum(containers: readonly Asked[], of: (one: Asked) => number): number {
  return containers.reduce((total, one) => total + of(one) * one.replicas, 0);
}

function largest(containers: readonly Asked[], of: (one: Asked) => number, show: (value: number) => string): string {
  const groups = new Map<string, { replicas: number; value: number }>();
  for (const one of containers) {
    const name = withoutIndex(one.name);
    const group = groups.get(name) ?? { replicas: 0, value: 0 };
    groups.set(name, { replicas: group.replicas + one.replicas, value: group.value + of(one) * one.replicas });
  }
  return [...groups]
    .sort(([a, { value: less }], [b, { value: more }]) => more - less || a.localeCompare(b))
    .slice(0, NAMED)
    .map(([name, { replicas, value }]) => `${name}${replicas > 1 ? ` (${replicas} of it)` : ""} ${show(value)}`)
    .join(", ");
}

/** A workload's replicas are containers of one name, numbered: together they are what a person can make fewer of. */
function withoutIndex(name: string): string {
  return name.replace(/-\d+$/, "");
}

function shown(value: number): string {
  return String(Math.round(value * 100) / 100);
}
