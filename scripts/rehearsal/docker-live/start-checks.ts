import { setTimeout as sleep } from "node:timers/promises";
import type { ContainerInspectInfo } from "dockerode";
import type { EngineSubject } from "../clouds/live-engine.ts";
import { type Workbench, isAtLeast } from "./kind.ts";
import { found } from "./refusals.ts";
import { isRecord, millisecondsOf, texts } from "./values.ts";

/** https://docs.docker.com/reference/api/engine/version-history/#v144-api-changes */
const START_INTERVAL_SINCE = "1.44";
/** Docker's own. https://docs.docker.com/reference/dockerfile/#healthcheck */
const TIMEOUT_MS = 30_000;
const POLL_MS = 100;

/** Whether an engine looks at a starting container as often as `startInterval` asks. */
export function knowsStartInterval({ apiVersion }: Workbench): boolean {
  return isAtLeast(apiVersion, START_INTERVAL_SINCE);
}

/**
 * Looks at the health of a starting container as often as its `startInterval` asks, where the engine is too old to do it:
 * that one looks for the first time after a whole interval, mostly 30 s, and every container would take so long.
 */
export class StartChecks {
  readonly #bench: Workbench;
  readonly #id: string;
  readonly #command: readonly string[];
  readonly #everyMs: number;
  readonly #timeoutMs: number;
  readonly #periodMs: number;
  #looks = 0;

  /** Nothing where the engine does it, or where nothing asks for it. */
  static of(bench: Workbench, { inputs }: EngineSubject, id: string): StartChecks | undefined {
    const check = inputs["healthcheck"];
    if (knowsStartInterval(bench) || !isRecord(check) || check["startInterval"] === undefined) return undefined;
    const command = commandOf(texts(check["tests"]));
    return command === undefined ? undefined : new StartChecks(bench, id, command, check);
  }

  private constructor(
    bench: Workbench,
    id: string,
    command: readonly string[],
    check: Readonly<Record<string, unknown>>,
  ) {
    this.#bench = bench;
    this.#id = id;
    this.#command = command;
    this.#everyMs = millisecondsOf(check["startInterval"], 0);
    this.#timeoutMs = millisecondsOf(check["timeout"], TIMEOUT_MS);
    this.#periodMs = millisecondsOf(check["startPeriod"], 0);
  }

  /** Whether it is healthy; false also while the next look is not due, and once the start period is over. */
  async isHealthy({ State: state }: ContainerInspectInfo): Promise<boolean> {
    const age = Date.now() - Date.parse(state.StartedAt);
    if (!state.Running || age > this.#periodMs || age < (this.#looks + 1) * this.#everyMs) return false;
    this.#looks = Math.floor(age / this.#everyMs);
    const isGood = (await this.#exitCode()) === 0;
    if (isGood) this.#bench.healthy.add(this.#id);
    return isGood;
  }

  /** As the engine runs it: as the container's user, in its folder, with its variables. */
  async #exitCode(): Promise<number | undefined> {
    const exec = await found("the check cannot be made", () =>
      this.#bench.docker.getContainer(this.#id).exec({ Cmd: [...this.#command] }),
    );
    if (exec === undefined) return undefined;
    // an answer that nobody reads holds its connection, and with it this process. https://nodejs.org/api/http.html#class-httpclientrequest
    (await exec.start({ Detach: true })).resume();
    for (const end = performance.now() + this.#timeoutMs; performance.now() < end;) {
      const { Running: isRunning, ExitCode: code } = await exec.inspect();
      if (!isRunning && code !== null) return code;
      await sleep(POLL_MS);
    }
    return undefined;
  }
}

/** https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate, Healthcheck.Test */
function commandOf([kind, ...rest]: readonly string[]): readonly string[] | undefined {
  if (kind === "CMD-SHELL") return ["/bin/sh", "-c", rest.join(" ")];
  return kind === "CMD" ? rest : undefined;
}
