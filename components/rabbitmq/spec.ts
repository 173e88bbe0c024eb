import type { Output } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import type { Connection, Endpoint } from "../workload/spec.ts";

/** What a system asks of its RabbitMQ, whatever runs it. */
export interface RabbitmqSpec {
  /** Of each node. */
  readonly size: Size;
  /** Virtual host and its user. */
  readonly vhost: string;
  /** The management page's port on the Docker host; not published when absent. */
  readonly managementHostPort?: number;
}

/** A RabbitMQ as its clients see it. */
export interface Rabbitmq {
  /** AMQP 0-9-1. */
  readonly endpoint: Endpoint;
  /** HTTP API and page. */
  readonly management: Endpoint;
  readonly vhost: string;
  readonly user: string;
  /** The user's password; a Pulumi secret. */
  readonly secret: Output<string>;
  /** Prometheus metrics, where the plug-in listens. */
  readonly metrics?: Endpoint;
}

export function rabbitmqConnection(rabbitmq: Rabbitmq): Connection {
  return {
    environment: {
      RABBITMQ_HOST: rabbitmq.endpoint.host,
      RABBITMQ_PORT: String(rabbitmq.endpoint.port),
      RABBITMQ_VHOST: rabbitmq.vhost,
      RABBITMQ_USER: rabbitmq.user,
    },
    secrets: { RABBITMQ_PASSWORD: rabbitmq.secret },
  };
}
