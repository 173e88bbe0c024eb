import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { chmod, mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { execa } from "execa";
import { Unavailable } from "./install.ts";
import type { InstallJob } from "./install.ts";

/** https://www.pulumi.com/docs/iac/download-install/versions/ */
const RELEASES = "https://get.pulumi.com/releases/sdk";
/** After this long a host counts as one that cannot be reached. */
const REACH_MS = 10_000;
/** A download that brings nothing for this long is given up. */
const STALL_MS = 30_000;

/** Node's names of what Pulumi releases a CLI for, in Pulumi's words. */
const platforms: Readonly<Record<string, string>> = {
  "linux x64": "linux-x64",
  "linux arm64": "linux-arm64",
  "darwin x64": "darwin-x64",
  "darwin arm64": "darwin-arm64",
};

/** Downloads the official release and checks it against the SHA-256 that Pulumi publishes beside it (pulumi/pulumi#10807). */
export async function downloadRelease(job: InstallJob, releases = RELEASES): Promise<void> {
  const platform = platforms[`${process.platform} ${process.arch}`];
  if (platform === undefined)
    throw new Unavailable(`Pulumi releases no CLI for ${process.platform} on ${process.arch}`);
  const archive = `pulumi-v${job.version}-${platform}.tar.gz`;
  job.progress(
    `engine: downloading pulumi ${job.version} from ${new URL(releases).host} (about 100 MB; given up after 10 s without an answer)`,
  );
  const expected = await publishedSum(`${releases}/pulumi-${job.version}-checksums.txt`, archive);
  const path = join(job.temporary, archive);
  const found = await save(`${releases}/${archive}`, path);
  if (found !== expected) {
    throw new Unavailable(`${releases}/${archive} has the SHA-256 ${found}, but its publisher says ${expected}`);
  }
  await unpack(path, job);
}

async function publishedSum(url: string, archive: string): Promise<string> {
  const response = await request(url);
  const lines = (await response.text()).split("\n").map((line) => line.trim().split(/\s+/));
  const sum = lines.find(([, file]) => file === archive)?.[0];
  if (sum === undefined) throw new Unavailable(`${url} names no ${archive}`);
  return sum.toLowerCase();
}

async function save(url: string, path: string): Promise<string> {
  const stalled = new AbortController();
  const response = await request(url, stalled.signal);
  if (response.body === null) throw new Unavailable(`${url} is empty`);
  const hash = createHash("sha256");
  let timer = setTimeout(() => stalled.abort(), STALL_MS);
  const count = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), STALL_MS);
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(Readable.fromWeb(response.body), count, createWriteStream(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOSPC") throw error;
    throw new Unavailable(`the download of ${url} broke off (${reason(error)})`);
  } finally {
    clearTimeout(timer);
  }
  return hash.digest("hex");
}

/** The time limit is for the answer's beginning only: the archive itself may take longer than that. */
async function request(url: string, stalled?: AbortSignal): Promise<Response> {
  const unanswered = new AbortController();
  const timer = setTimeout(() => unanswered.abort(), REACH_MS);
  const signal = AbortSignal.any([unanswered.signal, ...(stalled === undefined ? [] : [stalled])]);
  let response: Response;
  try {
    response = await fetch(url, { signal, redirect: "follow" });
  } catch (error) {
    const why = unanswered.signal.aborted ? `no answer in ${REACH_MS / 1000} s` : reason(error);
    throw new Unavailable(`${new URL(url).host} cannot be reached (${why})`);
  } finally {
    clearTimeout(timer);
  }
  if (!response.ok) throw new Unavailable(`${url} answers ${response.status} ${response.statusText}`);
  return response;
}

/** `fetch failed` alone tells nothing: the reason is in its cause. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message;
}

/** The archive holds a folder with the language hosts of all languages; only Node's and the policy host are used. */
async function unpack(archive: string, { folder, temporary }: InstallJob): Promise<void> {
  const unpacked = join(temporary, "unpacked");
  await mkdir(unpacked);
  await execa("tar", ["-xzf", archive, "-C", unpacked, "--strip-components=1"]);
  for (const name of await readdir(unpacked)) {
    if (!/^pulumi$|^pulumi-language-nodejs|^pulumi-analyzer-policy$|^pulumi-resource-pulumi-nodejs$/.test(name))
      continue;
    await chmod(join(unpacked, name), 0o755);
    await rename(join(unpacked, name), join(folder, name));
  }
}
