import { BadInput } from "@groundwork/lib/errors";
import type { QueueSpec, Topology } from "./spec.ts";

/** Of one virtual host, as `POST /api/definitions/<vhost>` takes them: no user, so no secret. https://www.rabbitmq.com/docs/definitions */
export interface Definitions {
  readonly queues: readonly {
    readonly name: string;
    readonly durable: true;
    readonly auto_delete: false;
    readonly arguments: Readonly<Record<string, string>>;
  }[];
  readonly exchanges: readonly {
    readonly name: string;
    readonly type: string;
    readonly durable: true;
    readonly auto_delete: false;
    readonly internal: boolean;
    readonly arguments: Readonly<Record<string, never>>;
  }[];
  readonly bindings: readonly {
    readonly source: string;
    readonly destination: string;
    readonly destination_type: "queue";
    readonly routing_key: string;
    readonly arguments: Readonly<Record<string, never>>;
  }[];
  readonly policies: readonly {
    readonly name: string;
    readonly pattern: string;
    readonly "apply-to": "queues";
    readonly priority: number;
    readonly definition: Readonly<Record<string, string | number>>;
  }[];
}

const DEAD_LETTER_EXCHANGE = "dead-letters";
/** RabbitMQ 4's own; 3.x had none. https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling */
const DELIVERY_LIMIT = 20;

/** The queue that keeps what another one gave up. */
export function deadQueue(name: string): string {
  return `${name}.dead`;
}

/**
 * Limits and dead letters are policies, which can change, and not arguments of the queue, which cannot. `apply-to` is
 * `queues`, which RabbitMQ 3 knows as well as 4; `quorum_queues` came with 3.12.
 */
export function definitions({ queues, exchanges = [] }: Topology): Definitions {
  checkNames(queues, exchanges);
  const dead = queues.filter(({ deadLetters = true }) => deadLetters);
  return {
    queues: [
      ...queues.map(({ name, type }) => queue(name, type)),
      // a quorum queue, too: what was given up is what someone will want to look at
      ...dead.map(({ name }) => queue(deadQueue(name))),
    ],
    exchanges: [
      ...exchanges.map(({ name, type }) => exchange(name, type, false)),
      // internal: only the broker itself may publish to it
      ...(dead.length === 0 ? [] : [exchange(DEAD_LETTER_EXCHANGE, "direct", true)]),
    ],
    bindings: [
      ...exchanges.flatMap(({ name, bindings }) => bindings.map((to) => binding(name, to.queue, to.routingKey))),
      ...dead.map(({ name }) => binding(DEAD_LETTER_EXCHANGE, deadQueue(name), name)),
    ],
    policies: queues.map(policy).filter(({ definition }) => Object.keys(definition).length > 0),
  };
}

function queue(name: string, type: QueueSpec["type"] = "quorum"): Definitions["queues"][number] {
  return { name, durable: true, auto_delete: false, arguments: { "x-queue-type": type } };
}

function exchange(name: string, type: string, internal: boolean): Definitions["exchanges"][number] {
  return { name, type, durable: true, auto_delete: false, internal, arguments: {} };
}

function binding(source: string, destination: string, key: string): Definitions["bindings"][number] {
  return { source, destination, destination_type: "queue", routing_key: key, arguments: {} };
}

function policy(spec: QueueSpec): Definitions["policies"][number] {
  const { name, type = "quorum", deadLetters = true, deliveryLimit = DELIVERY_LIMIT, maxLength } = spec;
  const quorum = type === "quorum";
  const definition = {
    ...(deadLetters ? { "dead-letter-exchange": DEAD_LETTER_EXCHANGE, "dead-letter-routing-key": name } : {}),
    // at-least-once needs both: https://www.rabbitmq.com/docs/quorum-queues#activating-at-least-once-dead-lettering
    ...(deadLetters && quorum ? { "dead-letter-strategy": "at-least-once" } : {}),
    ...((deadLetters && quorum) || maxLength !== undefined ? { overflow: "reject-publish" } : {}),
    ...(quorum ? { "delivery-limit": deliveryLimit } : {}),
    ...(maxLength === undefined ? {} : { "max-length": maxLength }),
  };
  return { name: `queue-${name}`, pattern: `^${escaped(name)}$`, "apply-to": "queues", priority: 1, definition };
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function checkNames(queues: Topology["queues"], exchanges: NonNullable<Topology["exchanges"]>): void {
  const names = new Set(queues.map(({ name }) => name));
  if (names.size < queues.length)
    throw new BadInput(
      `rabbitmq: topology.queues has a name twice in ${[...queues.map((q) => q.name)].join(", ")}; write each once.`,
    );
  for (const { name, bindings } of exchanges) {
    const lost = bindings.find(({ queue }) => !names.has(queue));
    if (lost !== undefined)
      throw new BadInput(
        `rabbitmq: exchange ${name} is bound to "${lost.queue}", which is no queue; write one of ${[...names].join(", ")}.`,
      );
  }
}
