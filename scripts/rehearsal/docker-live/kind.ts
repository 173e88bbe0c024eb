import type Docker from "dockerode";
import type { EngineMade, EngineSubject } from "../clouds/live-engine.ts";
import type { Properties } from "../clouds/table.ts";
import type { MissingImage, PresentImage } from "../docker-engine/types.ts";
import type { BroughtImages } from "./brought-images.ts";

/** How an image gets onto the engine that does not have it: pulled, or built as a stand-in. */
export type EnsureImage = (reference: string) => Promise<PresentImage | MissingImage>;

/** What all kinds of things share. */
export interface Workbench {
  readonly docker: Docker;
  /** The value of the label that everything made here carries. */
  readonly owner: string;
  /** As `1.41`. */
  readonly apiVersion: string;
  /** Whether the engine was started by Groundwork, for rehearsals only: it may then become a swarm of its own. */
  readonly isPrivate: boolean;
  /** The folder of the Pulumi program. */
  readonly directory: string;
  readonly ensureImage: EnsureImage;
  readonly brought: BroughtImages;
  /** Ids of what builds have left without a name: their stages on an engine that was found, and what was built before. */
  readonly layers: BroughtImages;
  /** Ids of containers that a check of ours has found healthy before the engine has looked. */
  readonly healthy: Set<string>;
  /** Tells what goes another way than with the official provider; one sentence, told once. */
  readonly note: (sentence: string) => void;
}

/** One kind of resource on a real engine. */
export interface Kind {
  create(bench: Workbench, subject: EngineSubject): Promise<EngineMade | { readonly leftOut: string }>;
  /** Absent where everything replaces. */
  update?(bench: Workbench, subject: EngineSubject, id: string, before: Properties): Promise<EngineMade>;
  read(
    bench: Workbench,
    subject: EngineSubject,
    id: string,
  ): Promise<{ readonly properties: Properties; readonly inputs: Properties } | undefined>;
  remove(bench: Workbench, subject: EngineSubject, id: string): Promise<void>;
}

/** How a person calls it. */
export function called({ urn, inputs }: EngineSubject, kind: string): string {
  const { name } = inputs;
  return `${kind} "${typeof name === "string" ? name : (urn.split("::").at(-1) ?? urn)}"`;
}

/** Whether an API version is at least another one. */
export function isAtLeast(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}
