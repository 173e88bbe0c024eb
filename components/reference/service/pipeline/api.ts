import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { readItem, readItems, readStats } from "./store.ts";

interface Page {
  readonly after: string;
  readonly limit: number;
}

const PAGE = {
  type: "object",
  additionalProperties: false,
  properties: {
    after: { type: "string", maxLength: 100, pattern: "^[\\w.:-]*$", default: "" },
    limit: { type: "integer", minimum: 1, maximum: 500, default: 50 },
  },
};
const ID = {
  type: "object",
  properties: { id: { type: "string", maxLength: 100, pattern: "^[\\w.:-]+$" } },
};

const SELECT = { name: "SELECT items", attributes: { "db.operation.name": "SELECT", "db.collection.name": "items" } };

/** Reads what the workers have written, from the readers. */
export function registerItems(app: FastifyInstance, { postgres, config }: Context): Promise<void> {
  if (config.role !== "api" || postgres === undefined) return Promise.resolve();

  app.get<{ Querystring: Page }>("/api/items", { schema: { querystring: PAGE } }, async ({ query }) => {
    const items = await postgres.use(({ reader }) => readItems(reader, query.after, query.limit), SELECT);
    const last = items.length === query.limit ? items.at(-1)?.id : undefined;
    return { items, ...(last === undefined ? {} : { next: last }) };
  });

  app.get<{ Params: { id: string } }>("/api/items/:id", { schema: { params: ID } }, async ({ params }, reply) => {
    const item = await postgres.use(({ reader }) => readItem(reader, params.id), SELECT);
    return item ?? reply.code(404).send({ error: "there is no such item" });
  });

  app.get("/api/stats", () => postgres.use(({ reader }) => readStats(reader), SELECT));
  return Promise.resolve();
}
