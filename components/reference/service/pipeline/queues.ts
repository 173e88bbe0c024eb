import type { ChannelModel } from "amqplib";

/** Rejected items that are kept for a look; older ones make room, so that nobody's mistake fills the broker's disk. */
const DEAD_LETTERS = 10_000;
/** RabbitMQ 4's own default; after so many a message is taken for the cause of the failures. https://www.rabbitmq.com/docs/quorum-queues#poison-message-handling */
const DELIVERY_LIMIT = 20;

export function deadLetterQueue(queue: string): string {
  return `${queue}.dead`;
}

/**
 * Quorum queues outlive the broker's crash, and hand a rejected message over only when its new queue has confirmed it.
 * https://www.rabbitmq.com/docs/quorum-queues#dead-lettering
 */
export async function prepareQueues(broker: ChannelModel, queue: string): Promise<void> {
  const channel = await broker.createChannel();
  // the failed assertion is what the caller learns; the event says it a second time
  channel.on("error", () => undefined);
  const dead = deadLetterQueue(queue);
  await channel.assertQueue(dead, {
    durable: true,
    arguments: { "x-queue-type": "quorum", "x-max-length": DEAD_LETTERS },
  });
  await channel.assertQueue(queue, {
    durable: true,
    arguments: {
      "x-queue-type": "quorum",
      "x-delivery-limit": DELIVERY_LIMIT,
      "x-dead-letter-exchange": "",
      "x-dead-letter-routing-key": dead,
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
    },
  });
  await channel.close();
}
