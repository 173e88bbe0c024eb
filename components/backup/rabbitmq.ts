import { managementClient } from "../rabbitmq/http.ts";
import type { TierWork } from "./script.ts";

const SCRATCH = "groundwork-restore-test";

/**
 * Definitions: users (hashes of their passwords), virtual hosts, permissions, queues, exchanges, policies. Messages are
 * not among them: RabbitMQ has no dump of a running broker's messages; they are on the broker's volume.
 * https://www.rabbitmq.com/docs/backup
 */
export function rabbitmqWork(vhost: string): TierWork {
  const encoded = encodeURIComponent(vhost);
  return {
    shell: "bash",
    prelude: `${managementClient()}
# one line for each object, sorted: the broker promises no order
objects() { tr '{}' '\\n\\n' <"$1" | sed 's/${SCRATCH}/${vhost}/g' | grep '"name"\\|"source"' | sort; }`,
    dump: `api GET /api/definitions >"$1/definitions.json" && api GET "/api/definitions/${encoded}" >"$1/vhost.json"`,
    restore: `api POST /api/definitions "$1/definitions.json" >/dev/null`,
    restoreTest: `scratch=/api/vhosts/${SCRATCH}
work="$FOLDER/state"
api DELETE "$scratch" >/dev/null 2>&1
api PUT "$scratch" >/dev/null || return 1
echo '{"configure":".*","write":".*","read":".*"}' >"$work/permissions"
api PUT "/api/permissions/${SCRATCH}/$RABBITMQ_USER" "$work/permissions" >/dev/null &&
  api POST "/api/definitions/${SCRATCH}" "$1/vhost.json" >/dev/null &&
  api GET "/api/definitions/${SCRATCH}" >"$work/restored.json"
restored=$?
api DELETE "$scratch" >/dev/null
[ "$restored" -eq 0 ] && [ "$(objects "$1/vhost.json")" = "$(objects "$work/restored.json")" ]`,
  };
}
