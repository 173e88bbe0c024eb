import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { execa } from "execa";
import { BadInput } from "@groundwork/lib/errors";
import { findOnPath } from "../engine/path.ts";
import { sendSignal } from "../engine/processes.ts";
import { isProcessAlive, takeLockInTurn } from "../lock.ts";
import { KEEPER, Users } from "./keeper.ts";
import { type Addresses, freeAddresses, makeBridge, removeBridges } from "./network.ts";
import type { DockerEngine, EngineOptions } from "./types.ts";

/** PATH of an ordinary shell may lack where Debian keeps them. */
const SYSTEM_PATH = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/** unix(7): a socket's path has 107 bytes; Swarm's is the longest below the data folder. */
const LONGEST_PATH = 107;
const LONGEST_SOCKET = "/data/swarm/control.sock";
/** https://docs.docker.com/reference/cli/dockerd/ (shutdown-timeout); containers that ask for more get it all the same. */
const SHUTDOWN_SECONDS = 10;
const POLL_MS = 100;
const START_MS = 60_000;
const STAGES_KEPT = "24h";
/** Data tiers get a minute to write what they hold. */
const STOP_MS = 90_000;

/** Where everything of one private engine lies. */
interface Layout {
  readonly folder: string;
  /** Sockets and mounts, in memory: short, since a socket's path is, and gone after a restart of the machine. */
  readonly run: string;
  readonly socket: string;
  readonly pidFile: string;
  readonly log: string;
  readonly bridge: string;
  readonly lock: string;
}

/**
 * A Docker Engine of our own: sockets, data, bridge, addresses and containerd's namespace are its own, so that it touches
 * nothing of any other one on this machine. Processes with the same folder share it; it ends with the last of them. What
 * it knows stays, and its containers that restart by themselves are there again when it is started the next time.
 */
export class PrivateEngine implements DockerEngine {
  readonly isPrivate = true;
  readonly docker: Docker;
  readonly host: string;
  readonly #layout: Layout;
  readonly #users: Users;
  readonly #progress: (line: string) => void;
  #keeper: ReturnType<typeof spawn> | undefined;
  #hasLeft = false;

  private constructor(docker: Docker, layout: Layout, users: Users, progress: (line: string) => void) {
    this.docker = docker;
    this.host = `unix://${layout.socket}`;
    this.#layout = layout;
    this.#users = users;
    this.#progress = progress;
  }

  /**
   * Starts it, or joins the one that runs.
   * @throws BadInput where it cannot be started on this machine
   */
  static async join({ home, progress }: EngineOptions): Promise<PrivateEngine> {
    const layout = layoutOf(home);
    refuseWhereImpossible(layout);
    mkdirSync(layout.folder, { recursive: true, mode: 0o700 });
    mkdirSync(layout.run, { recursive: true, mode: 0o711 });
    const { default: Client } = await import("dockerode");
    const docker = new Client({ socketPath: layout.socket });
    const engine = new PrivateEngine(docker, layout, new Users(layout.folder), progress);
    const release = await engine.#lock();
    try {
      await engine.#startOrJoin();
    } catch (error) {
      engine.#users.remove();
      if (!engine.#users.areThere()) await engine.#end();
      throw error;
    } finally {
      release();
    }
    return engine;
  }

  async stop(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    const release = await this.#lock();
    try {
      this.#users.remove();
      if (!this.#users.areThere()) await this.#end();
    } finally {
      release();
    }
  }

  #lock(): Promise<() => void> {
    return takeLockInTurn(this.#layout.lock, "the Docker Engine", () =>
      this.#progress("docker engine: another process starts or ends it: waiting for it (a minute at most)"),
    );
  }

  async #startOrJoin(): Promise<void> {
    const { log, run } = this.#layout;
    this.#users.add();
    if (existsSync(this.#users.leaving) || !this.#isRunning()) {
      await this.#gone();
      rmSync(this.#users.leaving, { force: true });
      this.#progress("docker engine: starting a private one (no other answers)");
      mkdirSync(run, { recursive: true, mode: 0o711 });
      await this.#spawn();
    }
    const began = performance.now();
    while (!(await this.#answers())) {
      // the process number is written early, so an engine without one has ended or never began
      if (performance.now() - began > START_MS || this.#hasFailed())
        throw new Error(`the private Docker Engine does not start: ${lastLine(log)} (${log})`);
      await sleep(POLL_MS);
    }
  }

  async #spawn(): Promise<void> {
    const { folder, run, bridge, log, pidFile, socket } = this.#layout;
    const addresses = this.#addresses();
    await makeBridge(bridge, addresses.bridge);
    const configuration = join(folder, "daemon.json");
    // all of it in a file of its own: /etc/docker/daemon.json is another engine's
    writeFileSync(
      configuration,
      JSON.stringify({
        hosts: [`unix://${socket}`],
        "data-root": join(folder, "data"),
        "exec-root": run,
        pidfile: pidFile,
        bridge,
        "default-address-pools": [{ base: addresses.pool, size: 24 }],
        "shutdown-timeout": SHUTDOWN_SECONDS,
        "log-level": "warn",
      }),
    );
    rmSync(pidFile, { force: true });
    const output = openSync(log, "w", 0o600);
    const command = [
      "dockerd",
      `--config-file=${configuration}`,
      // a containerd of the machine itself is used where there is one
      `--containerd-namespace=${bridge}`,
      `--containerd-plugins-namespace=${bridge}-plugins`,
    ];
    const child = spawn("/bin/sh", ["-c", KEEPER, "sh", this.#users.folder, this.#users.leaving, ...command], {
      cwd: folder,
      env: { ...process.env, PATH: systemPath() },
      stdio: ["ignore", output, output],
      // a group of its own: Ctrl-C in the terminal is for the rehearsal to handle
      detached: true,
    });
    closeSync(output);
    child.unref();
    this.#keeper = child;
  }

  #hasFailed(): boolean {
    return this.#keeper !== undefined && this.#keeper.exitCode !== null;
  }

  /** The same again while the bridge is there: blocks of networks that exist must not move. */
  #addresses(): Addresses {
    const file = join(this.#layout.folder, "addresses.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")) as Addresses;
    const addresses = freeAddresses();
    writeFileSync(file, JSON.stringify(addresses));
    return addresses;
  }

  async #answers(): Promise<boolean> {
    try {
      await this.docker.ping();
      return true;
    } catch {
      return false;
    }
  }

  #isRunning(): boolean {
    return this.#pid() !== undefined;
  }

  /** Process numbers come round again: the engine's has our folder in its command line. */
  #pid(): number | undefined {
    try {
      const pid = Number(readFileSync(this.#layout.pidFile, "utf8"));
      const isOurs = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(this.#layout.folder);
      return isOurs && isProcessAlive(pid) ? pid : undefined;
    } catch {
      return undefined;
    }
  }

  async #end(): Promise<void> {
    const bridges = [this.#layout.bridge, ...(await this.#bridges())];
    await this.#prune();
    const pid = this.#pid();
    if (pid !== undefined) sendSignal(pid, "SIGTERM");
    await this.#gone();
    await removeBridges(bridges);
    await unmount([this.#layout.folder, this.#layout.run]);
    rmSync(this.#layout.run, { recursive: true, force: true });
  }

  /** Builds leave each stage as an image without a name, which makes the next build faster and nobody else any use. */
  async #prune(): Promise<void> {
    if (await this.#answers()) await this.docker.pruneImages({ filters: { dangling: ["true"], until: [STAGES_KEPT] } });
  }

  /** Returns when it has ended; after a while it is made to. */
  async #gone(): Promise<void> {
    const began = performance.now();
    for (let pid = this.#pid(); pid !== undefined; pid = this.#pid()) {
      if (performance.now() - began > STOP_MS) sendSignal(pid, "SIGKILL");
      await sleep(POLL_MS);
    }
  }

  /** Interfaces that its networks have on this machine. */
  async #bridges(): Promise<string[]> {
    if (!(await this.#answers())) return [];
    const networks = await this.docker.listNetworks();
    return networks
      .filter(({ Driver }) => Driver === "bridge")
      .map(({ Id, Name, Options }) => Options?.["com.docker.network.bridge.name"] ?? interfaceOf(Id, Name));
  }
}

/** An engine that was killed leaves its mounts, and the next one takes them for somebody else's. */
async function unmount(folders: readonly string[]): Promise<void> {
  const points = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "")
    .filter((point) => folders.some((folder) => point.startsWith(`${folder}/`)));
  // what was mounted last lies on top
  for (const point of points.reverse()) await execa("umount", ["--lazy", point], { reject: false });
}

/** https://github.com/moby/moby/blob/master/daemon/libnetwork/drivers/bridge/bridge_linux.go (getNetworkConfig: "br-" and 12 digits) */
function interfaceOf(id: string, name: string): string {
  return name === "docker_gwbridge" ? name : `br-${id.slice(0, 12)}`;
}

function layoutOf(home: string): Layout {
  const folder = join(home, "docker-engine");
  const name = `gw${createHash("sha256").update(folder).digest("hex").slice(0, 10)}`;
  const run = join("/run", name);
  return {
    folder,
    run,
    socket: join(run, "docker.sock"),
    pidFile: join(run, "docker.pid"),
    log: join(folder, "dockerd.log"),
    bridge: name,
    lock: join(folder, "lock.json"),
  };
}

function refuseWhereImpossible({ folder }: Layout): void {
  const why = impossible(folder);
  if (why !== undefined)
    throw new BadInput(
      `no Docker Engine answers on the default socket, and none can be started here because ${why}; or let DOCKER_HOST name one that runs`,
    );
}

/** Completes "none can be started here because". */
function impossible(folder: string): string | undefined {
  if (process.platform !== "linux") return "this is not Linux: start Docker Desktop";
  if (process.getuid?.() !== 0) return "that takes root: start the machine's own one, or run this as root";
  for (const [program, packageName] of Object.entries(PROGRAMS)) {
    if (findOnPath(program, { PATH: systemPath() }) === undefined)
      return `there is no ${program}: \`apt-get install ${packageName}\``;
  }
  if (folder.length + LONGEST_SOCKET.length > LONGEST_PATH)
    return `${folder} is too long for its sockets: set GROUNDWORK_HOME to a folder with a name of at most ${LONGEST_PATH - LONGEST_SOCKET.length - "/docker-engine".length} characters`;
  return undefined;
}

/** What it needs, and Debian's packages. */
const PROGRAMS = { dockerd: "docker.io", iptables: "iptables", ip: "iproute2" };

function systemPath(): string {
  return [process.env["PATH"] ?? "", ...SYSTEM_PATH].join(delimiter);
}

/** dockerd says why in its last line that tells of an error; containerd's come in between. */
function lastLine(log: string): string {
  if (!existsSync(log)) return "it said nothing";
  const lines = readFileSync(log, "utf8").trim().split("\n");
  return (lines.findLast((line) => /failed|error|fatal/i.test(line)) ?? lines.at(-1) ?? "").slice(0, 300);
}
