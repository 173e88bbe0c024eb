import { LRUCache } from "lru-cache";
import type { Entry } from "./entry.ts";

export interface MemoryLimits {
  /** Default 10,000, as flowx asks for. */
  readonly entries: number;
  /** Bytes; default 512 MB, as flowx asks for, and never above a quarter of what the container may use. */
  readonly bytes: number;
}

const LARGEST = 512 * 2 ** 20;
/** What an entry takes beside its value: an object, a map's slot, a buffer's header; measured at about 300 bytes. */
const OVERHEAD = 300;

export function memoryLimits(available = availableMemory()): MemoryLimits {
  return { entries: 10_000, bytes: Math.min(LARGEST, Math.floor(available / 4)) };
}

/** The nearest layer. It is no `Layer`, since it answers at once and cannot fail. */
export class MemoryLayer {
  readonly #entries: LRUCache<string, Entry>;

  constructor({ entries, bytes }: MemoryLimits) {
    this.#entries = new LRUCache({
      max: entries,
      maxSize: bytes,
      // a single value above this would throw out everything else
      maxEntrySize: Math.max(1, Math.floor(bytes / 8)),
      sizeCalculation: ({ value }, key) => value.length + key.length * 2 + OVERHEAD,
    });
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  set(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  get size(): { entries: number; bytes: number } {
    return { entries: this.#entries.size, bytes: this.#entries.calculatedSize };
  }
}

/** Bytes that the container may use, or the machine where there is no limit. https://nodejs.org/docs/latest-v24.x/api/process.html#processconstrainedmemory */
export function availableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < 2 ** 50 ? limit : process.availableMemory();
}
