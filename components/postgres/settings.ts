import { parseCpu, parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import type { PostgresSpec } from "./spec.ts";

/** PostgreSQL's own default. https://www.postgresql.org/docs/17/runtime-config-connection.html */
export const DEFAULT_CONNECTIONS = 100;

export interface ServerSize {
  /** CPU cores. */
  readonly cores: number;
  /** Bytes. */
  readonly memory: number;
  readonly maxConnections: number;
}

const MEBIBYTE = 2 ** 20;

/** Sorts and hashes that one connection runs at a time, on average, at full load. */
const SORTS_PER_CONNECTION = 2;

/**
 * Server parameters for a machine that PostgreSQL has to itself, from the manual's advice on each:
 * https://www.postgresql.org/docs/17/runtime-config-resource.html (shared_buffers 25 % of memory, work_mem for several
 * sorts of each connection), https://www.postgresql.org/docs/17/runtime-config-query.html (effective_cache_size is what
 * the kernel's cache has too, random_page_cost near 1 for solid-state disks),
 * https://www.postgresql.org/docs/17/populate.html (maintenance_work_mem). Each can be overridden.
 */
export function postgresSettings(
  size: ServerSize,
  overrides: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const memory = toMebibytes(size.memory);
  const sharedBuffers = Math.floor(memory / 4);
  const workMemory = Math.floor((memory - sharedBuffers) / (size.maxConnections * SORTS_PER_CONNECTION));
  const cores = Math.max(1, Math.floor(size.cores));
  return {
    max_connections: String(size.maxConnections),
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${Math.floor((memory * 3) / 4)}MB`,
    work_mem: `${Math.max(1, workMemory)}MB`,
    maintenance_work_mem: `${Math.min(2048, Math.max(16, Math.floor(memory / 16)))}MB`,
    random_page_cost: "1.1",
    max_worker_processes: String(Math.max(8, cores)),
    max_parallel_workers: String(cores),
    max_parallel_workers_per_gather: String(Math.min(4, Math.ceil(cores / 2))),
    password_encryption: "scram-sha-256",
    ...overrides,
  };
}

/** The parameters of a server as a system asks for it. */
export function settingsOf(spec: PostgresSpec): Record<string, string> {
  const size = {
    cores: parseCpu(spec.size.cpu),
    memory: parseMemory(spec.size.memory),
    maxConnections: spec.maxConnections ?? DEFAULT_CONNECTIONS,
  };
  return postgresSettings(size, spec.parameters);
}

/** As arguments of the `postgres` command, in a fixed order. */
export function postgresArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** MiB of /dev/shm, where parallel queries exchange rows; Docker's 64 are soon too few. https://hub.docker.com/_/postgres (Caveats) */
export function sharedMemory(memory: number): number {
  return Math.max(64, Math.floor(memory / MEBIBYTE / 8));
}
