import { availableParallelism } from "node:os";
import type { CacheOptions } from "../cache/cache.ts";
import { availableMemory, memoryLimits } from "../cache/memory.ts";
import type { ChatDependencies } from "./routes.ts";

/** How settings are read; the service's `Environment` is one. */
export interface Settings {
  optional(name: string): string | undefined;
  whole(name: string, fallback: number, least: number, most: number): number;
}

const MIB = 2 ** 20;

/** CACHE_MEMORY_ENTRIES, CACHE_MEMORY_MIB; CACHE_DISK_FOLDER (no disk layer without it), CACHE_DISK_MIB; CACHE_TIME_LIMIT_MILLISECONDS of Redis and disk. */
export function cacheSettings(settings: Settings): Pick<CacheOptions, "memory" | "disk" | "guard"> {
  const { entries, bytes } = memoryLimits();
  const folder = settings.optional("CACHE_DISK_FOLDER");
  return {
    memory: {
      entries: settings.whole("CACHE_MEMORY_ENTRIES", entries, 1, entries),
      bytes: settings.whole("CACHE_MEMORY_MIB", Math.max(1, Math.floor(bytes / MIB)), 1, 512) * MIB,
    },
    guard: { timeLimit: settings.whole("CACHE_TIME_LIMIT_MILLISECONDS", 250, 1, 10_000) },
    ...(folder === undefined
      ? {}
      : { disk: { folder, bytes: settings.whole("CACHE_DISK_MIB", 1024, 1, 2 ** 20) * MIB } }),
  };
}

/** CHAT_CONCURRENT_REQUESTS, CHAT_QUEUE, CHAT_TIME_LIMIT_SECONDS. */
export function chatSettings(settings: Settings): Pick<ChatDependencies, "concurrent" | "queue" | "timeLimit"> {
  return {
    concurrent: settings.whole("CHAT_CONCURRENT_REQUESTS", 50, 1, 10_000),
    queue: settings.whole("CHAT_QUEUE", 50, 0, 100_000),
    timeLimit: settings.whole("CHAT_TIME_LIMIT_SECONDS", 30, 1, 600) * 1000,
  };
}

/** Beyond these, memory for libraries would be the price of cores that a service of its size does not get. */
const MOST_THREADS = 8;
/** A thread's library and heap take about 30 MiB (measured), and a garbage collection needs room. */
const MEMORY_FOR_A_THREAD = 128 * MIB;

/** ANSWER_THREADS: one for each core that the container may use, as flowx asks for, where its memory allows it; 0 for none. */
export function answerThreads(settings: Settings, cores = availableParallelism(), memory = availableMemory()): number {
  const fitting = Math.max(1, Math.floor(memory / MEMORY_FOR_A_THREAD));
  return settings.whole("ANSWER_THREADS", Math.min(cores, fitting, MOST_THREADS), 0, 256);
}
