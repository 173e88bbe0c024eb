import { BadInput } from "@groundwork/lib/errors";
import type { System } from "./system.ts";

/** A port that a system publishes on the Docker host, and what for. */
export interface HostPort {
  readonly port: number;
  readonly owner: string;
}

const LAST_PORT = 65_535;
const OFFSET_STEP = 1000;

/** Every host port of a system; workloads behind one gateway port count once. */
export function hostPorts(system: System): HostPort[] {
  const gateway = new Set(system.workloads.flatMap((workload) => workload.exposure?.hostPort ?? []));
  const own = system.workloads.flatMap((workload) =>
    workload.ports.flatMap((port) =>
      port.hostPort === undefined ? [] : [{ port: port.hostPort, owner: `${system.name}/${workload.name}` }],
    ),
  );
  const { monitoring, tierPorts } = system.docker ?? {};
  const others: readonly (readonly [string, number | undefined])[] = [
    ["gateway (TLS)", gateway.size > 0 ? system.docker?.tlsPort : undefined],
    ["rabbitmq management", system.tiers.rabbitmq?.managementHostPort],
    ...Object.entries(tierPorts ?? {}),
    ["prometheus", monitoring?.prometheusPort],
    ["alertmanager", monitoring?.alertmanagerPort],
    ["grafana", monitoring?.grafanaPort],
    ["kibana", monitoring?.kibanaPort],
  ];
  return [
    ...[...gateway].map((port) => ({ port, owner: `${system.name}/gateway` })),
    ...own,
    ...others.flatMap(([name, port]) => (port === undefined ? [] : [{ port, owner: `${system.name}/${name}` }])),
  ];
}

/** The system with every host port moved up by `offset`. */
export function shifted(system: System, offset: number): System {
  const move = (port: number | undefined) => (port === undefined ? {} : { port: port + offset });
  const { docker } = system;
  const { rabbitmq } = system.tiers;
  const management = move(rabbitmq?.managementHostPort).port;
  return {
    ...system,
    tiers: {
      ...system.tiers,
      ...(rabbitmq && {
        rabbitmq: { ...rabbitmq, ...(management === undefined ? {} : { managementHostPort: management }) },
      }),
    },
    ...(docker && {
      docker: {
        ...docker,
        tlsPort: docker.tlsPort + offset,
        ...(docker.tierPorts && { tierPorts: allShifted(docker.tierPorts, offset) }),
        ...(docker.monitoring && { monitoring: allShifted(docker.monitoring, offset) }),
      },
    }),
    workloads: system.workloads.map((workload) => {
      const exposed = move(workload.exposure?.hostPort).port;
      return {
        ...workload,
        ports: workload.ports.map((port) =>
          port.hostPort === undefined ? port : { ...port, hostPort: port.hostPort + offset },
        ),
        ...(workload.exposure && {
          exposure: { ...workload.exposure, ...(exposed === undefined ? {} : { hostPort: exposed }) },
        }),
      };
    }),
  };
}

function allShifted<T extends object>(ports: T, offset: number): T {
  const moved = Object.entries(ports).map(([name, port]) => [name, Number(port) + offset]);
  return Object.fromEntries(moved) as T;
}

/** Refuses two owners of one port, and ports that do not exist; `key` is the setting that moves them. */
export function refusePortClash(systems: readonly System[], key: string): void {
  const taken = new Map<number, string>();
  for (const { port, owner } of systems.flatMap(hostPorts)) {
    const other = taken.get(port);
    if (port > LAST_PORT)
      throw new BadInput(
        `${key} puts ${owner} on host port ${port}; write an offset that keeps every port at or below ${LAST_PORT}.`,
      );
    if (other !== undefined)
      throw new BadInput(
        `host port ${port} is wanted by ${other} and by ${owner}; port ${freePort(port, taken)} is free: move all ports of one system with portOffsets, e.g. ${systemOf(owner)}: ${offsetFor(systems, systemOf(owner))}.`,
      );
    taken.set(port, owner);
  }
}

const systemOf = (owner: string): string => owner.split("/")[0] ?? owner;

/** The least round number by which a system gets out of the way of all others. */
function offsetFor(systems: readonly System[], name: string): number {
  const moved = systems.find((system) => system.name === name);
  const others = new Set(
    systems
      .filter((system) => system !== moved)
      .flatMap(hostPorts)
      .map(({ port }) => port),
  );
  const own = moved === undefined ? [] : hostPorts(moved).map(({ port }) => port);
  let offset = OFFSET_STEP;
  while (own.some((port) => others.has(port + offset))) offset += OFFSET_STEP;
  return offset;
}

function freePort(from: number, taken: ReadonlyMap<number, string>): number {
  let port = from + 1;
  while (taken.has(port)) port++;
  return port;
}
