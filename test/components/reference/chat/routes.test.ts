import assert from "node:assert/strict";
import Fastify from "fastify";
import { Registry } from "prom-client";
import { Cache } from "../../../../components/reference/service/cache/cache.ts";
import type { Answerer } from "../../../../components/reference/service/chat/answerer.ts";
import { History } from "../../../../components/reference/service/chat/history.ts";
import { Library } from "../../../../components/reference/service/chat/library.ts";
import type { ChatDependencies } from "../../../../components/reference/service/chat/routes.ts";
import { registerChat } from "../../../../components/reference/service/chat/routes.ts";
import { registerScore } from "../../../../components/reference/service/chat/score.ts";

/** Answers when it is let go, and knows how many it works on. */
function gate() {
  const waiting: (() => void)[] = [];
  const answerer: Answerer = {
    answer: ({ text }) => new Promise((resolve) => waiting.push(() => resolve({ text: `re: ${text}`, sources: [] }))),
  };
  return { answerer, waiting, open: () => waiting.splice(0).forEach((letGo) => letGo()) };
}

const echo: Answerer = { answer: ({ text }) => Promise.resolve({ text: `re: ${text}`, sources: [] }) };

function service(answerer: Answerer, options: Partial<ChatDependencies> = {}) {
  const app = Fastify();
  const registry = new Registry();
  const cache = new Cache({ registry, memory: { entries: 1000, bytes: 2 ** 20 } });
  registerChat(app, { cache, answerer, registry, ...options });
  const ask = (payload: object) => app.inject({ method: "POST", url: "/chat", payload });
  return Object.assign(app, { registry, cache, ask, [Symbol.asyncDispose]: () => app.close() });
}

/** Lets all that is ready run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

describe("the chat route", () => {
  it("answers, then gives the same bytes from the cache to whoever asks the same in other words", async () => {
    await using app = service(echo);
    const first = await app.ask({ query: "What is a quorum?" });
    assert.equal(first.statusCode, 200);
    assert.deepEqual(first.json(), {
      answer: "re: what is a quorum",
      kind: "reference",
      query: "what is a quorum",
      sources: [],
    });
    assert.equal(first.headers["x-cache"], "computed");
    assert.match(String(first.headers["cache-control"]), /^private, max-age=(900|899)$/);
    const again = await app.ask({ query: "  what is A quorum " });
    assert.deepEqual([again.headers["x-cache"], again.body], ["memory", first.body]);
    const metrics = await app.registry.metrics();
    assert.match(metrics, /chat_request_duration_seconds_count\{kind="reference",result="hit"\} 1/);
    assert.match(metrics, /chat_request_duration_seconds_count\{kind="reference",result="miss"\} 1/);
    assert.match(metrics, /cache_requests_total\{layer="memory",result="hit"\} 1/);
    for (const result of ["hit", "miss"])
      assert.match(metrics, new RegExp(`cache_requests_total\\{layer="chat",result="${result}"\\} 1`));
    assert.match(metrics, /chat_requests_in_flight 0/);
    assert.match(metrics, /chat_history_entries 2/);
    assert.doesNotMatch(metrics, /quorum/);
  });

  it("works on 50 at once, lets 50 wait, and sends the next away with Retry-After", async () => {
    const { answerer, waiting, open } = gate();
    await using app = service(answerer);
    const asked = Array.from({ length: 100 }, (_, index) => app.ask({ query: `question ${index}` }));
    await until(() => waiting.length === 50);
    const refused = await app.ask({ query: "one too many" });
    assert.deepEqual([refused.statusCode, refused.headers["retry-after"]], [503, "1"]);
    assert.equal(waiting.length, 50);
    assert.match(await app.registry.metrics(), /chat_requests_in_flight 100/);
    open();
    await until(() => waiting.length === 50);
    open();
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ statusCode }) => statusCode)), new Set([200]));
    assert.match(
      await app.registry.metrics(),
      /chat_request_duration_seconds_count\{kind="general",result="overload"\} 1/,
    );
  });

  it("answers the same question once for all who ask it at the same time", async () => {
    const { answerer, waiting, open } = gate();
    await using app = service(answerer);
    const asked = Array.from({ length: 40 }, () => app.ask({ query: "the same" }));
    await until(() => waiting.length > 0);
    for (let turns = 0; turns < 20; turns++) await turn();
    assert.equal(waiting.length, 1);
    open();
    const answers = await Promise.all(asked);
    assert.equal(answers.filter(({ headers }) => headers["x-cache"] === "shared").length, 39);
  });

  it("gives up after the time limit, also on a request that only waits, and makes room for the next", async () => {
    const { answerer, waiting, open } = gate();
    await using app = service(answerer, { concurrent: 1, queue: 1, timeLimit: 1000 });
    const late = await Promise.all([app.ask({ query: "worked on" }), app.ask({ query: "waiting" })]);
    assert.deepEqual(
      late.map(({ statusCode, body }) => [statusCode, body]),
      Array.from({ length: 2 }, () => [504, '{"error":"no answer within 1 s"}']),
    );
    const before = waiting.length;
    const next = app.ask({ query: "next" });
    await until(() => waiting.length > before);
    open();
    assert.equal((await next).statusCode, 200);
  });

  it("tells the answerer when to stop", async () => {
    let stopped: unknown;
    const answerer: Answerer = {
      answer: (_query, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => {
            stopped = signal.reason;
            reject(signal.reason as Error);
          }),
        ),
    };
    await using app = service(answerer, { timeLimit: 50 });
    assert.equal((await app.ask({ query: "endless" })).statusCode, 504);
    await until(() => stopped !== undefined);
  });

  it("says 502 when the answerer fails, keeps the reason for the log, and does not cache it", async () => {
    let calls = 0;
    const answerer: Answerer = {
      answer: () =>
        calls++ === 0
          ? Promise.reject(new Error("token sk-canary refused"))
          : echo.answer({ kind: "general", key: "", text: "" }, AbortSignal.abort()),
    };
    const logged: unknown[] = [];
    await using app = service(answerer, { log: (event, details) => logged.push([event, details]) });
    const failed = await app.ask({ query: "try" });
    assert.deepEqual([failed.statusCode, failed.body], [502, '{"error":"the answerer failed"}']);
    assert.deepEqual(logged, [["chat.answerer-failed", { reason: "token sk-canary refused" }]]);
    assert.equal((await app.ask({ query: "try" })).statusCode, 200);
  });

  it("refuses what is no question with 400", async () => {
    await using app = service(echo);
    const bodies = [
      {},
      { query: "" },
      { query: " \u200b\n" },
      { query: "x".repeat(4001) },
      { query: "x", kind: "rumour" },
    ];
    for (const body of bodies) assert.equal((await app.ask(body)).statusCode, 400, JSON.stringify(body));
    assert.equal((await app.ask({ query: "x", kind: "code" })).json<{ kind: string }>().kind, "code");
  });

  it("shows the last requests, the newest first, to those who may read them", async () => {
    await using app = service(echo, {
      historyGuard: (request, reply, done) => {
        if (request.headers["x-role"] === "operator") done();
        else void reply.code(403).send({ error: "operators only" });
      },
    });
    for (const query of ["one", "two", "two"]) await app.ask({ query });
    assert.equal((await app.inject("/chat/history")).statusCode, 403);
    const answer = await app.inject({ url: "/chat/history?limit=2", headers: { "x-role": "operator" } });
    const { entries } = answer.json<{ entries: { query: string; result: string }[] }>();
    assert.deepEqual(
      entries.map(({ query, result }) => [query, result]),
      [
        ["two", "hit"],
        ["two", "miss"],
      ],
    );
  });

  it("remembers 1,000 requests and no more", () => {
    const history = new History();
    for (let index = 0; index < 2500; index++)
      history.add({ at: "", query: `${index} ${"x".repeat(1000)}`, kind: "general", result: "hit", milliseconds: 1 });
    assert.equal(history.size, 1000);
    const all = history.latest(5000).map(({ query }) => Number.parseInt(query));
    assert.deepEqual([all.length, all[0], all.at(-1)], [1000, 2499, 1500]);
    assert.ok(history.latest(1).every(({ query }) => query.length === 500));
  });
});

describe("the score route", () => {
  it("gives the nearest passages, from the cache the second time", async () => {
    const registry = new Registry();
    const cache = new Cache({ registry, memory: { entries: 10, bytes: 2 ** 20 } });
    const library = await Library.open({ wasm: "/no/such/kernel.wasm" }, ["the disk is full", "a queue grows"]);
    await using app = Object.assign(Fastify(), { [Symbol.asyncDispose]: () => app.close() });
    registerScore(app, { cache, library });
    const score = (payload: object) => app.inject({ method: "POST", url: "/score", payload });
    const first = await score({ query: "disk full", limit: 1 });
    const { engine, passages } = first.json<{ engine: string; passages: { passage: string; score: number }[] }>();
    assert.deepEqual([engine, passages.map(({ passage }) => passage)], ["javascript", ["the disk is full"]]);
    assert.ok((passages[0]?.score ?? 0) > 0.5);
    const again = await score({ query: " Disk full? ", limit: 1 });
    assert.deepEqual([again.headers["x-cache"], again.body], ["memory", first.body]);
    assert.equal((await score({ query: "disk", limit: 101 })).statusCode, 400);
  });
});
