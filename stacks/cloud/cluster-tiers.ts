import * as pulumi from "@pulumi/pulumi";
import { PerconaMongodb } from "../../components/mongodb/percona.ts";
import { mongodbConnection } from "../../components/mongodb/spec.ts";
import { AmazonMq } from "../../components/rabbitmq/amazon-mq.ts";
import { OperatorRabbitmq } from "../../components/rabbitmq/operator.ts";
import { rabbitmqConnection } from "../../components/rabbitmq/spec.ts";
import type { Rabbitmq } from "../../components/rabbitmq/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import { dataPlace } from "./data.ts";
import { clusterNameOf } from "./place.ts";
import type { Place } from "./place.ts";
import { MONITORING, prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";
import { isolated } from "./tiers.ts";
import type { Tier } from "./tiers.ts";

/** Namespace of the add-on keda, which asks queues for their length. */
const KEDA = "keda";

/** A region, and where in it a system's own tiers go. */
export interface TierPlace {
  readonly config: CloudConfig;
  readonly system: System;
  readonly place: Place;
  readonly platform: Platform;
}

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
  const { kind, instanceType, nodes, storage } = config.brokers;
  if (kind === "amazon-mq") {
    const broker = new AmazonMq(
      name,
      { spec, ...dataPlace(place), instanceType, protect: config.protect },
      { providers: [place.provider] },
    );
    return tierOf(broker, isolated(place, broker.endpoint.port));
  }
  const broker = new OperatorRabbitmq(name, { spec, nodes, storage, ...common(where) }, inCluster(where));
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
      ...config.documents,
      ...common(where),
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

/** All pods of the system may connect; the policies of its own namespace say which do. */
function common({ config, system, platform }: TierPlace) {
  const asksQueues = system.cloud?.queues !== undefined;
  return {
    system: system.name,
    clients: [{ namespace: system.name, labels: {} }, ...(asksQueues ? [{ namespace: KEDA, labels: {} }] : [])],
    protect: config.protect,
    ...(prometheusUrl(platform) !== undefined && { monitoring: MONITORING }),
  };
}

function inCluster({ place, platform }: TierPlace): pulumi.ComponentResourceOptions {
  return { providers: [place.cluster.kubernetes, place.provider], dependsOn: [...platform.ready] };
}
