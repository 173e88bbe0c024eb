import type { Pin, Pins } from "./pins.ts";
import { Unreachable } from "./registry.ts";

/**
 * `pinned`: the tag still has the digest of the file. `unknown`: the file has none. `moved`: the tag has another one now.
 * `refused`: its registry gives none. `unreachable`: its registry could not be asked.
 */
export type State = "pinned" | "unknown" | "moved" | "refused" | "unreachable";

export interface Seen extends Pin {
  readonly name: string;
  readonly state: State;
  /** What its registry says now, where it was asked and has said it. */
  readonly found?: string;
  /** Why there is no digest. */
  readonly reason?: string;
}

export type AskDigest = (repository: string, tag: string) => Promise<string>;

/** Registries allow anybody only so many requests at a time. */
const AT_ONCE = 4;

/** What the file says, without asking anybody. */
export function recorded(pins: Pins): Seen[] {
  return Object.entries(pins).map(([name, pin]) => ({
    ...pin,
    name,
    state: pin.digest === undefined ? "unknown" : "pinned",
  }));
}

/** What is wrong: a digest that is absent needs no registry to be noticed. */
export function checkAll(pins: Pins, ask: AskDigest): Promise<Seen[]> {
  return each(recorded(pins), (seen) => (seen.digest === undefined ? Promise.resolve(seen) : look(seen, ask)));
}

/** What every registry says now. */
export function lookAll(pins: Pins, ask: AskDigest): Promise<Seen[]> {
  return each(recorded(pins), (seen) => look(seen, ask));
}

async function look(seen: Seen, ask: AskDigest): Promise<Seen> {
  try {
    const found = await ask(seen.repository, seen.tag);
    const state = seen.digest === undefined ? "unknown" : seen.digest === found ? "pinned" : "moved";
    return { ...seen, found, state };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...seen, state: error instanceof Unreachable ? "unreachable" : "refused", reason };
  }
}

/** In the order of the file, whatever answers first. */
async function each(all: readonly Seen[], run: (seen: Seen) => Promise<Seen>): Promise<Seen[]> {
  const results = new Map<string, Seen>();
  const waiting = [...all];
  const lane = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
      results.set(next.name, await run(next));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return all.map(({ name }) => results.get(name)).filter((seen) => seen !== undefined);
}
