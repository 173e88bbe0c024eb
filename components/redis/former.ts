export interface FormerArgs {
  /** `host:port` of each server, primaries first. */
  readonly nodes: readonly string[];
  readonly primaries: number;
  /** The command line client: `valkey-cli`, or `redis-cli`, which takes the same words. */
  readonly client: string;
  /** File with the password. */
  readonly passwordFile: string;
}

/** Of a cluster. https://valkey.io/topics/cluster-spec/#key-distribution-model */
const SLOTS = 16_384;
const SECONDS_BETWEEN_LOOKS = 10;

/**
 * A POSIX shell script that makes one cluster of servers that run, and keeps it one: each step looks first and does what
 * is missing only, so it may run at any time and be stopped anywhere.
 *
 * - `CLUSTER MEET` by present address: after a restart of the whole engine every server may have another's old address,
 *   which the servers do not find out by themselves.
 * - A primary of the first forming gets its share of slots; slots that have an owner are never touched, so a failover stays.
 * - Once every slot has an owner, a primary without slots becomes a replica where fewest are: the ones of the first
 *   forming, and later one that comes back with an empty disk.
 *
 * `check` as first argument only says whether every server that answers finds the cluster in order. `once` makes one pass.
 * https://valkey.io/topics/cluster-spec/ https://valkey.io/commands/cluster-addslotsrange/
 */
export function clusterFormer({ nodes, primaries, client, passwordFile }: FormerArgs): string {
  const shares = nodes.slice(0, primaries).map((node, index) => {
    const [from, to] = [index, index + 1].map((share) => Math.floor((share * SLOTS) / primaries));
    return `    ask ${node} CLUSTER ADDSLOTSRANGE ${from} ${Number(to) - 1} >/dev/null`;
  });
  return `#!/bin/sh
set -u
NODES="${nodes.join(" ")}"
REDISCLI_AUTH="$(cat ${passwordFile})"
export REDISCLI_AUTH

ask() {
  node=$1
  shift
  timeout 5 ${client} -h "\${node%:*}" -p "\${node##*:}" "$@" 2>/dev/null | tr -d '\\r'
}

# CLUSTER MEET takes no names
address() {
  set -- $(getent ahostsv4 "\${1%:*}")
  echo "\${1:-}"
}

reachable() {
  for each in $NODES; do
    [ "$(ask "$each" PING)" = PONG ] && echo "$each"
  done
}

# what each server says of itself is true at once; what it says of others takes a while
themselves() {
  for each in $1; do
    ask "$each" CLUSTER NODES | grep myself
  done
}

connected() {
  ask "$1" CLUSTER NODES | grep ' connected' | grep -v -c -E 'fail|noaddr|handshake'
}

state_ok() {
  up=$(reachable)
  for each in $up; do
    ask "$each" CLUSTER INFO | grep -q '^cluster_state:ok' || return 1
  done
  [ -n "$up" ]
}

all_slots_owned() {
  for each in $1; do
    [ "$(ask "$each" CLUSTER INFO | grep '^cluster_slots_assigned:')" = cluster_slots_assigned:${SLOTS} ] || return 1
  done
}

meet() {
  count=$(echo "$1" | wc -w)
  for from in $1; do
    [ "$(connected "$from")" -ge "$count" ] && continue
    for to in $1; do
      [ "$from" = "$to" ] || ask "$from" CLUSTER MEET "$(address "$to")" "\${to##*:}" >/dev/null
    done
  done
}

# the replicas of each owner of slots, fewest first
fewest_replicas() {
  themselves "$1" | awk '
    $3 ~ /master/ && NF > 8 { owners[$1] = 1 }
    $3 ~ /slave/ { replicas[$4]++ }
    END { for (id in owners) print replicas[id] + 0, id }' | sort -n | head -n 1 | cut -d " " -f 2
}

pass() {
  up=$(reachable)
  if [ "$(echo "$up" | wc -w)" -eq ${nodes.length} ] && ! all_slots_owned "$up"; then
${shares.join("\n")}
  fi
  meet "$up"
  all_slots_owned "$up" || return 0
  for each in $up; do
    themselves "$each" | awk '$3 ~ /master/ && NF == 8 { spare = 1 } END { exit !spare }' || continue
    ask "$each" CLUSTER REPLICATE "$(fewest_replicas "$up")" >/dev/null
  done
}

case \${1:-} in
check) state_ok ;;
once) pass ;;
*)
  trap 'exit 0' TERM INT
  while :; do
    pass
    state_ok && pause=${SECONDS_BETWEEN_LOOKS} || pause=1
    sleep $pause &
    wait $!
  done
  ;;
esac
`;
}
