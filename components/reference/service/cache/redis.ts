import type { Entry } from "./entry.ts";
import { decode, encode } from "./entry.ts";
import type { Layer } from "./layer.ts";

/** What the layer uses of an ioredis client, single or cluster. */
export interface RedisCommands {
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: Buffer, mode: "PX", milliseconds: number): Promise<unknown>;
}

export interface RedisLayerOptions {
  readonly client: RedisCommands;
  /** Goes before each key; two systems that share a Redis write different ones. Default `cache:`. */
  readonly prefix?: string;
  /** Bytes from which values are compressed. */
  readonly compressAbove?: number;
}

/** Shared by all replicas; Redis itself forgets what has expired. */
export function redisLayer({ client, prefix = "cache:", compressAbove }: RedisLayerOptions): Layer {
  return {
    name: "redis",
    async get(key) {
      const bytes = await client.getBuffer(prefix + key);
      return bytes === null ? undefined : decode(bytes);
    },
    async set(key: string, entry: Entry) {
      const milliseconds = Math.floor(entry.expires - Date.now());
      // Redis refuses a time of 0
      if (milliseconds > 0) await client.set(prefix + key, await encode(entry, compressAbove), "PX", milliseconds);
    },
  };
}
