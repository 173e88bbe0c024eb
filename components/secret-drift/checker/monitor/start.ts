import { constants } from "node:os";
import { alertListeners } from "../alerts/index.ts";
import { Checker } from "../checker.ts";
import { InvalidMapping } from "../reader.ts";
import type { Store } from "../store.ts";
import { logListener } from "./log.ts";
import { Monitor } from "./monitor.ts";
import type { RoundListener, RoundReport } from "./report.ts";

export interface StartOptions {
  /** Path of the mapping. */
  readonly mapping: string;
  /** Path of the history. */
  readonly history: string;
  /** Instead of what the mapping says. */
  readonly everyMinutes?: number | undefined;
  /** After which it ends by itself. Default: never. */
  readonly rounds?: number | undefined;
  /** Of page, API and metrics. Default: none. */
  readonly port?: number | undefined;
  /** The address that those listen at. Default: 127.0.0.1. */
  readonly host?: string | undefined;
  readonly format: "text" | "json";
  /** Given one line for each round. */
  readonly write: (line: string) => void;
  /** Told in one sentence what is worth knowing beside the rounds: where the page is, what went wrong and stops no round. */
  readonly complain: (sentence: string) => void;
  readonly signal: AbortSignal;
  /** Instead of the clients that the mapping names. */
  readonly stores?: ReadonlyMap<string, Store>;
}

/**
 * Runs the monitor with all who want to hear of its rounds, as the mapping says.
 * @returns what its last round has come to
 * @throws InvalidMapping
 */
export async function startMonitor(options: StartOptions): Promise<RoundReport | undefined> {
  const { mapping, history, rounds, format, write, complain, signal, stores } = options;
  const checker = await Checker.open({ mapping, history, ...(stores !== undefined && { stores }) });
  try {
    const { monitor, healing } = checker.mapping;
    const { everyMinutes = monitor.everyMinutes } = options;
    const every = everyMinutes * 60_000;
    const listeners: RoundListener[] = [
      ...(await webListeners(options, checker, every)),
      logListener(write, format),
      ...alertListeners(checker, complain),
    ];
    return await new Monitor({
      ...{ checker, listeners, every, rounds, signal, complain },
      jitter: monitor.jitterPercent / 100,
      healing: healing.mode,
    }).run();
  } finally {
    checker.close();
  }
}

/** Page, API and metrics, where somebody wants them: the rest starts without what they need. */
async function webListeners(
  { port, host, complain }: StartOptions,
  checker: Checker,
  interval: number,
): Promise<RoundListener[]> {
  if (port === undefined) return [];
  const { startWeb } = await import("../web/index.ts");
  const at = { port, ...(host !== undefined && { host }) };
  const web = await startWeb({ checker, interval, complain, ...at }).catch((error: unknown) => {
    const { syscall, code = "" } = error as NodeJS.ErrnoException;
    if (syscall !== "listen" && syscall !== "getaddrinfo") throw error;
    throw new InvalidMapping(`nothing can listen at port ${port} of ${host ?? "127.0.0.1"} (${code}): write another`);
  });
  complain(`page, API and metrics are at ${web.url}`);
  return [web.listener];
}

/** Ends with the first SIGTERM or SIGINT; the second one ends the process, which is safe between any two steps. */
export function untilSignalled(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const)
    // a listener for one time would be gone before proper-lockfile's sees whether there is another, and ends the process
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(128 + constants.signals[signal]);
      controller.abort();
    });
  return controller.signal;
}
