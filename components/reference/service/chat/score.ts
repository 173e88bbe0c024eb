import type { FastifyInstance } from "fastify";
import type { Cache } from "../cache/cache.ts";
import { embed } from "./embedding.ts";
import type { Library } from "./library.ts";
import { readQuery } from "./query.ts";
import { sent } from "./routes.ts";

export interface ScoreDependencies {
  readonly cache: Cache;
  readonly library: Library;
}

interface ScoreBody {
  readonly query: string;
  readonly limit: number;
}

const TIME_TO_LIVE = 5 * 60_000;

const SCHEMA = {
  body: {
    type: "object",
    required: ["query"],
    additionalProperties: false,
    properties: {
      query: { type: "string", minLength: 1, maxLength: 4000, pattern: "[^\\s\\p{C}]" },
      limit: { type: "integer", minimum: 1, maximum: 100, default: 10 },
    },
  },
};

/** flowx's operation: `POST /score` gives the passages nearest to a text, by the kernel, through all cache layers. */
export function registerScore(app: FastifyInstance, { cache, library }: ScoreDependencies): void {
  app.post<{ Body: ScoreBody }>("/score", { schema: SCHEMA }, async ({ body: { query, limit } }, reply) => {
    const { text, key } = readQuery(query, "general");
    const { value, origin, expires } = await cache.getOrCompute(`score:${limit}:${key}`, TIME_TO_LIVE, () =>
      Promise.resolve(
        Buffer.from(JSON.stringify({ engine: library.kernel.engine, passages: library.nearest(embed(text), limit) })),
      ),
    );
    cache.countFor("score", origin);
    return sent(reply, value, origin, expires);
  });
}
