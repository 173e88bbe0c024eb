import { resolve } from "node:path";
import { readProject, stackFile } from "../project.ts";
import type { ConfigChange } from "../settings.ts";
import { Cache } from "./cache.ts";
import { contentOf } from "./content.ts";
import { plannedFromNothing } from "./head.ts";
import type { Desired } from "./plan.ts";

export type { Desired };

export interface DesiredStateOptions {
  /** The folder of any Pulumi project with a Node.js program. */
  readonly project: string;
  readonly stack: string;
  /** Config values to put on top of the stack file's. */
  readonly change?: ConfigChange;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * What a stack is going to be, planned from nothing by the real engine with the policy pack; the second time it is asked
 * for the same content, it is read from the cache.
 * @throws BadInput when the project, its stack file or its configuration cannot be used, or the program ends with an error
 */
export async function desiredState({ project, change = {}, ...options }: DesiredStateOptions): Promise<Desired> {
  stackFile(readProject(project), options.stack);
  const root = resolve(project);
  const files = { project: root, dependencies: root };
  const side = { label: "the working tree", files, content: await contentOf(files), set: change };
  return plannedFromNothing(new Cache(), side, options);
}
