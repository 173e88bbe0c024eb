import type { Output } from "@pulumi/pulumi";
import type { Memory, Size } from "@groundwork/lib/quantity";
import type { Connection, Endpoint } from "../workload/spec.ts";

/** `maxmemory-policy`. https://valkey.io/topics/lru-cache/ */
export type Eviction =
  | "noeviction"
  | "allkeys-lru"
  | "allkeys-lfu"
  | "allkeys-random"
  | "volatile-lru"
  | "volatile-lfu"
  | "volatile-random"
  | "volatile-ttl";

/** What a system asks of its Redis (Valkey speaks the same protocol), whatever runs it. */
export interface RedisSpec {
  /** Of each node where it runs in a container; a managed one is sized by its node type. */
  readonly size: Size;
  /** Client connections; default 10000, as Redis's own. */
  readonly maxClients?: number;
  /** Seconds between keep-alive probes to clients; default 300, as Redis's own. */
  readonly tcpKeepalive?: number;
  /** What goes when memory is full; default `noeviction`: a write fails rather than data disappearing. */
  readonly eviction?: Eviction;
  /** Memory for data (`maxmemory`), less than `size.memory`; default three quarters of it. A managed one has its own. */
  readonly maxMemory?: Memory;
  /** When a snapshot is written beside the log: pairs of seconds and changes, e.g. `900 1`; default Redis's own. https://valkey.io/topics/persistence/ */
  readonly save?: string;
}

/** A Redis as its clients see it. */
export interface Redis {
  readonly endpoint: Endpoint;
  /** `cluster`: clients must speak the cluster protocol and follow redirections. */
  readonly mode: "single" | "cluster";
  readonly tls: boolean;
  /** The default user's password; a Pulumi secret. */
  readonly secret: Output<string>;
  /** Prometheus metrics, where an exporter runs. */
  readonly metrics?: Endpoint;
}

export function redisConnection(redis: Redis): Connection {
  return {
    environment: {
      REDIS_HOST: redis.endpoint.host,
      REDIS_PORT: String(redis.endpoint.port),
      REDIS_TLS: String(redis.tls),
      REDIS_MODE: redis.mode,
    },
    secrets: { REDIS_PASSWORD: redis.secret },
  };
}
