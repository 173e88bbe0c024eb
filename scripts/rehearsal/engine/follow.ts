import { closeSync, openSync, readSync } from "node:fs";

/** Short enough for a progress display, long enough to cost nothing. */
const POLL_MS = 100;
const CHUNK = 1 << 20;

/**
 * Calls back for each line that another process appends to a file which need not exist yet. `stop` reads the rest first.
 * Polled, since file notifications miss network and overlay file systems.
 */
export function follow(path: string, onLine: (line: string) => void): { stop: () => void } {
  const buffer = Buffer.allocUnsafe(CHUNK);
  let descriptor: number | undefined;
  let rest: Buffer = Buffer.alloc(0);

  const read = (): void => {
    descriptor ??= openIfThere(path);
    if (descriptor === undefined) return;
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      rest = Buffer.concat([rest, buffer.subarray(0, length)]);
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
        const line = rest.toString("utf8", 0, end); // whole lines only: a chunk may end inside a character
        rest = rest.subarray(end + 1);
        if (line !== "") onLine(line);
      }
    }
  };
  const timer = setInterval(read, POLL_MS);
  return {
    stop: () => {
      clearInterval(timer);
      read();
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
