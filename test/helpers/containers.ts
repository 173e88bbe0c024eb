import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type Suite } from "mocha";

/** What an engine does for every container, in namespaces of its own: a mount over others, another root, a bridge, NAT, a cgroup. */
const LIKE_A_CONTAINER = `set -e
d=$1
mount -t tmpfs none "$d"; mkdir "$d/lower" "$d/upper" "$d/work" "$d/root"
mount -t overlay overlay -o "lowerdir=$d/lower,upperdir=$d/upper,workdir=$d/work" "$d/root"
mkdir "$d/root/old"; ip link add gwtest0 type bridge; iptables -t nat -L -n >/dev/null
c=$(ls -d /sys/fs/cgroup/memory /sys/fs/cgroup 2>/dev/null | head -n 1)/gwtest-$$; mkdir "$c"; rmdir "$c"
cd "$d/root"; pivot_root . old`;

/** Why this machine lets no containers run, in the words of what was refused; nothing where it lets them. */
function refusal(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  const flags = ["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "sh", "-c", LIKE_A_CONTAINER, "sh", folder];
  const { error, status, stderr } = spawnSync("unshare", flags, { encoding: "utf8" });
  // what was mounted there has gone with its namespace
  rmSync(folder, { recursive: true, force: true });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : stderr.trim().split("\n").at(-1);
}

const REFUSAL = refusal();

/**
 * A suite that runs containers on a Docker Engine. A rehearsal starts one where it is allowed to; where the kernel or a
 * sandbox forbids that, nothing of it could be shown, and each suite says so.
 */
export function describeContainers(title: string, suite: (this: Suite) => void): void {
  if (REFUSAL === undefined) describe(title, suite);
  else process.stderr.write(`NOT TESTED: ${title}: this machine lets no containers run (${REFUSAL})\n`);
}
