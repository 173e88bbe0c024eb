import type { FastifyInstance, preHandlerHookHandler } from "fastify";
import type { Registry } from "prom-client";
import { Cache } from "../cache/cache.ts";
import type { RedisCommands } from "../cache/redis.ts";
import type { KernelOptions } from "../kernel/load.ts";
import type { Answerer } from "./answerer.ts";
import { libraryAnswerer } from "./answerer.ts";
import { Library } from "./library.ts";
import type { ChatDependencies } from "./routes.ts";
import { registerChat } from "./routes.ts";
import { registerScore } from "./score.ts";
import type { Settings } from "./settings.ts";
import { answerThreads, cacheSettings, chatSettings } from "./settings.ts";
import { AnswererThreads } from "./threads.ts";

export interface ChatOptions {
  readonly settings: Settings;
  readonly registry: Registry;
  /** An ioredis client, single or cluster; without one the cache has no layer of its own there. */
  readonly redis?: RedisCommands;
  /** Keeps the keys of systems apart that share a Redis. Default `reference`. */
  readonly system?: string;
  /** Default: the library of passages, answering from threads. */
  readonly answerer?: Answerer;
  readonly kernel?: KernelOptions;
  readonly historyGuard?: preHandlerHookHandler;
  readonly log?: ChatDependencies["log"];
}

export interface Chat {
  /** Adds POST /chat, GET /chat/history and POST /score. Hooks of the instance given, such as one that asks for a token, hold for them. */
  register(app: FastifyInstance): void;
  /** Waits for the cache's writes and ends the threads. */
  close(): Promise<void>;
}

/** The cached routes with all that they need. */
export async function openChat(options: ChatOptions): Promise<Chat> {
  const { settings, registry, redis, system = "reference", kernel, historyGuard, log } = options;
  const cache = new Cache({
    registry,
    ...cacheSettings(settings),
    ...(redis === undefined ? {} : { redis: { client: redis, prefix: `${system}:cache:` } }),
  });
  const library = await Library.open(kernel);
  const threads = options.answerer === undefined ? openThreads(settings, kernel) : undefined;
  const answerer = options.answerer ?? threads ?? libraryAnswerer(library);
  return {
    register(app) {
      const optional = { ...(historyGuard && { historyGuard }), ...(log && { log }) };
      registerChat(app, { cache, answerer, registry, ...chatSettings(settings), ...optional });
      registerScore(app, { cache, library });
    },
    async close() {
      await cache.close();
      await threads?.close();
    },
  };
}

function openThreads(settings: Settings, kernel: KernelOptions | undefined): AnswererThreads | undefined {
  const count = answerThreads(settings);
  return count === 0 ? undefined : new AnswererThreads(count, kernel);
}
