import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { readOverrides } from "@groundwork/lib/runtime-override";
import { type Decision, type Load, type Memory, NOTHING_SEEN, type ScalingRules, decide } from "./decide.ts";

/** A workload that scales by load, as the stack's output `autoscaling` tells it. */
export interface Scaled extends ScalingRules {
  /** Replicas that the last update deployed. */
  readonly replicas: number;
  /** The Prometheus that measures it, e.g. `http://localhost:9090`; absent where the system has no monitoring. */
  readonly prometheus?: string;
  /** Label of the containers that are measured. Default: the workload's name. */
  readonly part?: string;
}

export interface AutoscalerOptions {
  /** File that the program reads what was decided from. */
  readonly overrides: string;
  /** File of what was seen before, so that looks minutes apart by cron count as looks in a row. */
  readonly seen: string;
  readonly load: (prometheus: string, system: string, part: string) => Promise<Load>;
  /** Deploys what the overrides say; rejects when that fails. */
  readonly update: () => Promise<void>;
  readonly tell: (line: string) => void;
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean;
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** What one look at one workload led to. */
export interface Look {
  /** `system/workload`. */
  readonly workload: string;
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** Looks at the load of every workload in turn, and deploys when any of them should have another number of replicas. */
export class Autoscaler {
  readonly #options: AutoscalerOptions;
  readonly #memories: Map<string, Memory>;

  constructor(options: AutoscalerOptions) {
    this.#options = options;
    this.#memories = new Map(Object.entries(readSeen(options.seen)));
  }

  /** @throws when Prometheus cannot be asked or the update fails; then the overrides are what they were before */
  async look(workloads: Readonly<Record<string, Scaled>>): Promise<readonly Look[]> {
    const decided = await Promise.all(
      Object.entries(workloads).map(
        async ([name, scaled]) => [name, scaled, await this.#decide(name, scaled)] as const,
      ),
    );
    const looks = decided.map(([workload, { replicas: from }, { replicas: to, reason }]) => ({
      workload,
      from,
      to,
      reason,
    }));
    const changes = looks.filter(({ from, to }) => from !== to);
    for (const { workload, from, to, reason } of looks) {
      this.#options.tell(
        `${workload}: ${from === to ? `${from} replicas stay` : `${from} to ${to} replicas`} (${reason})`,
      );
    }
    if (changes.length > 0 && !this.#options.dryRun) await this.#apply(changes);
    for (const [name, , { memory }] of decided) this.#memories.set(name, memory);
    if (!this.#options.dryRun) write(this.#options.seen, Object.fromEntries(this.#memories));
    return looks;
  }

  async #decide(name: string, scaled: Scaled): Promise<Decision> {
    const [system = "", workload = ""] = name.split("/");
    const memory = this.#memories.get(name) ?? NOTHING_SEEN;
    const { prometheus, replicas, part = workload } = scaled;
    const load = prometheus === undefined ? {} : await this.#options.load(prometheus, system, part);
    const decision = decide(scaled, replicas, load, memory, this.#options.now());
    return prometheus !== undefined || decision.replicas !== replicas
      ? decision
      : { ...decision, reason: "nothing measures it: its system has no monitoring here" };
  }

  async #apply(changes: readonly Look[]): Promise<void> {
    const { overrides, update } = this.#options;
    const before = readOverrides(overrides);
    write(overrides, { ...before, ...Object.fromEntries(changes.map(({ workload, to }) => [workload, to])) });
    try {
      await update();
    } catch (error) {
      write(overrides, before);
      throw error;
    }
  }
}

/** Only the autoscaler needs it: when it cannot be read, looking begins anew. */
function readSeen(file: string): Readonly<Record<string, Memory>> {
  try {
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, Memory>) : {};
  } catch {
    return {};
  }
}

/** Replaced whole, so that an update that runs at the same time never reads half a file. */
function write(file: string, content: object): void {
  mkdirSync(dirname(file), { recursive: true });
  if (Object.keys(content).length === 0) return rmSync(file, { force: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
