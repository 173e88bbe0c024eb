import type { Output } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import type { Connection, Endpoint } from "../workload/spec.ts";

export interface QueueSpec {
  readonly name: string;
  /** Default `quorum`: replicated where there are several nodes, and counts deliveries. https://www.rabbitmq.com/docs/quorum-queues */
  readonly type?: "quorum" | "classic";
  /** Whether what is rejected or expires is kept in `<name>.dead`; default true. https://www.rabbitmq.com/docs/dlx */
  readonly deadLetters?: boolean;
  /** Deliveries after which a message is given up. Quorum queues only; default 20, as RabbitMQ 4's own. https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling */
  readonly deliveryLimit?: number;
  /** Messages above which publishers are refused; default no limit. https://www.rabbitmq.com/docs/maxlength */
  readonly maxLength?: number;
}

export interface ExchangeSpec {
  readonly name: string;
  readonly type: "direct" | "topic" | "fanout" | "headers";
  /** Which queues get its messages, by routing key. */
  readonly bindings: readonly { readonly queue: string; readonly routingKey: string }[];
}

/** What is there before any client connects. All of it is durable. */
export interface Topology {
  readonly queues: readonly QueueSpec[];
  /** Default: the default exchange only, which delivers by queue name. */
  readonly exchanges?: readonly ExchangeSpec[];
}

/** What a system asks of its RabbitMQ, whatever runs it. */
export interface RabbitmqSpec {
  /** Of each node. */
  readonly size: Size;
  /** Virtual host and its user. */
  readonly vhost: string;
  /** The management page's port on the Docker host; not published when absent. */
  readonly managementHostPort?: number;
  /** Queues and exchanges; default: clients declare their own. */
  readonly topology?: Topology;
}

/** A RabbitMQ as its clients see it. */
export interface Rabbitmq {
  /** AMQP 0-9-1. */
  readonly endpoint: Endpoint;
  /** Whether the endpoint takes TLS only (AMQPS), with a certificate that the system's own authorities vouch for. Default false. */
  readonly tls?: boolean;
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
      ...(rabbitmq.tls === true ? { RABBITMQ_TLS: "true" } : {}),
    },
    secrets: { RABBITMQ_PASSWORD: rabbitmq.secret },
  };
}
