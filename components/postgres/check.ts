import { BadInput } from "@groundwork/lib/errors";
import { METRICS_ROLE, POOLER_ROLE, READER_ROLE, SUPERUSER } from "./roles.ts";
import { DEFAULT_CONNECTIONS } from "./settings.ts";
import type { PostgresSpec } from "./spec.ts";

/** Names that need no quoting in SQL, in pgbouncer.ini and in a URL. https://www.postgresql.org/docs/17/sql-syntax-lexical.html */
const PLAIN_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const TAKEN: readonly string[] = [
  METRICS_ROLE,
  POOLER_ROLE,
  READER_ROLE,
  SUPERUSER,
  "replicator",
  "rewind",
  "template0",
  "template1",
];

/** Kept for superusers (`superuser_reserved_connections` is 3), the exporter, a backup and a person with psql. */
const CONNECTIONS_BESIDE_POOL = 10;

/** More members make each commit and each election slower without making the loss of two any less likely. */
const MOST_REPLICAS = 8;

/** Refuses what no server could be started with. */
export function checkSpec(name: string, spec: PostgresSpec): void {
  checkDatabase(name, spec.database);
  checkReplicas(name, spec);
  checkPooler(name, spec);
}

function checkDatabase(name: string, database: string): void {
  if (!PLAIN_NAME.test(database)) {
    throw new BadInput(
      `${name}: database is "${database}"; write a lower case letter, then lower case letters, digits and "_", at most 63.`,
    );
  }
  if (TAKEN.includes(database))
    throw new BadInput(`${name}: database is "${database}", which is a name of its own; write another one.`);
}

function checkReplicas(name: string, { replicas = 0, synchronous = false }: PostgresSpec): void {
  if (!Number.isInteger(replicas) || replicas < 0 || replicas > MOST_REPLICAS)
    throw new BadInput(`${name}: replicas is ${replicas}; write a whole number from 0 to ${MOST_REPLICAS}.`);
  if (synchronous && replicas === 0)
    throw new BadInput(`${name}: synchronous is true with no replicas; write replicas: 1 or more, or leave it out.`);
}

function checkPooler(name: string, { pooler, maxConnections = DEFAULT_CONNECTIONS }: PostgresSpec): void {
  if (pooler === undefined) return;
  const most = maxConnections - CONNECTIONS_BESIDE_POOL;
  if (!Number.isInteger(pooler.poolSize) || pooler.poolSize < 1 || pooler.poolSize > most) {
    throw new BadInput(
      `${name}: pooler.poolSize is ${pooler.poolSize}; write a whole number from 1 to ${most}, because maxConnections is ${maxConnections} and ${CONNECTIONS_BESIDE_POOL} are kept for operations.`,
    );
  }
  if (!Number.isInteger(pooler.maxClients) || pooler.maxClients < pooler.poolSize) {
    throw new BadInput(
      `${name}: pooler.maxClients is ${pooler.maxClients}; write a whole number that is pooler.poolSize (${pooler.poolSize}) or more.`,
    );
  }
}
