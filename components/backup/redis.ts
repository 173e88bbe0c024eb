import type { TierWork } from "./script.ts";

export interface RedisWorkArgs {
  /** `host:port` of each server: one, or all of a cluster. */
  readonly nodes: readonly string[];
  readonly mode: "single" | "cluster";
  /** Prefix of the programs: `valkey`, or `redis`, which take the same words. */
  readonly programs: "valkey" | "redis";
  /** Port of the scratch server and the name under which the tier finds it. */
  readonly scratch: { readonly host: string; readonly port: number };
}

/**
 * `--rdb` asks the server for a snapshot as a replica does; it comes over the network and disturbs nobody. Of a cluster
 * each primary's, which are not of the same instant. A test loads it into a scratch server and counts the keys.
 *
 * A single server is restored by making it a replica of the scratch server for a moment, which needs no access to its
 * disk; a cluster by importing from it, on top of what it has. https://valkey.io/topics/cli/ https://valkey.io/commands/replicaof/
 */
export function redisWork(args: RedisWorkArgs): TierWork {
  const single = args.mode === "single";
  return {
    shell: "sh",
    prelude: prelude(args),
    dump: dump(args),
    restore: single ? restoreSingle(args) : restoreCluster(args),
    restoreTest: `for file in "$1"/*.rdb; do
  start_scratch "$file" 127.0.0.1 || return 1
  found=$(keys)
  stop_scratch
  wanted=$(checked "$file" "keys read")
  # a key with a time to live may have been gone before the test
  mortal=$(checked "$file" expires)
  if [ "$found" -gt "$wanted" ] || [ "$found" -lt "$((wanted - mortal))" ]; then
    echo "restored $found keys of $wanted" >&2
    return 1
  fi
done`,
  };
}

/** The scratch server has the tier's own password, in a file: it answers on the tier's network while it is restored from. */
function prelude({ programs, scratch: { port } }: RedisWorkArgs): string {
  return `REDISCLI_AUTH=$(cat "$REDIS_PASSWORD_FILE")
export REDISCLI_AUTH
ask() {
  asked=$1
  shift
  ${programs}-cli -h "\${asked%:*}" -p "\${asked##*:}" "$@" | tr -d '\\r'
}
scratch() { ask 127.0.0.1:${port} "$@"; }
keys() { scratch INFO keyspace | sed -n 's/^db[0-9]*:keys=\\([0-9]*\\),.*/\\1/p' | awk '{ n += $1 } END { print n + 0 }'; }
checked() { sed -n "s/.* \\([0-9][0-9]*\\) $2\\$/\\1/p" "$1.checked"; }
start_scratch() {
  rm -rf "$FOLDER/scratch"
  mkdir "$FOLDER/scratch" && cp "$1" "$FOLDER/scratch/dump.rdb" || return 1
  echo "requirepass $REDISCLI_AUTH" >"$FOLDER/scratch/conf"
  ${programs}-server "$FOLDER/scratch/conf" --bind "$2" --port ${port} --dir "$FOLDER/scratch" --save "" --appendonly no >"$FOLDER/state/scratch.log" &
  SCRATCH=$!
  while kill -0 $SCRATCH 2>/dev/null; do
    [ "$(scratch PING 2>/dev/null)" = PONG ] && return 0
    sleep 0.1
  done
  cat "$FOLDER/state/scratch.log" >&2
  stop_scratch
  return 1
}
stop_scratch() {
  kill $SCRATCH 2>/dev/null
  wait $SCRATCH 2>/dev/null
  rm -rf "$FOLDER/scratch"
}`;
}

function dump({ nodes, mode, programs }: RedisWorkArgs): string {
  const each = `ask "$node" --rdb "$1/\${node%:*}-\${node##*:}.rdb" >/dev/null`;
  const check = `for file in "$1"/*.rdb; do
  ${programs}-check-rdb "$file" >"$file.checked" || return 1
done`;
  if (mode === "single") return `node=${nodes.join(" ")}\n${each}\n${check}`;
  // a dump of a cluster that misses a primary would be found out only when it is needed, hence the sum
  return `slots=0
for node in ${nodes.join(" ")}; do
  [ "$(ask "$node" ROLE | head -n 1)" = master ] || continue
  ${each}
  slots=$((slots + $(ask "$node" CLUSTER NODES | awk '/myself/ {
    for (i = 9; i <= NF; i++) if ($i !~ /\\[/) { split($i, range, "-"); n += (range[2] == "" ? range[1] : range[2]) - range[1] + 1 }
  } END { print n + 0 }')))
done
if [ "$slots" -ne 16384 ]; then
  echo "the primaries that answer have $slots slots of 16384" >&2
  return 1
fi
${check}`;
}

function restoreSingle({ nodes, scratch: { host, port } }: RedisWorkArgs): string {
  return `target=\${2:-${nodes.join(" ")}}
start_scratch "$(ls "$1"/*.rdb)" '*' || return 1
wanted=$(keys)
# from standard input, so that the password is in no process list
printf 'CONFIG SET masterauth "%s"\\nREPLICAOF ${host} ${port}\\n' "$REDISCLI_AUTH" | ask "$target" >/dev/null
tries=600
until ask "$target" INFO replication | grep -q '^master_link_status:up' || [ $((tries -= 1)) -eq 0 ]; do sleep 0.1; done
printf 'REPLICAOF NO ONE\\nCONFIG SET masterauth ""\\n' | ask "$target" >/dev/null
stop_scratch
if [ "$tries" -eq 0 ]; then
  echo "$target did not reach ${host}:${port} in time; look at its log" >&2
  return 1
fi
echo "restored $wanted keys to $target"`;
}

function restoreCluster({ nodes, programs, scratch: { host, port } }: RedisWorkArgs): string {
  return `target=\${2:-${nodes[0] ?? ""}}
for file in "$1"/*.rdb; do
  start_scratch "$file" '*' || return 1
  echo "$REDISCLI_AUTH" | ${programs}-cli --cluster import "$target" --cluster-from ${host}:${port} --cluster-from-askpass --cluster-copy --cluster-replace >"$FOLDER/state/import.log"
  restored=$?
  stop_scratch
  if [ "$restored" -ne 0 ]; then
    tail -n 3 "$FOLDER/state/import.log" >&2
    return 1
  fi
done`;
}
