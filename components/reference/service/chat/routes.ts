import type { FastifyInstance, FastifyReply, preHandlerHookHandler } from "fastify";
import type { Registry } from "prom-client";
import type { Cache, Origin } from "../cache/cache.ts";
import { Admission, Overloaded, TooSlow, within } from "./admission.ts";
import type { Answerer } from "./answerer.ts";
import type { Exchange } from "./history.ts";
import { History } from "./history.ts";
import { chatMetrics } from "./metrics.ts";
import type { Kind, Query } from "./query.ts";
import { KINDS, TIME_TO_LIVE, readQuery } from "./query.ts";

export interface ChatDependencies {
  readonly cache: Cache;
  readonly answerer: Answerer;
  readonly registry: Registry;
  /** Requests under way at once. Default 50, as sophia asks for. */
  readonly concurrent?: number;
  /** Requests that may wait for those; the next gets 503. Default 50. */
  readonly queue?: number;
  /** Milliseconds for one request, with its wait. Default 30,000, as sophia asks for. */
  readonly timeLimit?: number;
  /** Who may read what others asked; without it whoever may ask may read. */
  readonly historyGuard?: preHandlerHookHandler;
  readonly log?: (event: string, details: Readonly<Record<string, unknown>>) => void;
}

interface ChatBody {
  readonly query: string;
  readonly kind?: Kind;
}

/** What it said is for the log, not for the caller. */
class AnswererFailed extends Error {}

/** Seconds after which a caller who was turned away should come back: cached requests end within milliseconds. */
const RETRY_AFTER = "1";
const LONGEST_QUERY = 4000;

const CHAT_SCHEMA = {
  body: {
    type: "object",
    required: ["query"],
    additionalProperties: false,
    properties: {
      // something that is neither white space nor invisible
      query: { type: "string", minLength: 1, maxLength: LONGEST_QUERY, pattern: "[^\\s\\p{C}]" },
      kind: { type: "string", enum: KINDS },
    },
  },
};

const HISTORY_SCHEMA = {
  querystring: {
    type: "object",
    additionalProperties: false,
    properties: { limit: { type: "integer", minimum: 1, maximum: 1000, default: 100 } },
  },
};

/** sophia's cached route: `POST /chat`, and `GET /chat/history`. Answers are the same for everyone who may ask. */
export function registerChat(app: FastifyInstance, dependencies: ChatDependencies): void {
  const { cache, registry, concurrent = 50, queue = 50, timeLimit = 30_000, historyGuard } = dependencies;
  const admission = new Admission({ concurrent, queue });
  const history = new History();
  const metrics = chatMetrics(registry, history);

  app.post<{ Body: ChatBody }>("/chat", { schema: CHAT_SCHEMA }, async ({ body }, reply) => {
    const start = performance.now();
    const query = readQuery(body.query, body.kind);
    let result = "error";
    metrics.inFlight.inc();
    try {
      const { value, origin, expires } = await admission.run(timeLimit, () =>
        cache.getOrCompute(`chat:${query.key}`, TIME_TO_LIVE[query.kind], () =>
          compute(dependencies, query, timeLimit),
        ),
      );
      result = resultOf(origin);
      cache.countFor("chat", origin);
      return sent(reply, value, origin, expires);
    } catch (error) {
      result = failureOf(error);
      return refused(reply, error);
    } finally {
      const milliseconds = performance.now() - start;
      metrics.inFlight.dec();
      metrics.seconds.observe({ kind: query.kind, result }, milliseconds / 1000);
      history.add(exchange(query, result, milliseconds));
    }
  });

  app.get<{ Querystring: { limit: number } }>(
    "/chat/history",
    { schema: HISTORY_SCHEMA, ...(historyGuard === undefined ? {} : { preHandler: historyGuard }) },
    ({ query }) => ({ entries: history.latest(query.limit) }),
  );
}

/** It has the whole time limit, whoever asked first: who gave up meanwhile finds the answer when asking again. */
async function compute({ answerer, log }: ChatDependencies, query: Query, timeLimit: number): Promise<Buffer> {
  try {
    const { text, sources } = await within(timeLimit, (late) => answerer.answer(query, late));
    return Buffer.from(JSON.stringify({ answer: text, kind: query.kind, query: query.text, sources }));
  } catch (error) {
    if (error instanceof TooSlow) throw error;
    log?.("chat.answerer-failed", { reason: error instanceof Error ? error.message : String(error) });
    throw new AnswererFailed("the answerer failed", { cause: error });
  }
}

/** The bytes as they are in the cache: they were JSON already. */
export function sent(reply: FastifyReply, value: Buffer, origin: Origin, expires: number): FastifyReply {
  const seconds = Math.max(0, Math.floor((expires - Date.now()) / 1000));
  return reply
    .header("content-type", "application/json; charset=utf-8")
    .header("cache-control", `private, max-age=${seconds}`)
    .header("x-cache", origin)
    .send(value);
}

function refused(reply: FastifyReply, error: unknown): FastifyReply {
  if (error instanceof Overloaded)
    return reply.code(503).header("retry-after", RETRY_AFTER).send({ error: error.message });
  if (error instanceof TooSlow) return reply.code(504).send({ error: error.message });
  if (error instanceof AnswererFailed) return reply.code(502).send({ error: error.message });
  throw error;
}

function resultOf(origin: Origin): string {
  return origin === "computed" ? "miss" : origin === "shared" ? "shared" : "hit";
}

function failureOf(error: unknown): string {
  if (error instanceof Overloaded) return "overload";
  return error instanceof TooSlow ? "timeout" : "error";
}

function exchange({ text, kind }: Query, result: string, milliseconds: number): Exchange {
  return { at: new Date().toISOString(), query: text, kind, result, milliseconds: Math.round(milliseconds * 10) / 10 };
}
