import type { TierWork } from "./script.ts";

const SCRATCH = "groundwork_restore_test";

/**
 * `mongodump` of the system's database with its users. Of a sharded cluster, through the router, it is an approximation
 * while something is written or moved between shards; MongoDB has a consistent one only with all writes stopped.
 * https://www.mongodb.com/docs/manual/tutorial/backup-sharded-cluster-with-database-dumps/
 *
 * The tools read the password from a file (https://www.mongodb.com/docs/database-tools/mongodump/#std-option-mongodump.--config),
 * and count what they write and restore, by which a test compares.
 */
export function mongodbWork(): TierWork {
  return {
    shell: "sh",
    prelude: `tool() {
  program=$1
  shift
  printf 'password: "%s"\\n' "$(cat "$MONGODB_PASSWORD_FILE")" >"$FOLDER/state/tool.yaml"
  "$program" --config="$FOLDER/state/tool.yaml" --host="$MONGODB_HOST" --port="$MONGODB_PORT" --username="$MONGODB_USER" --authenticationDatabase=admin "$@"
  done_with=$?
  rm -f "$FOLDER/state/tool.yaml"
  return $done_with
}
drop_scratch() {
  mongosh --nodb --norc --quiet --eval '
    const { MONGODB_HOST, MONGODB_PORT, MONGODB_USER, MONGODB_PASSWORD_FILE } = process.env;
    const password = require("fs").readFileSync(MONGODB_PASSWORD_FILE, "utf8").trim();
    const admin = new Mongo("mongodb://" + MONGODB_HOST + ":" + MONGODB_PORT + "/").getDB("admin");
    admin.auth(MONGODB_USER, password);
    admin.getSiblingDB("${SCRATCH}").dropDatabase();'
}`,
    dump: `tool mongodump --db="$MONGODB_DATABASE" --dumpDbUsersAndRoles --gzip --archive="$1/dump.gz" 2>"$1/log" || {
  tail -n 3 "$1/log" >&2
  return 1
}`,
    restore: `tool mongorestore --gzip --archive="$1/dump.gz" --drop --stopOnError --nsFrom="$MONGODB_DATABASE.*" --nsTo="\${2:-$MONGODB_DATABASE}.*"`,
    restoreTest: `drop_scratch || return 1
log="$FOLDER/state/restored"
tool mongorestore --gzip --archive="$1/dump.gz" --stopOnError --nsInclude="$MONGODB_DATABASE.*" --nsFrom="$MONGODB_DATABASE.*" --nsTo="${SCRATCH}.*" 2>"$log"
restored=$?
drop_scratch
if [ "$restored" -ne 0 ]; then
  tail -n 3 "$log" >&2
  return 1
fi
wanted=$(sed -n 's/.*done dumping '"$MONGODB_DATABASE"'\\..*(\\([0-9]*\\) document.*/\\1/p' "$1/log" | awk '{ n += $1 } END { print n + 0 }')
found=$(sed -n 's/.*[^0-9]\\([0-9][0-9]*\\) document(s) restored successfully\\. 0 document(s) failed.*/\\1/p' "$log")
[ "\${found:-none}" = "$wanted" ] || {
  echo "restored \${found:-no} documents of $wanted" >&2
  return 1
}`,
  };
}
