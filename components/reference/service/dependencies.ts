import { connect } from "node:net";

/** A tier that the environment names. */
export interface Dependency {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

export interface Reachability {
  readonly reachable: boolean;
  /** Until the connection was there, or was given up. */
  readonly milliseconds: number;
}

const TIERS = [
  { name: "postgres", host: "PGHOST", port: "PGPORT", fallback: 5432 },
  { name: "redis", host: "REDIS_HOST", port: "REDIS_PORT", fallback: 6379 },
  { name: "rabbitmq", host: "RABBITMQ_HOST", port: "RABBITMQ_PORT", fallback: 5672 },
  { name: "mongodb", host: "MONGODB_HOST", port: "MONGODB_PORT", fallback: 27_017 },
];

/** The tiers whose host the environment names. */
export function dependencies(environment: NodeJS.ProcessEnv): Dependency[] {
  return TIERS.flatMap(({ name, host, port, fallback }) => {
    const address = environment[host];
    return address === undefined ? [] : [{ name, host: address, port: Number(environment[port] ?? fallback) }];
  });
}

/** Whether something accepts a TCP connection there; says nothing about whether it would accept the password. */
export function reach({ host, port }: Dependency, timeout = 1000): Promise<Reachability> {
  const start = performance.now();
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const finish = (reachable: boolean) => {
      socket.destroy();
      resolve({ reachable, milliseconds: Math.round(performance.now() - start) });
    };
    socket.setTimeout(timeout, () => finish(false));
    socket.once("connect", () => finish(true));
    socket.once("error", () => finish(false));
  });
}
