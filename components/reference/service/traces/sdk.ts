import { context, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { ExportResultCode, W3CTraceContextPropagator, type ExportResult } from "@opentelemetry/core";
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import type { ReadableSpan, Sampler, SpanExporter } from "@opentelemetry/sdk-trace";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_NAME, ATTR_SERVICE_NAMESPACE } from "@opentelemetry/semantic-conventions";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import { reason } from "../log.ts";
import type { TracesConfiguration } from "./settings.ts";

/** What the drain waits for at most: spans are worth less than ending in time. */
const FLUSH_MILLISECONDS = 3000;
/** A library may put a whole message into an attribute. */
const LONGEST_ATTRIBUTE = 256;

export interface Traces {
  /** Sends what is left; a collector that does not answer is not waited for. */
  close(): Promise<void>;
}

/** Sets up the one SDK of the process. Only a service with traces loads this file and what it imports. */
export async function startTraces(settings: TracesConfiguration, log: Log): Promise<Traces> {
  const exporter = new ToldExporter(await otlpExporter(settings), log);
  const provider = new TracerProvider({
    resource: resourceOf(settings),
    sampler: samplerOf(settings),
    spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: settings.delay })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    async close() {
      const flushed = provider.shutdown().catch(() => undefined);
      await Promise.race([flushed, sleep(FLUSH_MILLISECONDS, undefined, { ref: false })]);
    },
  };
}

/** Each takes endpoint, headers, timeout and certificates from the environment. https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
async function otlpExporter({ protocol }: TracesConfiguration): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === "http/json"
      ? await import("@opentelemetry/exporter-trace-otlp-http")
      : await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter();
}

function resourceOf({ service, system }: TracesConfiguration) {
  const own = resourceFromAttributes({ [ATTR_SERVICE_NAME]: service, [ATTR_SERVICE_NAMESPACE]: system });
  return defaultResource()
    .merge(own)
    .merge(detectResources({ detectors: [envDetector] }));
}

export function samplerOf({ sampler, ratio }: Pick<TracesConfiguration, "sampler" | "ratio">): Sampler {
  const isParentBased = sampler.startsWith("parentbased_");
  const root = rootSampler(sampler.replace("parentbased_", ""), ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === "traceidratio") return new TraceIdRatioBasedSampler(ratio);
  return name === "always_off" ? new AlwaysOffSampler() : new AlwaysOnSampler();
}

/** Says once for each outage that spans are lost: every batch meets it. */
class ToldExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #log: Log;
  #isRefused = false;

  constructor(exporter: SpanExporter, log: Log) {
    this.#exporter = exporter;
    this.#log = log;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#tell(result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  forceFlush(): Promise<void> {
    return this.#exporter.forceFlush?.() ?? Promise.resolve();
  }

  #tell({ code, error }: ExportResult): void {
    const isRefused = code !== ExportResultCode.SUCCESS;
    if (isRefused && !this.#isRefused) this.#log("traces.refused", { reason: reason(error ?? "no reason given") });
    if (!isRefused && this.#isRefused) this.#log("traces.resumed");
    this.#isRefused = isRefused;
  }
}
