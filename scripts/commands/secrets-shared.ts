import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import type { Checker } from "../../components/secret-drift/checker/index.ts";
import { EXIT_CRASHED, describeCrash, hideCrashes } from "../../components/secret-drift/checker/crash.ts";
import { ensureHome } from "../rehearsal/home.ts";

/** What every sub-command of `groundwork secrets` takes. */
export interface Flags {
  readonly mapping: string;
  readonly history?: string;
  readonly json?: boolean;
}

/** Adds a sub-command with the options of {@link Flags}. */
export type AddCommand = (name: string, description: string) => Command;

export const EXIT_DRIFT = 1;
export const EXIT_UNASKED = 3;

/** Everything of the checker, loaded when a command needs it: the others start without it. */
export function loadChecker() {
  return import("../../components/secret-drift/checker/index.ts");
}

/**
 * What the checker cannot use is bad input; a source that does not answer has an exit code of its own. Of what nobody has
 * thought of only the place is told: its text may quote a value.
 */
export function guarded<Args extends unknown[]>(
  work: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
  return async (...args) => {
    hideCrashes();
    try {
      await work(...args);
    } catch (error) {
      if (error instanceof BadInput) throw error;
      const { InvalidMapping, SourceUnreachable } = await loadChecker();
      if (error instanceof InvalidMapping) throw new BadInput(error.message);
      const isUnasked = error instanceof SourceUnreachable;
      process.stderr.write(`${isUnasked ? `the source could not be asked: ${error.message}` : describeCrash(error)}\n`);
      process.exitCode = isUnasked ? EXIT_UNASKED : EXIT_CRASHED;
    }
  };
}

/** Where the history is, unless somebody says otherwise. */
export function historyOf({ history }: Pick<Flags, "history">): string {
  return history ?? join(ensureHome(), "secret-drift", "history.db");
}

/** Opens the checker for some work, and closes it again. */
export async function withChecker(flags: Flags, work: (checker: Checker) => Promise<void>): Promise<void> {
  const { Checker } = await loadChecker();
  const checker = await Checker.open({ mapping: flags.mapping, history: historyOf(flags) });
  try {
    await work(checker);
  } finally {
    checker.close();
  }
}

/** A store that could not be asked weighs more than drift: nothing is known of what is in it. */
export function exitBy(drifts: number, unasked: number): void {
  if (unasked > 0) process.exitCode = EXIT_UNASKED;
  else if (drifts > 0) process.exitCode = EXIT_DRIFT;
}

export function print(flags: Pick<Flags, "json">, document: object, text: string): void {
  process.stdout.write(flags.json === true ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
}
