import { closeSync, openSync, readSync, rmSync } from "node:fs";

/** Short enough for a progress display, long enough to cost nothing. */
const POLL_MS = 100;
const CHUNK = 1 << 20;

/**
 * Calls back for each line that another process writes to a file. The file is nobody else's to read, and loses its name
 * as soon as the other process has opened it: what is written lives no longer than the two processes. `stop` reads the
 * rest first. Polled, since file notifications miss network and overlay file systems.
 */
export function follow(path: string, onLine: (line: string) => void): { stop: () => void } {
  const buffer = Buffer.allocUnsafe(CHUNK);
  rmSync(path, { force: true }); // may be somebody else's with other rights
  const descriptor = openSync(path, "ax+", 0o600);
  let isNamed = true;
  let position = 0;
  let rest: Buffer = Buffer.alloc(0);

  const next = (): number => {
    const length = readSync(descriptor, buffer, 0, CHUNK, position);
    position += length;
    return length;
  };
  const read = (): void => {
    for (let length = next(); length > 0; length = next()) {
      if (isNamed) rmSync(path, { force: true });
      isNamed = false;
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
      closeSync(descriptor);
      if (isNamed) rmSync(path, { force: true });
    },
  };
}
