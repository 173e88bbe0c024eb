import { Cluster, Redis, ReplyError } from "ioredis";
import type { RedisConfiguration } from "../configuration.ts";
import type { Connector } from "./dependency.ts";

export type RedisClient = Redis | Cluster;

/** Reconnection is the dependency's matter, so that it is the same for every server: a client that has lost its connection is replaced. */
export function redisConnector(configuration: RedisConfiguration, timeout: number): Connector<RedisClient> {
  return {
    name: "redis",
    optional: false,
    attributes: {
      "db.system.name": "redis",
      "server.address": configuration.host,
      "server.port": configuration.port,
    },
    async connect(suspect) {
      const client = createClient(configuration, timeout);
      client.on("error", suspect);
      client.on("end", () => suspect(new Error("the connection is closed")));
      try {
        await inTime(client.connect(), timeout);
        await client.ping();
        return client;
      } catch (error) {
        client.disconnect();
        throw error;
      }
    },
    async ping(client) {
      await client.ping();
    },
    close: (client) => {
      client.disconnect();
      return Promise.resolve();
    },
    isAnswer: (error) => error instanceof ReplyError,
  };
}

/** Each node of a cluster is asked in turn, and some of them twice. */
const NODES_ASKED = 3;

/** The client of a cluster now and then neither connects nor says that it cannot: then the next try has to. */
async function inTime(connecting: Promise<void>, timeout: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("it does not connect in time")), NODES_ASKED * timeout);
  });
  try {
    await Promise.race([connecting, late]);
  } finally {
    clearTimeout(timer);
  }
}

function createClient({ host, port, tls, mode, password }: RedisConfiguration, timeout: number): RedisClient {
  const options = {
    connectTimeout: timeout,
    commandTimeout: timeout,
    maxRetriesPerRequest: 0,
    ...(password === undefined ? {} : { password }),
    ...(tls ? { tls: { servername: host } } : {}),
  };
  if (mode === "single")
    return new Redis({ ...options, host, port, lazyConnect: true, enableOfflineQueue: false, retryStrategy: null });
  return new Cluster([{ host, port }], {
    redisOptions: options,
    lazyConnect: true,
    clusterRetryStrategy: null,
    // the nodes' certificates are for their names. https://github.com/redis/ioredis#special-note-aws-elasticache-clusters-with-tls
    ...(tls ? { dnsLookup: (address, callback) => callback(null, address) } : {}),
  });
}
