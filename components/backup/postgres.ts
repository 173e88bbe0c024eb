import type { TierWork } from "./script.ts";

/** What belongs to someone else in the database (the pooler's look-up, say) is made by who owns it, and could not be put back by this user. */
const OTHERS = `SELECT coalesce(string_agg('--exclude-schema=' || nspname, ' '), '') AS others
FROM pg_namespace
WHERE nspname ~ '^[a-z0-9_]+$' AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
  AND NOT pg_has_role(nspowner, 'USAGE') \\gset
\\setenv OTHERS :others`;

/**
 * A number for each table that changes with any row and not with their order; the sum of hashes needs no sorting and no
 * memory. What a table's rows look like as text depends on the time zone, hence the first line.
 */
const SUMS = `SET timezone = 'UTC';
SELECT format(
  'SELECT %L, count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM ONLY %I.%I t',
  n.nspname || '.' || c.relname, n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
  AND pg_has_role(n.nspowner, 'USAGE')
ORDER BY n.nspname, c.relname \\gexec`;

/**
 * `pg_dump` and not `pg_basebackup`: it is one consistent snapshot that restores into any database of this or a later
 * version, so also into one that is started in this container for the test, and it needs no right but the owner's. What it
 * cannot do is bring back a moment between two backups: that takes an archive of the write-ahead log.
 * https://www.postgresql.org/docs/17/backup.html
 *
 * The sums are taken in the snapshot that is dumped, so that a restored copy can be compared while the original goes on.
 * https://www.postgresql.org/docs/17/app-pgdump.html (--snapshot)
 */
export function postgresWork(): TierWork {
  return {
    shell: "sh",
    prelude: `PGPASSWORD=$(cat "$PGPASSWORD_FILE")
export PGPASSWORD
sums() {
  psql -XqAt -v ON_ERROR_STOP=1 -d "$1" <<'SQL'
${SUMS}
SQL
}
`,
    dump: `DUMP="$1/dump"
export DUMP
psql -XqAt -v ON_ERROR_STOP=1 >"$1/tables" <<'SQL' || return 1
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT pg_export_snapshot() AS snapshot \\gset
\\setenv SNAPSHOT :snapshot
${OTHERS}
\\! pg_dump --format=custom --no-password --snapshot="$SNAPSHOT" $OTHERS --file="$DUMP.new" && mv "$DUMP.new" "$DUMP"
${SUMS}
COMMIT;
SQL
[ -s "$DUMP" ] && pg_restore --list "$DUMP" >/dev/null`,
    restore: `pg_restore --exit-on-error --clean --if-exists --no-owner --single-transaction -d "\${2:-$PGDATABASE}" "$1/dump"`,
    restoreTest: `scratch="$FOLDER/scratch"
stop_scratch() { pg_ctl -D "$scratch" -s -m immediate stop; rm -rf "$scratch"; }
rm -rf "$scratch"
initdb -D "$scratch" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null || return 1
pg_ctl -D "$scratch" -s -w -l "$FOLDER/state/scratch.log" -o "-p 5432 -k '$scratch' -c listen_addresses='' -c fsync=off -c shared_buffers=32MB -c max_parallel_maintenance_workers=0" start || {
  cat "$FOLDER/state/scratch.log" >&2
  stop_scratch
  return 1
}
# in a shell of its own, whose settings end with it
(
  export PGHOST="$scratch" PGPORT=5432 PGUSER=postgres PGSSLMODE=disable
  createdb --template=template0 restored &&
    pg_restore --exit-on-error --no-owner --no-privileges -d restored "$1/dump" &&
    sums restored >"$FOLDER/state/restored"
)
restored=$?
stop_scratch
[ "$restored" -eq 0 ] && cmp "$1/tables" "$FOLDER/state/restored"`,
  };
}
