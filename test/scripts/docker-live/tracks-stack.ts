import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import type { OperationResult } from "../../../scripts/rehearsal/engine/index.ts";
import { ensureHome, foldersFor, groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { type Command, Session } from "../../../scripts/rehearsal/session.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { groundwork } from "../../helpers/command-line.ts";
import { isFree } from "../../helpers/server.ts";

export const STACK = "tracks-live";
/** As full size has it; laptop size has 2. */
export const SCRAPERS = 4;

/** Ports of the host that tracks has of its own; stacks/systems/tracks.ts. */
const PORTS = { gateway: 8080, prometheus: 9091, alertmanager: 9094, grafana: 3001, rabbitmq: 15_673 };
/** Above the ports that other suites choose, so that nobody waits for one of them. */
const FIRST_OFFSET = 40_000;
const OFFSETS = 5000;

/** Replicas and CPU of workloads; a container whose `cpu` changes is replaced. */
export type Workloads = Readonly<Record<string, { readonly replicas?: number; readonly cpu?: number }>>;

export type Ran = Awaited<ReturnType<Session["operate"]>>;

/** tracks as a stack of its own on the engine that all suites share. */
export class TracksStack {
  /** A place that the next run finds again, so that it clears away what a killed one left. */
  readonly project = join(ensureHome(), "tests", STACK);
  readonly folders = foldersFor(this.project, STACK);
  /** Everything that operations have written and that people read. */
  readonly said: Record<string, string> = {};
  #offset = 0;
  #session: Session | undefined;
  #isOurs = false;
  #workloads: Workloads = { scraper: { replicas: SCRAPERS } };

  get session(): Session {
    assert.ok(this.#session !== undefined, "the stack is open in tests only");
    return this.#session;
  }

  /** Where a port of it answers. */
  url(port: keyof typeof PORTS): string {
    return `http://127.0.0.1:${PORTS[port] + this.#offset}`;
  }

  /** An empty one, whatever an earlier run left. */
  async begin(): Promise<void> {
    mkdirSync(this.project, { recursive: true });
    await copyProject(groundworkRoot, this.project);
    this.#offset = await freeOffset();
    this.#write();
    await this.open();
    if (!this.session.resumes) return;
    await this.clear();
    await copyProject(groundworkRoot, this.project);
    this.#write();
    await this.open();
  }

  async open(): Promise<void> {
    this.#session = await Session.open({
      project: this.project,
      stack: STACK,
      live: true,
      folders: this.folders,
      progress: () => undefined,
    });
    this.#isOurs = true;
  }

  async close(): Promise<void> {
    await this.#session?.close();
    this.#session = undefined;
  }

  /** Writes it into the stack file, as a person would; it is read when the stack is opened. */
  write(workloads: Workloads): void {
    this.#workloads = { ...this.#workloads, ...workloads };
    this.#write();
  }

  async up(name: string, workloads: Workloads = {}): Promise<Ran> {
    this.write(workloads);
    this.session.configure({ "workloads.tracks": this.#workloads });
    const ran = await this.operate("up", name);
    assert.equal(ran.exitCode, 0, problems(ran));
    return ran;
  }

  async operate(command: Command, name: string): Promise<Ran> {
    const ran = await this.session.operate(command, name, command === "up");
    this.said[name] = problems(ran) + JSON.stringify([ran.diagnostics, ran.violations]);
    return ran;
  }

  /**
   * `groundwork rehearse --live` with what is written now, up to the moment: then it and everything that it has started
   * is killed, as when the machine loses its power.
   */
  async killedAt(moment: () => Promise<boolean>): Promise<void> {
    const args = ["rehearse", "--project", this.project, "--stack", STACK, "--live", "--keep", "--json"];
    const run = groundwork(args, { home: this.folders.home });
    const state = { hasEnded: false };
    void run.then(() => (state.hasEnded = true));
    try {
      while (!(await moment())) {
        assert.ok(!state.hasEnded, "it ended before it could be killed");
        await sleep(50);
      }
    } finally {
      for (let tree = treeOf(run.pid); tree.length > 0 && !state.hasEnded; tree = treeOf(run.pid)) {
        for (const pid of tree) kill(pid);
        await sleep(20);
      }
    }
    const { signal, stdout, stderr } = await run;
    this.said["killed run"] = stdout + stderr;
    assert.equal(signal, "SIGKILL", stderr || stdout);
  }

  /** Nothing of it is left anywhere, whatever became of the tests; one that another process has is left alone. */
  async clear(): Promise<void> {
    if (!this.#isOurs) return;
    if (this.#session === undefined) await this.open();
    const { session } = this;
    this.#session = undefined;
    try {
      if (session.resumes) await session.recover();
      await session.operate("destroy", "clear", false);
      await session.forget();
    } finally {
      rmSync(this.project, { recursive: true, force: true });
      rmSync(dirname(this.folders.stack), { recursive: true, force: true });
    }
  }

  #write(): void {
    const config = {
      target: "docker",
      systems: ["tracks"],
      size: "laptop",
      portOffset: this.#offset,
      gpu: false,
      logs: false,
      backups: false,
      protect: false,
      dockerGroup: 999,
      workloads: { tracks: this.#workloads },
    };
    const keys = Object.fromEntries(Object.entries(config).map(([key, value]) => [`groundwork:${key}`, value]));
    writeFileSync(join(this.project, `Pulumi.${STACK}.yaml`), stringify({ config: keys }));
  }
}

export function problems({ diagnostics, stderr }: OperationResult): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  return [...errors, stderr].join("\n");
}

/** What an update did, by the resource's name; what stayed the same and the halves of a replacement are left out. */
export function changesOf({ steps }: OperationResult): string[] {
  return steps
    .filter(({ op, logical, type }) => op !== "same" && logical && !type.startsWith("pulumi:"))
    .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`)
    .sort();
}

/** One at which every port is free. */
async function freeOffset(): Promise<number> {
  for (;;) {
    const offset = FIRST_OFFSET + randomInt(OFFSETS);
    const free = await Promise.all(Object.values(PORTS).map((port) => isFree(port + offset)));
    if (free.every(Boolean)) return offset;
  }
}

/** A process and all that come from it. Fields of proc(5)'s stat: the parent is the second after the name in brackets. */
function treeOf(root: number | undefined): number[] {
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => {
        const [state, parent] = statOf(name);
        return parent === undefined || state === "Z" ? [] : [[Number(name), Number(parent)] as const];
      }),
  );
  const isOf = (pid: number | undefined): boolean =>
    pid !== undefined && pid > 1 && (pid === root || isOf(parents.get(pid)));
  return [...parents.keys()].filter(isOf);
}

function statOf(pid: string): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return []; // it has just ended
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // it has just ended
  }
}
