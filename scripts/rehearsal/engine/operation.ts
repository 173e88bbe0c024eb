import { execa } from "execa";
import { recogniseBadInput } from "./bad-input.ts";
import { follow } from "./follow.ts";
import { EventReader } from "./events.ts";
import type { EngineEvent, EventSummary } from "./events.ts";
import { killTree, sendSignal } from "./processes.ts";
import { type PolicyConfig, misfit, packArguments, readPolicyConfig, refusedPolicy } from "./policy-config.ts";
import { engineEnvironment } from "./types.ts";
import type { Engine } from "./types.ts";

export type OperationCommand = "preview" | "up" | "refresh" | "destroy";

export interface OperationOptions {
  readonly engine: Engine;
  /** The project's folder. */
  readonly cwd: string;
  /** The whole environment of the command; the engine's own needs are put on top. Default: this process's. */
  readonly env?: NodeJS.ProcessEnv;
  readonly command: OperationCommand;
  readonly stack: string;
  /** Folder of the policy pack that looks at everything, with the config in the project's policy-config.json if it has one. */
  readonly pack?: string;
  /** More arguments, such as `--parallel 1`. `--yes`, `--skip-preview`, `--stack` and what concerns output are given already. */
  readonly args?: readonly string[];
  /**
   * File that the engine writes its events to. What is there is overwritten, and nothing is left there: the SDK's own
   * debug messages, which are among the events, tell secrets in plain text.
   */
  readonly eventLog: string;
  /** Called for each event soon after the engine wrote it. */
  readonly onEvent?: (event: EngineEvent) => void;
  readonly onSpawn?: (pid: number) => void;
  /** Interrupts the operation: the engine is asked to stop, and made to when it does not. */
  readonly signal?: AbortSignal;
  /** Interrupts the operation after this many milliseconds. Default: never. */
  readonly timeoutMs?: number;
  /** Milliseconds between asking the engine to stop, urging it and killing it. Default 30,000. */
  readonly graceMs?: number;
}

export interface OperationResult extends EventSummary {
  /** The engine's own; undefined when a signal ended it. The CLI of 3.200 knows 0 and 255 only. */
  readonly exitCode: number | undefined;
  /** The signal that ended it. */
  readonly signal?: NodeJS.Signals;
  /** We interrupted it: because of the caller's signal or because it took too long. */
  readonly interrupted?: "aborted" | "timed out";
  readonly seconds: number;
  /** One sentence for the person at the keyboard: the program's after `bad input: `, or Pulumi's own about the configuration. */
  readonly badInput?: string;
  /** The last lines that the CLI wrote on stderr. */
  readonly stderr: string;
}

/** How long the engine may take to settle what it began after it was asked to stop. */
const GRACE_MS = 30_000;
const STDERR_TAIL = 8_000;

/**
 * @throws BadInput where the project's policy config cannot be read, before anything is run
 *
 * Runs the same command that a user runs, and reads what happened from its event log (`--event-log`, which the CLI shows
 * with PULUMI_DEBUG_COMMANDS and its own integration tests rely on): unlike the text output it is typed, complete and
 * the same for each command. The engine gets a process group of its own, so that Ctrl-C reaches it by `signal` only.
 */
export async function runOperation(options: OperationOptions): Promise<OperationResult> {
  const started = performance.now();
  const config = options.pack === undefined ? undefined : readPolicyConfig(options.cwd);
  const reader = new EventReader();
  const log = follow(options.eventLog, (line) => {
    const event = parseEvent(line);
    if (event === undefined) return;
    reader.add(event);
    options.onEvent?.(event);
  });
  const child = execa(options.engine.pulumi, commandLine(options, config), {
    cwd: options.cwd,
    env: { ...engineEnvironment(options.engine, options.env), PULUMI_DEBUG_COMMANDS: "true" },
    extendEnv: false,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  const stderr = tail(child.stderr);
  if (child.pid !== undefined) options.onSpawn?.(child.pid);
  const interrupter = interruptWhenAsked(child.pid, options);
  const ended = await child;
  interrupter.done();
  log.stop();
  if (ended.exitCode === undefined && ended.signal === undefined) {
    throw new Error(`${options.engine.pulumi} could not be started: ${ended.message ?? ""}`, { cause: ended.cause });
  }
  const events = reader.summary();
  const text = stderr();
  const said = [text, ...events.diagnostics.map(({ message }) => message)].join("\n");
  const refused = ended.exitCode === 0 ? undefined : recogniseBadInput(events.diagnostics, text, options.cwd);
  const badInput =
    refused ?? (config && (misfit(config, events) ?? (await refusedPolicy(config, options.pack ?? "", said))));
  return {
    ...events,
    exitCode: ended.exitCode,
    ...(ended.signal === undefined ? {} : { signal: ended.signal }),
    ...(interrupter.reason() === undefined ? {} : { interrupted: interrupter.reason() }),
    seconds: (performance.now() - started) / 1000,
    ...(badInput === undefined ? {} : { badInput }),
    stderr: text,
  };
}

function commandLine(
  { command, stack, eventLog, pack, args = [] }: OperationOptions,
  config: PolicyConfig | undefined,
): string[] {
  const output = ["--non-interactive", "--color", "never", "--event-log", eventLog];
  const unattended = command === "preview" ? [] : ["--yes", "--skip-preview"];
  return [command, "--stack", stack, ...output, ...unattended, ...packArguments(pack, config), ...args];
}

function parseEvent(line: string): EngineEvent | undefined {
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined; // a killed engine leaves half a line
  }
}

/** Asks, urges, kills: the engine cancels on the first SIGINT and abandons its steps on the second. */
function interruptWhenAsked(pid: number | undefined, { signal, timeoutMs, graceMs = GRACE_MS }: OperationOptions) {
  let reason: "aborted" | "timed out" | undefined;
  const timers: NodeJS.Timeout[] = [];
  const interrupt = (why: "aborted" | "timed out"): void => {
    if (pid === undefined || reason !== undefined) return;
    reason = why;
    sendSignal(pid, "SIGINT");
    timers.push(setTimeout(() => sendSignal(pid, "SIGINT"), graceMs));
    timers.push(setTimeout(() => killTree(pid), 2 * graceMs));
  };
  const aborted = (): void => interrupt("aborted");
  if (signal?.aborted === true) aborted();
  signal?.addEventListener("abort", aborted, { once: true });
  if (timeoutMs !== undefined) timers.push(setTimeout(() => interrupt("timed out"), timeoutMs));
  return {
    reason: () => reason,
    done: () => {
      timers.forEach(clearTimeout);
      signal?.removeEventListener("abort", aborted);
    },
  };
}

function tail(stream: NodeJS.ReadableStream): () => string {
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    text = (text + chunk).slice(-STDERR_TAIL);
  });
  return () => text.trim();
}
