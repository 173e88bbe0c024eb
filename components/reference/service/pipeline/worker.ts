import type { Span } from "@opentelemetry/api";
import type { Channel, ChannelModel, ConsumeMessage } from "amqplib";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseError } from "pg";
import type { PipelineConfiguration } from "../configuration.ts";
import type { Dependency, Telemetry } from "../connections/dependency.ts";
import type { Database } from "../connections/postgres.ts";
import { reason } from "../log.ts";
import { deliverySpan, fail } from "../traces/span.ts";
import type { Item } from "./item.ts";
import { parseItem } from "./item.ts";
import type { Work } from "./role.ts";
import { writeItems } from "./store.ts";

/** Milliseconds before a batch is tried again that the database did not take. */
const AGAIN = 500;

const INSERT = { name: "INSERT items", attributes: { "db.operation.name": "INSERT", "db.collection.name": "items" } };

interface Delivery {
  readonly message: ConsumeMessage;
  readonly item: Item;
  /** From its arrival until it is settled. */
  readonly span: Span;
}

/**
 * Takes items from the queue, checks them, and writes them in batches. A message is acknowledged after its row is
 * committed: a worker that dies in between leaves it to another, and the item's id makes the second write do nothing.
 */
export class Worker implements Work {
  readonly #broker: Dependency<ChannelModel>;
  readonly #database: Dependency<Database>;
  readonly #settings: PipelineConfiguration;
  readonly #telemetry: Telemetry;
  #consumer: Consumer | undefined;
  #isStopping = false;

  constructor(
    { rabbitmq, postgres }: { rabbitmq: Dependency<ChannelModel>; postgres: Dependency<Database> },
    settings: PipelineConfiguration,
    telemetry: Telemetry,
  ) {
    this.#broker = rabbitmq;
    this.#database = postgres;
    this.#settings = settings;
    this.#telemetry = telemetry;
  }

  start(): void {
    // a rate over a counter that is not there yet is no rate
    for (const result of ["accepted", "rejected"]) this.#telemetry.metrics.itemsProcessed.inc({ result }, 0);
    this.#broker.onConnected((model) => void this.#consume(model));
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#consumer?.stop();
  }

  async #consume(model: ChannelModel): Promise<void> {
    if (this.#isStopping) return;
    try {
      const channel = await model.createChannel();
      const consumer = new Consumer(channel, this.#database, this.#settings, this.#telemetry);
      this.#consumer = consumer;
      channel.on("error", (error) => this.#telemetry.log("worker.channel", { reason: reason(error) }));
      // also when the broker closes only the channel, as it does for a deleted queue or an acknowledgement that came too late
      channel.on("close", () => void this.#again(model, consumer));
      await consumer.start();
    } catch (error) {
      this.#telemetry.log("worker.consume", { reason: reason(error) });
    }
  }

  async #again(model: ChannelModel, consumer: Consumer): Promise<void> {
    consumer.abandon();
    await sleep(AGAIN);
    // a lost connection brings a new model and with it a consumer of its own
    if (this.#consumer === consumer) await this.#consume(model);
  }
}

/** One channel's deliveries. They are settled on this channel only, since a tag means nothing on another. */
class Consumer {
  readonly #channel: Channel;
  readonly #database: Dependency<Database>;
  readonly #settings: PipelineConfiguration;
  readonly #telemetry: Telemetry;
  #waiting: Delivery[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isStopping = false;
  #isLost = false;
  #tag: string | undefined;

  constructor(channel: Channel, database: Dependency<Database>, settings: PipelineConfiguration, telemetry: Telemetry) {
    this.#channel = channel;
    this.#database = database;
    this.#settings = settings;
    this.#telemetry = telemetry;
  }

  async start(): Promise<void> {
    await this.#channel.prefetch(this.#settings.prefetch);
    const { consumerTag } = await this.#channel.consume(this.#settings.queue, (message) => this.#take(message));
    this.#tag = consumerTag;
  }

  /** Writes what it has; what the database does not take goes back to the queue with the channel. */
  async stop(): Promise<void> {
    if (this.#tag !== undefined && !this.#isLost) await this.#channel.cancel(this.#tag).catch(() => undefined);
    this.#flush();
    this.#isStopping = true;
    await this.#writing;
    await this.#channel.close().catch(() => undefined);
  }

  /** The broker delivers again, to whoever consumes then, what was not acknowledged. */
  abandon(): void {
    this.#isLost = true;
    clearTimeout(this.#timer);
    leave(this.#waiting);
    this.#waiting = [];
  }

  #take(message: ConsumeMessage | null): void {
    // the broker has cancelled the consumer; closing the channel begins anew
    if (message === null) return void this.#channel.close().catch(() => undefined);
    const span = deliverySpan(this.#settings.queue, message.properties.headers);
    const item = parseItem(message.content);
    if (typeof item === "string") return this.#reject({ message, span }, item);
    this.#waiting.push({ message, item, span });
    if (this.#waiting.length >= this.#settings.batch) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), this.#settings.batchWait);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    this.#waiting = [];
    // one after the other, so that the statements of one worker never wait for each other's rows
    if (batch.length > 0) this.#writing = this.#writing.then(() => this.#settle(batch));
  }

  async #settle(batch: readonly Delivery[]): Promise<void> {
    const items = inOrder(batch);
    const call = { ...INSERT, behalf: batch.map(({ span }) => span) };
    for (;;) {
      try {
        await this.#database.use(({ writer }) => writeItems(writer, items), call);
        return this.#accept(batch);
      } catch (error) {
        if (this.#isStopping || this.#isLost) return leave(batch);
        if (isAboutTheData(error)) return this.#settleSingly(batch, error);
        this.#telemetry.log("worker.again", { items: batch.length, reason: reason(error) });
        await sleep(AGAIN);
      }
    }
  }

  /** Finds the one that the database does not take, so that it does not hold up the others for ever. */
  async #settleSingly(batch: readonly Delivery[], error: unknown): Promise<void> {
    const [only] = batch;
    if (batch.length === 1 && only !== undefined) return this.#reject(only, reason(error));
    for (const delivery of batch) await this.#settle([delivery]);
  }

  #accept(batch: readonly Delivery[]): void {
    if (this.#isLost) return leave(batch);
    for (const { message, span } of batch) {
      this.#channel.ack(message);
      span.end();
    }
    this.#telemetry.metrics.itemsProcessed.inc({ result: "accepted" }, batch.length);
  }

  #reject({ message, span }: Omit<Delivery, "item">, why: string): void {
    fail(span, "rejected");
    span.end();
    if (this.#isLost) return;
    this.#channel.nack(message, false, false);
    this.#telemetry.metrics.itemsProcessed.inc({ result: "rejected" });
    this.#telemetry.log("worker.rejected", { message: String(message.properties.messageId), reason: why });
  }
}

/** Another worker gets them. */
function leave(batch: readonly Delivery[]): void {
  for (const { span } of batch) {
    fail(span, "left");
    span.end();
  }
}

/** Two workers that hold some of the same ids would each wait for the other if they wrote them in different orders. */
function inOrder(batch: readonly Delivery[]): Item[] {
  const items = new Map(batch.map(({ item }) => [item.id, item]));
  return [...items.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Data exceptions and violated constraints. https://www.postgresql.org/docs/17/errcodes-appendix.html */
function isAboutTheData(error: unknown): boolean {
  return error instanceof DatabaseError && /^2[23]/.test(error.code ?? "");
}
