import { createHash, randomUUID } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LRUCache } from "lru-cache";
import type { Entry } from "./entry.ts";
import { decode, encode } from "./entry.ts";
import type { Layer } from "./layer.ts";

export interface DiskLayerOptions {
  /** Made where it is not there; nothing else may keep files in it. */
  readonly folder: string;
  /** Bytes of all files together; those that were used longest ago go first. Default 1 GiB. */
  readonly bytes?: number;
  /** Bytes from which values are compressed. */
  readonly compressAbove?: number;
}

const DEFAULT_BYTES = 2 ** 30;
const NAME = /^[0-9a-f]{64}$/;

/** Outlives the process. A folder, a file for each key, and an index in memory that knows their sizes. */
export function diskLayer({ folder, bytes = DEFAULT_BYTES, compressAbove }: DiskLayerOptions): Layer {
  const index = createIndex(folder, bytes);
  let opened: Promise<void> | undefined;
  const open = (): Promise<void> =>
    (opened ??= fill(folder, index).catch((error: unknown) => {
      // a folder that cannot be read now may be there when it is next asked for
      opened = undefined;
      throw error;
    }));
  return {
    name: "disk",
    async get(key) {
      await open();
      const name = fileName(key);
      if (index.get(name) === undefined) return undefined;
      return readEntry(join(folder, name)).catch((error: unknown) => {
        index.delete(name);
        // its removal was still under way when it was written anew
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      });
    },
    async set(key, entry) {
      await open();
      const encoded = await encode(entry, compressAbove);
      if (encoded.length > bytes) return;
      const name = fileName(key);
      await writeWhole(join(folder, name), encoded);
      index.set(name, encoded.length);
    },
  };
}

/** File names with sizes. What leaves the index leaves the disk. */
function createIndex(folder: string, bytes: number): LRUCache<string, number> {
  return new LRUCache<string, number>({
    maxSize: bytes,
    sizeCalculation: (size) => Math.max(1, size),
    dispose: (_size, name, why) => {
      // nothing is lost if it stays: the next start finds it and counts it
      if (why !== "set") void rm(join(folder, name), { force: true }).catch(() => undefined);
    },
  });
}

/** Takes over what an earlier process left, the oldest first, so that the oldest go first. */
async function fill(folder: string, index: LRUCache<string, number>): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found: { name: string; size: number; written: number }[] = [];
  for (const name of await readdir(folder)) {
    if (!NAME.test(name)) {
      if (name.endsWith(".part")) await rm(join(folder, name), { force: true });
      continue;
    }
    const { size, mtimeMs } = await stat(join(folder, name));
    found.push({ name, size, written: mtimeMs });
  }
  for (const { name, size } of found.sort((a, b) => a.written - b.written)) index.set(name, size);
}

async function readEntry(path: string): Promise<Entry> {
  return decode(await readFile(path));
}

/** Under another name first, so that no reader and no later process meets half a file. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    await writeFile(part, bytes, { mode: 0o600 });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** A key may hold anything, a file name may not. */
function fileName(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
