import { existsSync, globSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { execa } from "execa";
import { CHROMIUM } from "./browser.ts";
import { ensureBinaries } from "./rehearsal/control-planes/index.ts";
import { findEngine } from "./rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "./rehearsal/home.ts";

/**
 * What `npm test` needs before mocha starts. Real tests run generated configuration on the real servers, and look at
 * reports in a real browser, so one that cannot be had is an error: a test that is skipped in silence proves nothing.
 */
interface Server {
  /** Debian's package. */
  readonly name: string;
  /** Where its binary may be; PATH of an ordinary user has no /usr/sbin. */
  readonly binaries: readonly string[];
}

const servers: readonly Server[] = [
  { name: "nginx", binaries: ["/usr/sbin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"] },
  {
    name: "postgresql",
    binaries: ["/usr/lib/postgresql/*/bin/postgres", "/usr/local/bin/postgres", "/opt/homebrew/bin/postgres"],
  },
  { name: "patroni", binaries: ["/usr/bin/patroni", "/usr/local/bin/patroni", "/opt/homebrew/bin/patroni"] },
  { name: "etcd-server", binaries: ["/usr/bin/etcd", "/usr/local/bin/etcd", "/opt/homebrew/bin/etcd"] },
  { name: "haproxy", binaries: ["/usr/sbin/haproxy", "/usr/local/sbin/haproxy", "/opt/homebrew/bin/haproxy"] },
  { name: "pgbouncer", binaries: ["/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer"] },
  {
    name: "prometheus-postgres-exporter",
    binaries: ["/usr/bin/prometheus-postgres-exporter", "/usr/local/bin/postgres_exporter"],
  },
  {
    name: "redis-server",
    binaries: ["/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server"],
  },
  {
    name: "rabbitmq-server",
    binaries: ["/usr/sbin/rabbitmqctl", "/usr/local/sbin/rabbitmqctl", "/opt/homebrew/sbin/rabbitmqctl"],
  },
  { name: "prometheus", binaries: ["/usr/bin/promtool", "/usr/local/bin/promtool", "/opt/homebrew/bin/promtool"] },
  {
    name: "prometheus-alertmanager",
    binaries: ["/usr/bin/amtool", "/usr/local/bin/amtool", "/opt/homebrew/bin/amtool"],
  },
  {
    name: "prometheus-node-exporter",
    binaries: ["/usr/bin/prometheus-node-exporter", "/usr/local/bin/prometheus-node-exporter"],
  },
  {
    name: "prometheus-redis-exporter",
    binaries: ["/usr/bin/prometheus-redis-exporter", "/usr/local/bin/prometheus-redis-exporter"],
  },
  { name: "chromium", binaries: CHROMIUM },
  // a private Docker Engine for what runs in containers, where none answers, and the base of its images
  { name: "docker.io", binaries: ["/usr/sbin/dockerd", "/usr/bin/dockerd", "/usr/local/bin/dockerd"] },
  { name: "iptables", binaries: ["/usr/sbin/iptables", "/sbin/iptables"] },
  { name: "iproute2", binaries: ["/usr/sbin/ip", "/sbin/ip", "/usr/bin/ip", "/bin/ip"] },
  { name: "debootstrap", binaries: ["/usr/sbin/debootstrap"] },
  // without a font a browser draws boxes
  { name: "fonts-dejavu-core", binaries: ["/usr/share/fonts/**/*.{ttf,otf}", "/System/Library/Fonts/*.ttc"] },
];

/** While this exits with 101, packages start no service when they are installed (invoke-rc.d(8)). */
const SERVICE_GUARD = "/usr/sbin/policy-rc.d";
const APT_OPTIONS = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];

const tell = (line: string): void => void process.stderr.write(`setup: ${line}\n`);

async function setUp(): Promise<void> {
  const cacheDir = join(ensureHome(), "cache");
  await findEngine({ cacheDir, sdkRoot: groundworkRoot, progress: tell });
  await ensureBinaries({ cacheDir, progress: tell });
  const missing = missingServers();
  if (missing.length > 0) await installServers(missing);
}

function missingServers(): string[] {
  return servers.filter(({ binaries }) => globSync([...binaries]).length === 0).map(({ name }) => name);
}

async function installServers(names: readonly string[]): Promise<void> {
  const command = `apt-get install ${names.join(" ")}`;
  if (!existsSync("/usr/bin/apt-get")) {
    throw new BadInput(
      `the tests need ${names.join(", ")}, and there is no apt-get to install them with: install them with this system's package manager`,
    );
  }
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  tell(`${command} (about 1 min; once)`);
  const removeGuard = guardServices(asRoot);
  try {
    await apt([...asRoot, "apt-get", "update", "-q"], command);
    await apt([...asRoot, "apt-get", "install", ...APT_OPTIONS, ...names], command);
  } finally {
    removeGuard();
  }
  const left = missingServers();
  if (left.length > 0)
    throw new BadInput(`the tests need ${left.join(", ")}, which ${command} did not bring: install them by hand`);
}

/** Only root can write it. Who uses sudo gets the services started, which is what installing them means on their machine. */
function guardServices(asRoot: readonly string[]): () => void {
  if (asRoot.length > 0 || existsSync(SERVICE_GUARD)) return () => {};
  writeFileSync(SERVICE_GUARD, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  const remove = (): void => rmSync(SERVICE_GUARD, { force: true });
  process.once("exit", remove);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));
  return remove;
}

async function apt(command: readonly string[], what: string): Promise<void> {
  const [file = "", ...args] = command;
  const result = await execa(file, args, {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    reject: false,
    stdin: "ignore",
    all: true,
  });
  if (!result.failed) return;
  const reason = (result.all ?? "").trim().split("\n").at(-1);
  throw new BadInput(
    `the tests need what \`${what}\` installs, and it failed (${reason ?? result.shortMessage}): run it yourself as root, then again`,
  );
}

try {
  await setUp();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof BadInput ? 2 : 1;
}
