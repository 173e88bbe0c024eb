import { BadInput } from "@groundwork/lib/errors";
import type { System } from "./system.ts";

/** A port that a system publishes on the Docker host, and what for. */
export interface HostPort {
  readonly port: number;
  readonly owner: string;
}

const LAST_PORT = 65_535;

/** Every host port of a system; workloads behind one gateway port count once. */
export function hostPorts(system: System): HostPort[] {
  const gateway = new Set(system.workloads.flatMap((workload) => workload.exposure?.hostPort ?? []));
  const own = system.workloads.flatMap((workload) =>
    workload.ports.flatMap((port) =>
      port.hostPort === undefined ? [] : [{ port: port.hostPort, owner: `${system.name}/${workload.name}` }],
    ),
  );
  const management = system.tiers.rabbitmq?.managementHostPort;
  return [
    ...[...gateway].map((port) => ({ port, owner: `${system.name}/gateway` })),
    ...own,
    ...(management === undefined ? [] : [{ port: management, owner: `${system.name}/rabbitmq management` }]),
  ];
}

/** The system with every host port moved up by `offset`. */
export function shifted(system: System, offset: number): System {
  const move = (port: number | undefined) => (port === undefined ? {} : { port: port + offset });
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
        `host port ${port} is wanted by ${other} and by ${owner}; give one of them the free port ${freePort(port, taken)} in stacks/systems.`,
      );
    taken.set(port, owner);
  }
}

function freePort(from: number, taken: ReadonlyMap<number, string>): number {
  let port = from + 1;
  while (taken.has(port)) port++;
  return port;
}
