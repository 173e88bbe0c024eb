import type { FastifyInstance } from "fastify";
import type { Context } from "./context.ts";

/** Other methods are counted as one: each new label value would be kept for ever. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Counts requests by the route's pattern, never by the caller's path. */
export function registerObservation(app: FastifyInstance, { metrics, isDraining }: Context): Promise<void> {
  app.addHook("onRequest", async (request, reply) => {
    metrics.requestsInFlight.inc();
    // once for each request, also for one whose caller has gone
    reply.raw.once("close", () => {
      metrics.requestsInFlight.dec();
      metrics.requestSeconds.observe(
        {
          method: METHODS.includes(request.method) ? request.method : "other",
          route: request.routeOptions.url ?? "other",
          status: String(reply.statusCode),
        },
        reply.elapsedTime / 1000,
      );
    });
  });
  app.addHook("onSend", async (_request, reply) => {
    // a caller that keeps its connection would meet the end of it with its next request
    if (isDraining()) reply.header("connection", "close");
  });
  return Promise.resolve();
}
