import * as pulumi from "@pulumi/pulumi";
import { PerconaMongodb } from "../../components/mongodb/percona.ts";
import { mongodbConnection } from "../../components/mongodb/spec.ts";
import { AmazonMq } from "../../components/rabbitmq/amazon-mq.ts";
import { OperatorRabbitmq } from "../../components/rabbitmq/operator.ts";
import { rabbitmqConnection } from "../../components/rabbitmq/spec.ts";
import type { Rabbitmq } from "../../components/rabbitmq/spec.ts";
import { sizeOf } from "../config/cloud-tiers.ts";
import { dataPlace } from "./data.ts";
import { clusterNameOf } from "./place.ts";
import { commonArgs, inCluster, isolated } from "./tier.ts";
import type { Tier, TierPlace } from "./tier.ts";

export interface RabbitmqTier extends Tier {
  /** With the password; a secret. */
  readonly uri: pulumi.Output<string>;
}

/** The system's RabbitMQ in one region: each region has its own. */
export function createRabbitmq(where: TierPlace): RabbitmqTier | undefined {
  const { config, system, place } = where;
  const spec = system.tiers.rabbitmq;
  if (spec === undefined) return undefined;
  const name = `${place.region.name}-${system.name}-rabbitmq`;
  const { kind, instanceType, nodes, storage } = sizeOf(config.brokers, system.name);
  if (kind === "amazon-mq") {
    const broker = new AmazonMq(
      name,
      { spec, ...dataPlace(place), instanceType, protect: config.protect },
      { providers: [place.provider] },
    );
    return tierOf(broker, isolated(place, broker.endpoint.port));
  }
  const broker = new OperatorRabbitmq(name, { spec, nodes, storage, ...commonArgs(where) }, inCluster(where));
  return tierOf(broker, broker.peers);
}

function tierOf(broker: Rabbitmq, peers: Tier["peers"]): RabbitmqTier {
  const { endpoint, user, secret, vhost, tls = false } = broker;
  const scheme = tls ? "amqps" : "amqp";
  return {
    connection: rabbitmqConnection(broker),
    peers,
    uri: pulumi.interpolate`${scheme}://${user}:${secret}@${endpoint.host}:${endpoint.port}/${encodeURIComponent(vhost)}`,
  };
}

/** The system's MongoDB in one region: each region has its own. */
export function createMongodb(where: TierPlace): Tier | undefined {
  const { config, system, place, platform } = where;
  const spec = system.tiers.mongodb;
  if (spec === undefined) return undefined;
  const { backups } = platform;
  const tier = new PerconaMongodb(
    `${place.region.name}-${system.name}-mongodb`,
    {
      spec,
      ...sizeOf(config.documents, system.name),
      ...commonArgs(where),
      ...(backups && {
        backups: {
          clusterName: clusterNameOf(place.region.name),
          bucket: { name: backups.bucket, arn: backups.bucketArn, keyArn: backups.keyArn, region: place.region.name },
        },
      }),
    },
    inCluster(where),
  );
  return { connection: mongodbConnection(tier), peers: tier.peers };
}
