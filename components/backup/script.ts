import type { TierName } from "../workload/spec.ts";
import type { BackupPlan } from "./spec.ts";

/**
 * What differs from tier to tier: bodies of shell functions. Each gets a backup's folder as `$1` and fails with a status
 * that is not 0.
 */
export interface TierWork {
  /** bash where the tier's client needs it. */
  readonly shell: "sh" | "bash";
  /** What the functions share. */
  readonly prelude: string;
  /** Writes the backup into the empty folder. */
  readonly dump: string;
  /** Puts the backup back; `$2` is where to, if not where it came from. */
  readonly restore: string;
  /** Restores into something that is thrown away, and compares. */
  readonly restoreTest: string;
}

export interface BackupScriptArgs {
  readonly system: string;
  readonly tier: TierName;
  /** Writable folder that outlives the container. */
  readonly folder: string;
  readonly plan: BackupPlan;
  readonly work: TierWork;
  /** Port and program of the metrics. */
  readonly metrics: { readonly port: number; readonly server: string };
}

const SECONDS_AFTER_FAILURE = 300;

/**
 * A shell script that makes backups for as long as it runs. First argument:
 *
 * - none: a backup whenever one is due, metrics on their port;
 * - `once`: one backup now, tested if a test is due;
 * - `check`: fails when the last good backup is too old;
 * - `list`: the backups there are;
 * - `test <backup|latest>`: restores it into something that is thrown away, and compares;
 * - `restore <backup|latest> [target]`: puts it back.
 *
 * A backup is a folder named by its time (UTC). It is made beside its place and moved there when it is complete, with a
 * checksum of each file, which is looked at before anything is restored. It counts as good once its restore test, where
 * one is due, has passed.
 */
export function backupScript({ system, tier, folder, plan, work, metrics }: BackupScriptArgs): string {
  return `#!/bin/${work.shell}
set -u
umask 077
FOLDER="${folder}"
mkdir -p "$FOLDER/backups" "$FOLDER/state"

${work.prelude}
${shellFunction("dump", work.dump)}
${shellFunction("restore", work.restore)}
${shellFunction("restore_test", work.restoreTest)}
${shellFunction("state", `cat "$FOLDER/state/$1" 2>/dev/null || echo 0`)}
${shellFunction("note", `echo "$2" >"$FOLDER/state/$1.new" && mv "$FOLDER/state/$1.new" "$FOLDER/state/$1"`)}
${shellFunction("publish", metricsText(system, tier))}
${shellFunction("names", `ls "$FOLDER/backups" | sort -r`)}
${shellFunction(
  "prune",
  `oldest=$(date -u -d "@$(($(date +%s) - ${plan.keepDays} * 86400))" +%Y%m%dT%H%M%SZ)
names | awk -v oldest="$oldest" 'NR > ${plan.keepCount} && $0 < oldest' | while read -r name; do
  rm -rf "$FOLDER/backups/$name"
done`,
)}
${shellFunction(
  "make_backup",
  `partial="$FOLDER/partial"
rm -rf "$partial"
mkdir "$partial" || return 1
dump "$partial" || return 1
[ -n "$(find "$partial" -type f -size +0c)" ] || return 1
(cd "$partial" && sha256sum -- * >.sums && mv .sums SHA256SUMS) || return 1
name=$(date -u +%Y%m%dT%H%M%SZ)
rm -rf "$FOLDER/backups/$name"
mv "$partial" "$FOLDER/backups/$name"`,
)}
${shellFunction("intact", `(cd "$1" && sha256sum --quiet -c SHA256SUMS)`)}
${shellFunction(
  "test_backup",
  `intact "$1" && restore_test "$1" || return 1
note untested 0
note last_restore_test "$(date +%s)"`,
)}
${shellFunction("test_is_due", testIsDue(plan.restoreTestEvery))}
${shellFunction(
  "good_backup",
  `make_backup || return 1
note untested "$(($(state untested) + 1))"
if test_is_due; then test_backup "$FOLDER/backups/$name" || return 1; fi
note last_size "$(du -sb "$FOLDER/backups/$name" | cut -f 1)"
note last_success "$(date +%s)"`,
)}
${shellFunction(
  "backup",
  `if good_backup; then
  prune
  publish
  echo "backup of ${tier}: $name, $(state last_size) bytes"
else
  note failures "$(($(state failures) + 1))"
  publish
  echo "backup of ${tier} failed" >&2
  return 1
fi`,
)}
${shellFunction(
  "chosen",
  `name=$1
[ "$name" = latest ] && name=$(names | head -n 1)
if [ -z "$name" ] || [ ! -f "$FOLDER/backups/$name/SHA256SUMS" ]; then
  echo "there is no backup $1; there are: $(names | tr '\\n' ' ')" >&2
  return 1
fi
echo "$FOLDER/backups/$name"`,
)}
case \${1:-run} in
once) backup ;;
check) [ "$(($(date +%s) - $(state last_success)))" -le ${plan.maxAgeSeconds} ] ;;
list) names ;;
test) where=$(chosen "\${2:-latest}") && test_backup "$where" ;;
restore) where=$(chosen "\${2:-latest}") && intact "$where" && restore "$where" "\${3:-}" ;;
run)
  publish
  trap 'exit 0' TERM INT
  while :; do
    kill -0 "\${server:-none}" 2>/dev/null || { perl "${metrics.server}" ${metrics.port} "$FOLDER/state/metrics" & server=$!; }
    pause=60
    if [ "$(($(date +%s) - $(state last_success)))" -ge ${plan.intervalSeconds} ]; then
      backup || pause=${Math.min(SECONDS_AFTER_FAILURE, plan.intervalSeconds)}
    fi
    sleep "$pause" &
    wait $!
  done
  ;;
*)
  echo "no such command: $1; write once, check, list, test or restore" >&2
  exit 2
  ;;
esac
`;
}

function shellFunction(name: string, body: string): string {
  return `${name}() {\n${body.trimEnd()}\n}`;
}

function testIsDue(every: number): string {
  if (every === 0) return "return 1";
  return `[ "$(state last_restore_test)" -eq 0 ] || [ "$(state untested)" -ge ${every} ]`;
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
function metricsText(system: string, tier: TierName): string {
  const metrics = [
    ["backup_last_success_timestamp_seconds", "gauge", "When the last good backup was made.", "last_success"],
    ["backup_last_size_bytes", "gauge", "Size of the last good backup.", "last_size"],
    ["backup_failures_total", "counter", "Backups that failed.", "failures"],
    [
      "backup_restore_test_last_success_timestamp_seconds",
      "gauge",
      "When a backup was last restored and found to be the same.",
      "last_restore_test",
    ],
  ] as const;
  const lines = metrics.flatMap(([name, type, help, state]) => [
    `echo "# HELP ${name} ${help}"`,
    `echo "# TYPE ${name} ${type}"`,
    `echo "${name}{system=\\"${system}\\",tier=\\"${tier}\\"} $(state ${state})"`,
  ]);
  return `{\n${lines.join("\n")}\n} >"$FOLDER/state/metrics.new"\nmv "$FOLDER/state/metrics.new" "$FOLDER/state/metrics"`;
}

/**
 * Serves one file as metrics. In Perl, because each of the tiers' images has it (perl-base is essential in Debian and
 * Ubuntu) and none has another server. https://packages.debian.org/bookworm/perl-base
 */
export function metricsServer(): string {
  return `use strict;
use IO::Socket::INET;
my ($port, $path) = @ARGV;
my $server = IO::Socket::INET->new(LocalPort => $port, Listen => 16, ReuseAddr => 1) or die "port $port: $!";
while (1) {
  my $client = $server->accept or next;
  # one that sends nothing must not keep the others waiting
  eval {
    local $SIG{ALRM} = sub { die };
    alarm 5;
    while (defined(my $line = <$client>)) { last if $line =~ /^\\r?\\n$/ }
    my $body = "";
    if (open(my $file, "<", $path)) { local $/; $body = <$file> }
    print $client "HTTP/1.0 200 OK\\r\\nContent-Type: text/plain; version=0.0.4\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n$body";
  };
  alarm 0;
  close $client;
}
`;
}
