import type { Registry } from "prom-client";
import { Counter } from "prom-client";
import type { DiskLayerOptions } from "./disk.ts";
import { diskLayer } from "./disk.ts";
import type { Entry } from "./entry.ts";
import type { GuardOptions, GuardedLayer } from "./guard.ts";
import { LayerResting, guarded } from "./guard.ts";
import type { Layer, LayerName } from "./layer.ts";
import type { MemoryLimits } from "./memory.ts";
import { MemoryLayer, memoryLimits } from "./memory.ts";
import type { RedisLayerOptions } from "./redis.ts";
import { redisLayer } from "./redis.ts";

export interface CacheOptions {
  readonly registry: Registry;
  /** Default: 10,000 entries, 512 MB; false for none. */
  readonly memory?: MemoryLimits | false;
  /** None when absent. */
  readonly redis?: RedisLayerOptions;
  /** None when absent. */
  readonly disk?: DiskLayerOptions;
  /** How soon Redis or the disk counts as broken. */
  readonly guard?: GuardOptions;
}

/** Where a value came from: `shared` is another caller's computation that was under way already. */
export type Origin = LayerName | "computed" | "shared";

export interface Cached {
  readonly value: Buffer;
  readonly origin: Origin;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/**
 * Up to three layers, the nearest first: memory of this process, Redis of all replicas, disk of this machine. A layer
 * that fails is passed over, so a request fails only when the value itself cannot be computed.
 */
export class Cache {
  readonly #memory: MemoryLayer | undefined;
  readonly #layers: readonly GuardedLayer[];
  readonly #flights = new Map<string, Promise<Cached>>();
  readonly #writes = new Set<Promise<void>>();
  readonly #requests: Counter<"layer" | "result">;
  readonly #writeErrors: Counter<"layer">;

  constructor({ registry, memory = memoryLimits(), redis, disk, guard }: CacheOptions) {
    this.#memory = memory === false ? undefined : new MemoryLayer(memory);
    this.#layers = [
      ...(redis === undefined ? [] : [guarded(redisLayer(redis), guard)]),
      ...(disk === undefined ? [] : [guarded(diskLayer(disk), guard)]),
    ];
    this.#requests = new Counter({
      name: "cache_requests_total",
      help: "Look-ups by layer, and of all layers together for the routes chat and score: hit, miss, error, or skipped while a broken layer is left alone.",
      labelNames: ["layer", "result"],
      registers: [registry],
    });
    this.#writeErrors = new Counter({
      name: "cache_write_errors_total",
      help: "Values that a layer could not keep.",
      labelNames: ["layer"],
      registers: [registry],
    });
  }

  /** The value, from the nearest layer that has it, else computed; callers who come meanwhile share the work. */
  getOrCompute(key: string, milliseconds: number, compute: () => Promise<Buffer>): Promise<Cached> {
    const near = this.#remembered(key);
    if (near !== undefined) return Promise.resolve({ ...near, origin: "memory" });
    const underWay = this.#flights.get(key);
    if (underWay !== undefined)
      return underWay.then((cached) => (cached.origin === "computed" ? { ...cached, origin: "shared" } : cached));
    const flight = this.#find(key, milliseconds, compute).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  /** Counts a whole look-up under the name of who asked, so that its hit ratio over all layers can be seen. */
  countFor(asker: "chat" | "score", origin: Origin): void {
    this.#requests.inc({ layer: asker, result: origin === "computed" ? "miss" : "hit" });
  }

  /** Resolves when all writes that have begun are done; a request does not wait for them. */
  async settled(): Promise<void> {
    while (this.#writes.size > 0) await Promise.all(this.#writes);
  }

  /** Waits for writes and lets go of timers; the cache is not asked any more. */
  async close(): Promise<void> {
    await this.settled();
    for (const layer of this.#layers) layer.close();
  }

  #remembered(key: string): Entry | undefined {
    if (this.#memory === undefined) return undefined;
    const entry = this.#memory.get(key);
    const isFresh = entry !== undefined && entry.expires > Date.now();
    if (entry !== undefined && !isFresh) this.#memory.delete(key);
    this.#requests.inc({ layer: "memory", result: isFresh ? "hit" : "miss" });
    return isFresh ? entry : undefined;
  }

  async #find(key: string, milliseconds: number, compute: () => Promise<Buffer>): Promise<Cached> {
    for (const [index, layer] of this.#layers.entries()) {
      const entry = await this.#ask(layer, key);
      if (entry === undefined) continue;
      this.#keep(key, entry, this.#layers.slice(0, index));
      return { ...entry, origin: layer.name };
    }
    const value = await compute();
    const entry = { value, expires: Date.now() + milliseconds };
    this.#keep(key, entry, this.#layers);
    return { ...entry, origin: "computed" };
  }

  async #ask(layer: Layer, key: string): Promise<Entry | undefined> {
    try {
      const entry = await layer.get(key);
      const isFresh = entry !== undefined && entry.expires > Date.now();
      this.#requests.inc({ layer: layer.name, result: isFresh ? "hit" : "miss" });
      return isFresh ? entry : undefined;
    } catch (error) {
      this.#requests.inc({ layer: layer.name, result: error instanceof LayerResting ? "skipped" : "error" });
      return undefined;
    }
  }

  #keep(key: string, entry: Entry, layers: readonly Layer[]): void {
    this.#memory?.set(key, entry);
    for (const layer of layers) {
      const write: Promise<void> = layer
        .set(key, entry)
        .catch(() => this.#writeErrors.inc({ layer: layer.name }))
        .finally(() => this.#writes.delete(write));
      this.#writes.add(write);
    }
  }
}
