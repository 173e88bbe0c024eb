import type { Context as TraceContext, Span } from "@opentelemetry/api";
import { SpanKind, context, trace } from "@opentelemetry/api";
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_URL_SCHEME,
} from "@opentelemetry/semantic-conventions";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Context } from "../context.ts";
import { callersTrace, fail, tracer } from "./span.ts";

const contexts = new WeakMap<FastifyRequest, TraceContext>();

/** A span for each request that is not open (health and metrics are asked for all the time), in the trace of whoever sent it. */
export function registerTraces(app: FastifyInstance, { config }: Context): Promise<void> {
  if (config.traces === undefined) return Promise.resolve();
  app.addHook("onRequest", (request, reply, done) => {
    if (request.routeOptions.config.isOpen !== true) begin(request, reply);
    done();
  });
  // the body's events belong to no request: what comes after it is put into its context here
  app.addHook("preValidation", (request, _reply, done) => {
    const active = contexts.get(request);
    if (active === undefined) done();
    else context.with(active, done);
  });
  return Promise.resolve();
}

/** The id under which a request's spans are found; absent where they are not kept. */
export function traceId(request: FastifyRequest): string | undefined {
  const span = trace.getSpan(contexts.get(request) ?? context.active());
  return span?.isRecording() === true ? span.spanContext().traceId : undefined;
}

/** Named by the route's pattern, never by the caller's path, which may hold anything. */
function begin(request: FastifyRequest, reply: FastifyReply): void {
  const route = request.is404 ? undefined : request.routeOptions.url;
  const parent = callersTrace(request.headers);
  const attributes = {
    [ATTR_HTTP_REQUEST_METHOD]: request.method,
    [ATTR_URL_SCHEME]: request.protocol,
    ...(route !== undefined && { [ATTR_HTTP_ROUTE]: route }),
  };
  const name = route === undefined ? request.method : `${request.method} ${route}`;
  const span = tracer().startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
  contexts.set(request, trace.setSpan(parent, span));
  reply.raw.once("close", () => end(span, reply));
}

/** Refusals are the caller's failures, not ours. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status */
function end(span: Span, { statusCode }: FastifyReply): void {
  span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, statusCode);
  if (statusCode >= 500) fail(span, String(statusCode));
  span.end();
}
