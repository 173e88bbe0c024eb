import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Table from "cli-table3";
import type { Contestant, Question, Ratio, Speed } from "./contest.ts";
import { measure, ratio } from "./contest.ts";
import { kernels } from "./kernels.ts";
import { route } from "./route.ts";
import { build, redisServer, serve } from "./service.ts";
import { spread } from "../statistics.ts";

export interface ReferenceOptions {
  /** Counted rounds after one to warm up. */
  readonly rounds: number;
  /** Seconds of load on the route for each contestant in each round. */
  readonly seconds: number;
  /** Progress. */
  readonly tell: (line: string) => void;
}

export interface ReferenceReport {
  readonly rounds: number;
  readonly ratios: readonly Ratio[];
  readonly speeds: readonly Speed[];
}

/** Rows of the service's own library, and so many that they fit no processor's cache. */
const LIBRARY_ROWS = 4096;
const MANY_ROWS = 131_072;

/** The reference service's speed: cached against uncached answers, WebAssembly against plain JavaScript. */
export async function referenceBench({ rounds, seconds, tell }: ReferenceOptions): Promise<ReferenceReport> {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-bench-"));
  try {
    const small = await kernels(LIBRARY_ROWS, folder);
    const large = await kernels(MANY_ROWS, folder);
    await using redis = await redisServer(folder);
    const fast = build(folder, "wasm");
    await using cached = await serve(fast, { REDIS_HOST: "127.0.0.1", REDIS_PORT: String(redis.port) });
    // with no Redis and room for one entry it computes every answer
    await using uncached = await serve(fast, { CACHE_MEMORY_ENTRIES: "1" });
    await using slow = await serve(build(folder, "javascript"), { CACHE_MEMORY_ENTRIES: "1" });
    await using single = await serve(fast, { CACHE_MEMORY_ENTRIES: "1", ANSWER_THREADS: "0" });
    const hits = route({ name: "chat, cached, all asked before", url: cached.url, repeated: 1, seconds });
    const mixed = route({ name: "chat, cached, 80 % asked before", url: cached.url, repeated: 0.8, seconds });
    const none = route({ name: "chat, uncached", url: uncached.url, repeated: 0, seconds });
    const plain = route({ name: "chat, uncached, plain JavaScript", url: slow.url, repeated: 0, seconds });
    const alone = route({ name: "chat, uncached, no threads", url: single.url, repeated: 0, seconds });
    const questions: readonly Question[] = [
      { what: "answers, all from the cache / uncached", of: hits, to: none, headline: "4" },
      { what: "answers, 80 % from the cache / uncached", of: mixed, to: none, headline: "4" },
      { what: "kernel, library: WebAssembly / JavaScript", of: small.wasm, to: small.plain, headline: "2.8-4.4" },
      { what: "kernel, beyond the caches: WebAssembly / JavaScript", of: large.wasm, to: large.plain },
      { what: "uncached answers: WebAssembly / JavaScript", of: none, to: plain },
      { what: "uncached answers: a thread for each core / none", of: none, to: alone },
    ];
    const contestants = [small.wasm, small.plain, large.wasm, large.plain, hits, mixed, none, plain, alone];
    return evaluate(rounds, questions, await measure(contestants, rounds, tell));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function evaluate(
  rounds: number,
  questions: readonly Question[],
  measured: ReadonlyMap<Contestant, readonly number[]>,
): ReferenceReport {
  return {
    rounds,
    ratios: questions.map((question) => ratio(question, measured)),
    speeds: [...measured].map(([{ name, unit }, speeds]) => ({ name, unit, ...spread(speeds) })),
  };
}

export function renderReference({ ratios, speeds }: ReferenceReport): string {
  const style = { head: [], border: [], compact: true };
  const ratioTable = new Table({ head: ["times as fast", "median", "min", "max", "headline"], style });
  for (const { what, median, min, max, headline } of ratios)
    ratioTable.push([what, ...[median, min, max].map((value) => value.toFixed(2)), headline ?? ""]);
  const speedTable = new Table({ head: ["speed", "median", "min", "max", "unit"], style });
  for (const { name, unit, median, min, max } of speeds)
    speedTable.push([name, ...[median, min, max].map((value) => value.toFixed(0)), unit]);
  return `${ratioTable.toString()}\n${speedTable.toString()}`;
}
