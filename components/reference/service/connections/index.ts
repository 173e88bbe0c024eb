import type { ChannelModel } from "amqplib";
import type { MongoClient } from "mongodb";
import type { Configuration, PostgresConfiguration, ResilienceConfiguration } from "../configuration.ts";
import { prepareQueues } from "../pipeline/queues.ts";
import { prepareSchema } from "../pipeline/schema.ts";
import type { Telemetry } from "./dependency.ts";
import { Dependency } from "./dependency.ts";
import { externalConnector } from "./external.ts";
import { mongodbConnector } from "./mongodb.ts";
import type { Database } from "./postgres.ts";
import { postgresConnector } from "./postgres.ts";
import { rabbitmqConnector } from "./rabbitmq.ts";
import type { RedisClient } from "./redis.ts";
import { redisConnector } from "./redis.ts";

/** The servers that the environment names; each absent where it names none. */
export interface Connections {
  readonly postgres?: Dependency<Database>;
  readonly redis?: Dependency<RedisClient>;
  readonly rabbitmq?: Dependency<ChannelModel>;
  readonly mongodb?: Dependency<MongoClient>;
  readonly externalApi?: Dependency<URL>;
}

export function createConnections(configuration: Configuration, telemetry: Telemetry): Connections {
  const { postgres, redis, rabbitmq, mongodb, externalApi, resilience, pipeline } = configuration;
  const timeout = resilience.operationTimeout;
  const name = `${configuration.system}-${configuration.name}`;
  const queues = (broker: ChannelModel) => prepareQueues(broker, pipeline.queue);
  return {
    ...(postgres && { postgres: database(postgres, { name, timeout, prepare: prepareSchema }, resilience, telemetry) }),
    ...(redis && { redis: new Dependency(redisConnector(redis, timeout), resilience, telemetry) }),
    ...(rabbitmq && {
      rabbitmq: new Dependency(rabbitmqConnector(rabbitmq, { name, timeout, prepare: queues }), resilience, telemetry),
    }),
    ...(mongodb && { mongodb: new Dependency(mongodbConnector(mongodb, { name, timeout }), resilience, telemetry) }),
    ...(externalApi && { externalApi: new Dependency(externalConnector(externalApi, timeout), resilience, telemetry) }),
  };
}

/** Waiting for one of the pool's connections is no failure of the database: the breaker and the ping have patience for both. */
function database(
  postgres: PostgresConfiguration,
  options: Parameters<typeof postgresConnector>[1],
  resilience: ResilienceConfiguration,
  telemetry: Telemetry,
): Dependency<Database> {
  const operationTimeout = postgres.poolTimeout + resilience.operationTimeout;
  return new Dependency(postgresConnector(postgres, options), { ...resilience, operationTimeout }, telemetry);
}

/** What health and metrics look at; they never use a client. */
export type AnyDependency = Pick<Dependency, "name" | "optional" | "status" | "start" | "close">;

export function listed(connections: Connections): readonly AnyDependency[] {
  const { postgres, redis, rabbitmq, mongodb, externalApi } = connections;
  return [postgres, redis, rabbitmq, mongodb, externalApi].filter((one) => one !== undefined);
}
