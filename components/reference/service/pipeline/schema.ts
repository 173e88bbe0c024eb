import type { Pool, PoolClient } from "pg";

/** The same for every process of the service; a number of ours, as advisory locks are by number. */
const LOCK = 4_190_226;

/** What they make. */
const MADE = ["items", "items_stored_at"];

const STATEMENTS = [
  `CREATE TABLE IF NOT EXISTS items (
     id text PRIMARY KEY,
     title text NOT NULL,
     artist text NOT NULL,
     duration_seconds integer NOT NULL,
     produced_at timestamptz NOT NULL,
     stored_at timestamptz NOT NULL DEFAULT now()
   )`,
  "CREATE INDEX IF NOT EXISTS items_stored_at ON items (stored_at)",
];

/**
 * Makes the tables. Two processes that create one at the same time would collide in spite of IF NOT EXISTS, hence the
 * lock; it belongs to the transaction, so that it also works through PgBouncer's transaction pooling.
 * https://www.pgbouncer.org/features.html
 * Where they are there already nothing is written: a region that follows another one's database may only read, and has its
 * tables from there.
 */
export async function prepareSchema(writer: Pool): Promise<void> {
  const client = await writer.connect();
  try {
    await inTransaction(client);
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function inTransaction(client: PoolClient): Promise<void> {
  if (await isThere(client)) return;
  await client.query("BEGIN");
  await client.query("SELECT pg_advisory_xact_lock($1)", [LOCK]);
  for (const statement of STATEMENTS) await client.query(statement);
  await client.query("COMMIT");
}

async function isThere(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ found: boolean }>(
    "SELECT bool_and(to_regclass(name) IS NOT NULL) AS found FROM unnest($1::text[]) AS name",
    [MADE],
  );
  return rows[0]?.found === true;
}
