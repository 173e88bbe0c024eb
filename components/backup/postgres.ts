import type { TierWork } from "./script.ts";

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
ORDER BY n.nspname, c.relname \\gexec`;

const SCRATCH = "groundwork_restore_test";

/**
 * `pg_dump` and not `pg_basebackup`: it is one consistent snapshot that restores into any database of this or a later
 * version, so also into a scratch database of the running server, and it needs no right but the owner's. What it cannot
 * do is bring back a moment between two backups: that takes an archive of the write-ahead log.
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
\\! pg_dump --format=custom --no-password --snapshot="$SNAPSHOT" --file="$DUMP.new" && mv "$DUMP.new" "$DUMP"
${SUMS}
COMMIT;
SQL
[ -s "$DUMP" ] && pg_restore --list "$DUMP" >/dev/null`,
    restore: `pg_restore --exit-on-error --clean --if-exists --no-owner --single-transaction -d "\${2:-$PGDATABASE}" "$1/dump"`,
    restoreTest: `dropdb --if-exists --force ${SCRATCH} 2>/dev/null
createdb --template=template0 ${SCRATCH} || return 1
pg_restore --exit-on-error --no-owner --no-privileges -d ${SCRATCH} "$1/dump" && sums ${SCRATCH} >"$FOLDER/state/restored"
restored=$?
dropdb --force ${SCRATCH}
[ "$restored" -eq 0 ] && cmp "$1/tables" "$FOLDER/state/restored"`,
  };
}
