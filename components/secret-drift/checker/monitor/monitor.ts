import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { type Checker, SourceUnreachable } from "../checker.ts";
import { isUnasked } from "../compare.ts";
import { describeCrash } from "../crash.ts";
import { takeApprovals } from "../healing/approval-file.ts";
import type { Healed } from "../healing/healer.ts";
import { historyProblem } from "../history-file.ts";
import type { Finding } from "../history.ts";
import { InvalidMapping } from "../reader.ts";
import type { Round } from "../round.ts";
import { type Holder, LEASE } from "./lease.ts";
import type { RoundListener, RoundReport, StoreLatency } from "./report.ts";
import type { HealingMode } from "./settings.ts";

export interface MonitorOptions {
  readonly checker: Checker;
  /** Told of each round, in turn. */
  readonly listeners: readonly RoundListener[];
  /** From the beginning of one round to that of the next, in milliseconds. */
  readonly every: number;
  /** Share by which that is longer or shorter, by chance. */
  readonly jitter: number;
  readonly healing: HealingMode;
  /** After which it ends by itself. Default: never. */
  readonly rounds?: number | undefined;
  /** Ends it: after the running round, or at once where it waits for the next. */
  readonly signal: AbortSignal;
  /** Told in one sentence what went wrong and stops no round. */
  readonly complain: (sentence: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** From 0 to below 1. */
  readonly random?: () => number;
  /** Waits for so many milliseconds, or until the signal. */
  readonly sleep?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** Who proposes what it finds: any person may approve it, for a machine is nobody's second pair of eyes. */
export const PROPOSER = "monitor";
/** Of the latencies that a report tells. */
const HOUR = 60 * 60 * 1000;
/** Milliseconds for a listener to hear a round: after that the next round is worth more. */
const HEARING = 60_000;

/** Looks again and again, one round at a time, and tells of each. */
export class Monitor {
  readonly #options: Required<Omit<MonitorOptions, "rounds">>;
  readonly #rounds: number;
  readonly #holder: Holder = { id: randomUUID(), host: hostname(), pid: process.pid };

  constructor({ rounds = Infinity, now = Date.now, random = Math.random, sleep = pause, ...options }: MonitorOptions) {
    this.#options = { ...options, now, random, sleep };
    this.#rounds = rounds;
  }

  /**
   * Runs until it is told to end, or has done its rounds.
   * @returns what the last round has come to, if there was one
   * @throws InvalidMapping when another monitor works with this history, or the first round cannot be run as things are
   */
  async run(): Promise<RoundReport | undefined> {
    const { checker, every, signal, now } = this.#options;
    const { monitor, path } = checker.history;
    const beat = setInterval(() => this.#try("say that it lives", () => this.#renew()), LEASE / 4);
    let last: RoundReport | undefined;
    try {
      if (!monitor.take(this.#holder, every, now())) throw new InvalidMapping(takenBy(checker, path));
      for (let round = 1; !signal.aborted; round += 1) {
        const began = performance.now();
        if (this.#try("say that it lives", () => this.#renew()) === false)
          throw new InvalidMapping(takenBy(checker, path));
        last = await this.#round(last);
        await this.#tell(last);
        if (round >= this.#rounds) break;
        await this.#pause(performance.now() - began);
      }
      return last;
    } finally {
      clearInterval(beat);
      this.#try("give the history back", () => monitor.release(this.#holder));
      for (const listener of this.#options.listeners) await listener.close?.();
    }
  }

  #renew(): boolean {
    return this.#options.checker.history.monitor.renew(this.#holder, this.#options.now());
  }

  async #round(before: RoundReport | undefined): Promise<RoundReport> {
    const { checker, now } = this.#options;
    const [at, began] = [now(), performance.now()];
    let round: Round | undefined;
    let failure: string | undefined;
    try {
      round = await checker.check();
      const { source } = round.seen;
      if (isUnasked(source)) failure = `the source could not be asked: ${source.problem.message}`;
    } catch (error) {
      // what is wrong from the beginning somebody has to mend; what goes wrong later may pass
      if (before === undefined && error instanceof InvalidMapping) throw error;
      failure = this.#reasonOf(error);
    }
    const healed = round === undefined || failure !== undefined ? [] : await this.#heal(round);
    this.#try("remember the round", () => checker.history.monitor.ended(this.#holder, at, failure));
    return {
      at,
      milliseconds: performance.now() - began,
      secrets: checker.mapping.secrets.length,
      unknown: round?.unknown ?? 0,
      opened: round?.opened ?? [],
      resolved: round?.resolved ?? [],
      open: this.#try("read the findings", (): readonly Finding[] => checker.history.open()) ?? before?.open ?? [],
      unasked: round?.unasked ?? [],
      healed,
      latency: this.#try("read the latency", (): readonly StoreLatency[] => checker.history.latency(at - HOUR)) ?? [],
      ...(failure !== undefined && { failure }),
    };
  }

  async #heal(round: Round): Promise<readonly Healed[]> {
    const { checker, healing, complain, now } = this.#options;
    if (healing === "off") return [];
    try {
      checker.propose(round, PROPOSER);
      const { approvals } = checker.mapping.approval;
      const taken = approvals === undefined ? [] : await takeApprovals(checker, approvals, now());
      for (const one of taken) if (!one.ok) complain(`an approval does not count: ${one.file}: ${one.reason}`);
      return healing === "apply" ? await checker.heal(this.#holder.id) : [];
    } catch (error) {
      complain(`healing has failed: ${this.#reasonOf(error)}`);
      return [];
    }
  }

  /** A listener that throws, or hangs, is no reason to tell the others nothing. */
  async #tell(report: RoundReport): Promise<void> {
    for (const listener of this.#options.listeners) {
      const isLate = new AbortController();
      try {
        const late = wait(HEARING, "late" as const, { signal: isLate.signal, ref: false });
        const told = await Promise.race([listener.heard(report), late]);
        if (told === "late") this.#options.complain(`a listener has not heard of a round for ${HEARING / 1000} s`);
      } catch (error) {
        this.#options.complain(`a listener could not be told of a round: ${this.#reasonOf(error)}`);
      } finally {
        isLate.abort();
      }
    }
  }

  async #pause(past: number): Promise<void> {
    const { every, jitter, random, sleep, signal } = this.#options;
    const next = every * (1 + jitter * (2 * random() - 1));
    await sleep(Math.max(0, Math.round(next - past)), signal);
  }

  /** Does what a round can do without: a history that is locked for a moment ends no monitor. */
  #try<T>(what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#options.complain(`the monitor could not ${what}: ${this.#reasonOf(error)}`);
      return undefined;
    }
  }

  /** In our own words: an error that nobody has thought of may quote a value. */
  #reasonOf(error: unknown): string {
    if (error instanceof InvalidMapping) return error.message;
    if (error instanceof SourceUnreachable) return `the source could not be asked: ${error.message}`;
    const problem = historyProblem(error, this.#options.checker.history.path);
    if (problem !== undefined) return problem;
    this.#options.complain(describeCrash(error));
    return "the checker has met an error that it does not know, and has told where";
  }
}

function takenBy({ history }: Checker, path: string): string {
  const { host, pid } = history.monitor.last() ?? { host: "another machine", pid: 0 };
  return `another monitor works with the history ${path} (process ${pid} on ${host}): end that one, or name another file with --history`;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
