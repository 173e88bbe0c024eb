import type { Network } from "@pulumi/docker";
import type { Resource } from "@pulumi/pulumi";
import { DockerMongodbCluster } from "../../components/mongodb/cluster.ts";
import type { DockerMongodbArgs } from "../../components/mongodb/docker.ts";
import { DockerMongodb } from "../../components/mongodb/docker.ts";
import type { Mongodb } from "../../components/mongodb/spec.ts";
import { mongodbConnection } from "../../components/mongodb/spec.ts";
import { DockerPostgresCluster } from "../../components/postgres/cluster.ts";
import { DockerPostgres } from "../../components/postgres/docker.ts";
import type { PoolerSpec, Postgres, PostgresSpec } from "../../components/postgres/spec.ts";
import { postgresConnection } from "../../components/postgres/spec.ts";
import { DockerRabbitmq } from "../../components/rabbitmq/docker.ts";
import type { Rabbitmq } from "../../components/rabbitmq/spec.ts";
import { rabbitmqConnection } from "../../components/rabbitmq/spec.ts";
import { DockerRedisCluster } from "../../components/redis/cluster.ts";
import type { DockerRedisArgs } from "../../components/redis/docker.ts";
import { DockerRedis } from "../../components/redis/docker.ts";
import { redisConnection } from "../../components/redis/spec.ts";
import type { Connection, TierName } from "../../components/workload/spec.ts";
import type { DockerForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";

/** What is known of every tier, whatever it is. */
interface Common {
  readonly system: string;
  readonly networks: readonly Network[];
  readonly protect: boolean;
  /** Where Prometheus is; empty without monitoring. */
  readonly monitoredFrom: readonly Network[];
  /** Published on the host; absent: not. */
  readonly hostPort?: number;
}

/** The data tiers of a system as the rest of it meets them; those that it does not have are absent. */
export interface SystemTiers {
  readonly postgres?: Postgres & Resource;
  readonly redis?: DockerRedis | DockerRedisCluster;
  readonly mongodb?: Mongodb & Resource;
  readonly rabbitmq?: Rabbitmq & Resource;
}

/** systems.md, finai-nexus: a primary and three read replicas, pooled, with nothing acknowledged lost. */
const POSTGRES_CLUSTER = { replicas: 3, synchronous: true };
/** Connections that are left beside the pool: Patroni, replication, exporter, superusers. */
const LEFT_BESIDE_POOL = 30;
const DEFAULT_CONNECTIONS = 100;
const CLIENTS_OF_A_CONNECTION = 10;

/** The data tiers of a system on one Docker Engine. */
export function dockerTiers(
  { name, tiers }: System,
  form: DockerForm,
  networks: NamedNetworks,
  protect: boolean,
): SystemTiers {
  const common = (tier: TierName): Common => ({
    system: name,
    networks: networks.named(form.joins[tier] ?? []),
    protect,
    monitoredFrom: form.monitoring === undefined ? [] : networks.named(["monitoring"]),
    ...(form.tierPorts?.[tier] !== undefined && { hostPort: form.tierPorts[tier] }),
  });
  const { postgres, redis, rabbitmq, mongodb } = tiers;
  return {
    ...(postgres && { postgres: postgresTier(`${name}-postgres`, postgres, common("postgres"), form) }),
    ...(redis && { redis: redisTier(`${name}-redis`, { ...common("redis"), spec: redis }, form) }),
    ...(mongodb && { mongodb: mongodbTier(`${name}-mongodb`, { ...common("mongodb"), spec: mongodb }, form) }),
    ...(rabbitmq && { rabbitmq: new DockerRabbitmq(`${name}-rabbitmq`, { ...common("rabbitmq"), spec: rabbitmq }) }),
  };
}

/** What a workload that needs this tier is given. */
export function connectionOf(
  { postgres, redis, rabbitmq, mongodb }: SystemTiers,
  name: TierName,
): Connection | undefined {
  const connections: Readonly<Record<TierName, Connection | undefined>> = {
    postgres: postgres && postgresConnection(postgres),
    redis: redis && redisConnection(redis),
    rabbitmq: rabbitmq && rabbitmqConnection(rabbitmq),
    mongodb: mongodb && mongodbConnection(mongodb),
  };
  return connections[name];
}

function postgresTier(name: string, spec: PostgresSpec, common: Common, form: DockerForm): Postgres & Resource {
  if (form.clusters?.includes("postgres") !== true) return new DockerPostgres(name, { ...common, spec });
  const clustered = { ...POSTGRES_CLUSTER, pooler: poolerOf(spec), ...spec };
  return new DockerPostgresCluster(name, { ...common, spec: clustered });
}

function poolerOf({ maxConnections = DEFAULT_CONNECTIONS }: PostgresSpec): PoolerSpec {
  return {
    mode: "transaction",
    poolSize: Math.max(1, maxConnections - LEFT_BESIDE_POOL),
    maxClients: maxConnections * CLIENTS_OF_A_CONNECTION,
  };
}

/** A cluster sends its clients on to servers that the host cannot reach: it has no port there. */
function redisTier(
  name: string,
  { hostPort, ...args }: DockerRedisArgs,
  { clusters }: DockerForm,
): DockerRedis | DockerRedisCluster {
  if (clusters?.includes("redis") === true) return new DockerRedisCluster(name, args);
  return new DockerRedis(name, { ...args, ...(hostPort !== undefined && { hostPort }) });
}

function mongodbTier(name: string, args: DockerMongodbArgs, { clusters }: DockerForm): Mongodb & Resource {
  return clusters?.includes("mongodb") === true ? new DockerMongodbCluster(name, args) : new DockerMongodb(name, args);
}
