import type { Entry } from "./entry.ts";

export type LayerName = "memory" | "redis" | "disk";

/** A place where entries are kept. It may fail: who asks it treats that as a miss. */
export interface Layer {
  readonly name: LayerName;
  /** May give an entry that has expired. */
  get(key: string): Promise<Entry | undefined>;
  set(key: string, entry: Entry): Promise<void>;
}
