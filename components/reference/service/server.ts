import type { FastifyError, FastifyInstance, FastifyReply } from "fastify";
import Fastify from "fastify";
import { registerAccess } from "./access.ts";
import { registerAudit } from "./audit.ts";
import { registerCachedRoutes } from "./chat/plugin.ts";
import { Unavailable } from "./connections/dependency.ts";
import type { Context } from "./context.ts";
import { registerHealth } from "./health.ts";
import { registerObservation } from "./observe.ts";
import { reason } from "./log.ts";
import { registerItems } from "./pipeline/api.ts";
import { registerTraces } from "./traces/requests.ts";

/** A part of the service: hooks or routes. A route is exposed unless its `config` says `isOpen`. */
export type Plugin = (app: FastifyInstance, context: Context) => Promise<void>;

/** In this order: hooks first, since a hook sees only the routes that come after it. */
const PLUGINS: readonly Plugin[] = [
  registerObservation,
  registerTraces,
  registerAudit,
  registerAccess,
  registerHealth,
  registerItems,
  registerCachedRoutes,
];

/** Longer than nginx keeps an idle connection to an upstream (60 s), so that nginx and never we close it. https://nginx.org/en/docs/http/ngx_http_upstream_module.html#keepalive_timeout */
const KEEP_ALIVE_MILLISECONDS = 65_000;
const REQUEST_LIMIT_MILLISECONDS = 60_000;

export async function createServer(context: Context): Promise<FastifyInstance> {
  const app = Fastify({
    logger: false,
    trustProxy: context.config.trustedProxies.length > 0 ? [...context.config.trustedProxies] : false,
    // a request that has come in while we drain is served: whoever sent it did not know yet
    return503OnClosing: false,
    forceCloseConnections: "idle",
    keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
    requestTimeout: REQUEST_LIMIT_MILLISECONDS,
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "not found" }));
  app.setErrorHandler((error: FastifyError, request, reply) =>
    answerError(error, reply, (details) => context.log("error", { request: request.id, ...details })),
  );
  for (const plugin of PLUGINS) await plugin(app, context);
  return app;
}

/** A caller learns what it did wrong, and of our own failures only that there was one. */
function answerError(
  error: FastifyError,
  reply: FastifyReply,
  log: (details: Readonly<Record<string, unknown>>) => void,
): FastifyReply {
  const isUnavailable = error instanceof Unavailable;
  const status = error.statusCode ?? 500;
  if (!isUnavailable && status < 500) return reply.code(status).send({ error: error.message });
  log({ route: reply.request.routeOptions.url ?? "unknown route", reason: reason(error) });
  if (isUnavailable) return reply.code(503).header("retry-after", "5").send({ error: error.message });
  return reply.code(500).send({ error: "internal error" });
}
