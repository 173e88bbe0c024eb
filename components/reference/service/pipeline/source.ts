import { SpanKind } from "@opentelemetry/api";
import type { ChannelModel, ConfirmChannel } from "amqplib";
import { setTimeout as sleep } from "node:timers/promises";
import type { PipelineConfiguration } from "../configuration.ts";
import type { Dependency, Telemetry } from "../connections/dependency.ts";
import { reason } from "../log.ts";
import type { Call } from "../traces/span.ts";
import { messaging, traceHeaders } from "../traces/span.ts";
import { spoilt, trackAt } from "./catalogue.ts";
import type { Work } from "./role.ts";

/** Milliseconds before an item is sent again that the broker has not confirmed. */
const AGAIN = 200;

/**
 * Walks the catalogue and sends what it finds. An item counts as produced when the broker has confirmed it; until then it
 * is sent again, which may send it twice and never loses it.
 */
export class Source implements Work {
  readonly #broker: Dependency<ChannelModel>;
  readonly #settings: PipelineConfiguration;
  readonly #telemetry: Telemetry;
  readonly #stopping = new AbortController();
  /** Each item begins a trace, which goes on where it is processed. */
  readonly #call: Call;
  #channel: Promise<ConfirmChannel> | undefined;
  #taken = 0;
  #confirmed = 0;
  #isRefused = false;
  #lanes: readonly Promise<void>[] = [];

  constructor(broker: Dependency<ChannelModel>, settings: PipelineConfiguration, telemetry: Telemetry) {
    this.#broker = broker;
    this.#settings = settings;
    this.#telemetry = telemetry;
    const { queue } = settings;
    this.#call = { name: `send ${queue}`, kind: SpanKind.PRODUCER, attributes: messaging("send", queue) };
  }

  start(): void {
    this.#broker.onConnected((model) => {
      this.#channel = openChannel(model);
      // whoever sends next is told; this only keeps the process alive
      this.#channel.catch(() => undefined);
    });
    const first = this.#settings.start ?? Math.floor(Math.random() * this.#settings.catalogue);
    this.#lanes = Array.from({ length: this.#settings.concurrentRequests }, () => this.#lane(first));
    void Promise.all(this.#lanes).then(() => this.#telemetry.log("source.ended", { items: this.#confirmed }));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#lanes);
    const channel = await this.#channel?.catch(() => undefined);
    await channel?.close().catch(() => undefined);
  }

  /** One of the concurrent requests: finds an item, sends it, waits, finds the next. */
  async #lane(first: number): Promise<void> {
    const { items, catalogue, downloadDelay } = this.#settings;
    const { signal } = this.#stopping;
    while (!signal.aborted && this.#taken < (items ?? Infinity)) {
      const position = (first + this.#taken) % catalogue;
      this.#taken += 1;
      await this.#send(position);
      await sleep(downloadDelay, undefined, { signal }).catch(() => undefined);
    }
  }

  async #send(position: number): Promise<void> {
    const { signal } = this.#stopping;
    const item = trackAt(position);
    const content = Buffer.from(JSON.stringify(position % 100 < this.#settings.invalidPercent ? spoilt(item) : item));
    while (!signal.aborted) {
      try {
        await this.#broker.use(() => this.#publish(content, item.id), this.#call);
        return this.#confirm();
      } catch (error) {
        this.#refuse(reason(error));
        await sleep(AGAIN, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  #confirm(): void {
    if (this.#isRefused) this.#telemetry.log("source.resumed");
    this.#isRefused = false;
    this.#confirmed += 1;
    this.#telemetry.metrics.itemsProduced.inc();
  }

  /** Said once for each outage: every one of the concurrent requests meets it, several times a second. */
  #refuse(why: string): void {
    if (!this.#isRefused) this.#telemetry.log("source.refused", { reason: why });
    this.#isRefused = true;
  }

  async #publish(content: Buffer, messageId: string): Promise<void> {
    const headers = traceHeaders();
    const channel = await this.#channel;
    if (channel === undefined) throw new Error("there is no channel yet");
    await new Promise<void>((resolve, reject) => {
      const options = { persistent: true, contentType: "application/json", messageId, headers };
      channel.sendToQueue(this.#settings.queue, content, options, (error: unknown) => {
        if (error === null || error === undefined) resolve();
        else reject(error instanceof Error ? error : new Error("the broker refused it"));
      });
    });
  }
}

async function openChannel(model: ChannelModel): Promise<ConfirmChannel> {
  const channel = await model.createConfirmChannel();
  // the confirmations that fail say it already
  channel.on("error", () => undefined);
  return channel;
}
