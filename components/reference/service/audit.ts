import type { FastifyInstance } from "fastify";
import type { Context } from "./context.ts";
import { traceId } from "./traces/requests.ts";

/** One line for each operation: who did what with which result. The route's pattern and never the caller's URL, body or headers, which may hold secrets. */
export function registerAudit(app: FastifyInstance, { log }: Context): Promise<void> {
  app.addHook("onResponse", async (request, reply) => {
    if (request.routeOptions.config.isOpen === true) return;
    const trace = traceId(request);
    log("audit", {
      operation: `${request.method} ${request.routeOptions.url ?? "unknown route"}`,
      subject: request.bearer?.subject ?? "anonymous",
      roles: request.bearer?.roles ?? [],
      status: reply.statusCode,
      milliseconds: Math.round(reply.elapsedTime),
      request: request.id,
      address: request.ip,
      ...(trace !== undefined && { trace }),
    });
  });
  return Promise.resolve();
}
