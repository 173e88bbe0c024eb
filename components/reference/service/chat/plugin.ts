import type { FastifyInstance, preHandlerHookHandler } from "fastify";
import type { RedisCommands } from "../cache/redis.ts";
import type { Dependency } from "../connections/dependency.ts";
import type { RedisClient } from "../connections/redis.ts";
import type { Context } from "../context.ts";
import { openChat } from "./chat.ts";

/** The cached routes as a part of the service; only role `api` has them. */
export async function registerCachedRoutes(app: FastifyInstance, context: Context): Promise<void> {
  const { config, metrics, log, redis } = context;
  if (config.role !== "api") return;
  const chat = await openChat({
    settings: config.environment,
    registry: metrics.registry,
    system: config.system,
    log,
    ...(redis && { redis: commands(redis) }),
    ...(config.access.secret !== undefined && { historyGuard: operatorsOnly }),
  });
  chat.register(app);
  app.addHook("onClose", () => chat.close());
}

/** The history has what others asked, so a token alone does not open it. */
const operatorsOnly: preHandlerHookHandler = (request, reply, done) => {
  if (request.bearer?.roles.includes("operator") === true) done();
  else void reply.code(403).send({ error: "the role operator is needed" });
};

const call = (name: string) => ({ name, attributes: { "db.operation.name": name } });

/** Through the dependency, so that its breaker and its reconnecting hold for the cache too. */
function commands(redis: Dependency<RedisClient>): RedisCommands {
  return {
    getBuffer: (key) => redis.use((client) => client.getBuffer(key), call("GET")),
    set: (key, value, mode, milliseconds) =>
      redis.use((client) => client.set(key, value, mode, milliseconds), call("SET")),
  };
}
