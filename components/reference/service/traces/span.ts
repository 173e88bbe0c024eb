import type { Attributes, Context, Link, Span, SpanOptions, Tracer } from "@opentelemetry/api";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, propagation, trace } from "@opentelemetry/api";
import { ATTR_ERROR_TYPE } from "@opentelemetry/semantic-conventions";

// Spans are made here, by hand. Instrumentation would replace the functions of pg, ioredis and amqplib while they are
// loaded, which for ES modules takes loader hooks that must come before everything else and differ between sources and
// image; and it would know neither the breaker around a call nor the batch that a message ends in.
// https://github.com/open-telemetry/opentelemetry-js/blob/main/doc/esm-support.md

/** Does nothing until `startTraces` has set up the SDK, and nothing at all without it. */
export function tracer(): Tracer {
  return trace.getTracer("groundwork-reference");
}

/** What a span says of a call to another server: never a query's text, a key or a value. */
export interface Call {
  /** Low in number, as names are grouped by: `SELECT items`, `GET`. */
  readonly name: string;
  readonly attributes?: Attributes;
  /** Default: the client of a request that is answered. */
  readonly kind?: SpanKind;
  /** Spans that wait for the call; default the active one. It belongs to the first that is recorded and links to the others. */
  readonly behalf?: readonly Span[];
}

/** Runs it in a span of its own, which fails as it does. */
export function inSpan<T>({ name, attributes, kind, behalf = [] }: Call, run: () => Promise<T>): Promise<T> {
  const [first, ...others] = behalf.filter((span) => span.isRecording());
  const parent = first === undefined ? context.active() : trace.setSpan(context.active(), first);
  const links = others.map((span): Link => ({ context: span.spanContext() }));
  const options: SpanOptions = { kind: kind ?? SpanKind.CLIENT, links, ...(attributes && { attributes }) };
  return tracer().startActiveSpan(name, options, parent, async (span) => {
    try {
      return await run();
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Says of what kind the failure is; messages of databases quote rows. */
export function fail(span: Span, error: unknown): void {
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.setAttribute(ATTR_ERROR_TYPE, kindOf(error));
}

function kindOf(error: unknown): string {
  if (typeof error === "string") return error;
  if (!(error instanceof Error)) return "_OTHER";
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === "string") return code;
  return error.cause === undefined ? error.name : kindOf(error.cause);
}

/** The active trace as headers of a message; empty without one. https://www.w3.org/TR/trace-context/ */
export function traceHeaders(): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  return headers;
}

/** The trace that a caller or a message belongs to. */
export function callersTrace(headers: object | undefined): Context {
  return propagation.extract(ROOT_CONTEXT, headers ?? {});
}

/** Of a message that was delivered; whoever settles it ends it. */
export function deliverySpan(queue: string, headers: object | undefined): Span {
  const options = { kind: SpanKind.CONSUMER, attributes: messaging("process", queue) };
  return tracer().startSpan(`process ${queue}`, options, callersTrace(headers));
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/rabbitmq/ */
export function messaging(operation: "send" | "process", queue: string): Attributes {
  return {
    "messaging.system": "rabbitmq",
    "messaging.operation.type": operation,
    "messaging.operation.name": operation,
    "messaging.destination.name": queue,
  };
}
