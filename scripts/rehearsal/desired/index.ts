import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { DesiredState } from "@groundwork/lib/desired-state";
import type { QuotaReport, ViolationReport } from "@groundwork/lib/rehearsal-report";
import { foldersIn } from "../home.ts";
import { readProject, stackFile } from "../project.ts";
import { Session } from "../session.ts";
import type { ConfigChange } from "../settings.ts";
import { Cache } from "./cache.ts";
import { contentOf, digestOf } from "./content.ts";
import { plan, policyOf, stateOf } from "./plan.ts";
import { plannedQuotas } from "./quotas.ts";
import { readResult, writeResult } from "./result.ts";

export interface DesiredStateOptions {
  /** The folder of any Pulumi project with a Node.js program. */
  readonly project: string;
  readonly stack: string;
  /** Config values to put on top of the stack file's. */
  readonly change?: ConfigChange;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** What one stack is going to be, what of the account's quotas that takes and what the policy pack says of it. */
export interface Desired {
  readonly state: DesiredState;
  readonly quotas: readonly QuotaReport[];
  readonly violations: readonly ViolationReport[];
  /** `name@version` of the pack that looked at it. */
  readonly pack: string | null;
}

/**
 * What a stack is going to be, planned from nothing by the real engine with the policy pack; the second time it is asked
 * for the same content, it is read from the cache.
 * @throws BadInput when the project, its stack file or its configuration cannot be used, or the program ends with an error
 */
export async function desiredState(options: DesiredStateOptions): Promise<Desired> {
  const { project, stack, change = {} } = options;
  stackFile(readProject(project), stack);
  const key = digestOf([await contentOf(resolve(project)), stack, change]);
  const folder = await new Cache().folder("state", key, options, (draft) => planFromNothing(options, draft));
  return readResult<Desired>(join(folder, RESULT));
}

const RESULT = "desired.json";

async function planFromNothing(options: DesiredStateOptions, draft: string): Promise<void> {
  const work = join(draft, "work");
  const session = await Session.open({ ...options, folders: foldersIn(work), checkpoints: false });
  try {
    session.configure(options.change ?? {});
    const { sketches, result } = await plan(session, `stack ${options.stack} cannot be planned`, options.signal);
    const desired: Desired = {
      state: stateOf(session, options.stack, sketches),
      quotas: await plannedQuotas(sketches, session.settings.quotas),
      ...policyOf(result),
    };
    writeResult(join(draft, RESULT), desired);
  } finally {
    await session.close();
    rmSync(work, { recursive: true, force: true });
  }
}
