// The image's entry: sets what Node takes only at its own start, then becomes the service, in the same process, so that
// signals reach it.
import { availableParallelism } from "node:os";
import { extname, join } from "node:path";

const FLAGS = [
  // of the container's limit; the other half is for buffers, of which the cache in memory takes up to half
  // https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-old-space-size-percentagepercentage
  "--max-old-space-size-percentage=50",
  // in a small container it would be 1 MiB, and what one request needs would be moved to the old space
  // https://nodejs.org/docs/latest-v24.x/api/cli.html#--max-semi-space-sizesize-in-mib
  "--max-semi-space-size=16",
];
/** libuv's default: threads for compression, files and names. https://docs.libuv.org/en/v1.x/threadpool.html */
const LEAST_THREADS = 4;

// cores that the container may use, as libuv counts them
const threads = Math.max(LEAST_THREADS, availableParallelism());
const main = join(import.meta.dirname, `main${extname(import.meta.filename)}`);
if (process.execve === undefined) throw new Error("start: this system cannot replace a process; start main instead.");
process.execve(process.execPath, [process.execPath, ...FLAGS, main], {
  UV_THREADPOOL_SIZE: String(threads),
  ...process.env,
});
