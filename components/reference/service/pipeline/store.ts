import type { Pool } from "pg";
import type { Item } from "./item.ts";

/** In one statement; what is there already stays as it is, so writing a batch again changes nothing. */
export async function writeItems(writer: Pool, items: readonly Item[]): Promise<void> {
  await writer.query(
    `INSERT INTO items (id, title, artist, duration_seconds, produced_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::timestamptz[])
     ON CONFLICT (id) DO NOTHING`,
    [
      items.map(({ id }) => id),
      items.map(({ title }) => title),
      items.map(({ artist }) => artist),
      items.map(({ durationSeconds }) => durationSeconds),
      items.map(({ producedAt }) => producedAt),
    ],
  );
}

const COLUMNS = `id, title, artist, duration_seconds AS "durationSeconds", produced_at AS "producedAt", stored_at AS "storedAt"`;

export interface StoredItem extends Omit<Item, "producedAt"> {
  readonly producedAt: Date;
  readonly storedAt: Date;
}

/** A page in the order of the ids, after the given one. */
export async function readItems(reader: Pool, after: string, limit: number): Promise<StoredItem[]> {
  const query = `SELECT ${COLUMNS} FROM items WHERE id > $1 ORDER BY id LIMIT $2`;
  return (await reader.query<StoredItem>(query, [after, limit])).rows;
}

export async function readItem(reader: Pool, id: string): Promise<StoredItem | undefined> {
  return (await reader.query<StoredItem>(`SELECT ${COLUMNS} FROM items WHERE id = $1`, [id])).rows[0];
}

export interface Stats {
  readonly items: number;
  readonly lastHour: number;
  /** Null where there is none. */
  readonly newest: Date | null;
}

export async function readStats(reader: Pool): Promise<Stats | undefined> {
  const query = `SELECT count(*)::integer AS items,
                        count(*) FILTER (WHERE stored_at > now() - interval '1 hour')::integer AS "lastHour",
                        max(stored_at) AS newest
                 FROM items`;
  return (await reader.query<Stats>(query)).rows[0];
}
