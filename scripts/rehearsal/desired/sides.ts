import type { ConfigChange } from "../settings.ts";

/** A project's files as they are rehearsed. */
export interface Files {
  /** The project's folder. */
  readonly project: string;
  /** The folder whose node_modules they are run with. */
  readonly dependencies: string;
}

/** One of the two versions of a project that are compared. */
export interface Side {
  /** As a person calls it: `main`, `working tree`. */
  readonly label: string;
  readonly files: Files;
  /** A digest of the files and of everything else that a rehearsal of them depends on. */
  readonly content: string;
  /** Config values on top of the stack file's. */
  readonly set: ConfigChange;
}

export interface StackOptions {
  readonly stack: string;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
  /** Called when an operation starts, with 0, and at each resource that it works on. */
  readonly onStep?: (operation: string, done: number) => void;
}
