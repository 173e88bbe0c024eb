import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { freePort } from "../../../helpers/server.ts";
import { redisVariables, runService, secretFile, startService, until } from "../service/process.ts";
import type { ServiceProcess } from "../service/process.ts";
import { startRedis } from "../service/servers.ts";

/** On a busy machine a layer may take longer than it should. */
const PATIENT = { CACHE_TIME_LIMIT_MILLISECONDS: "5000" };
const KEY = "k".repeat(32);

/** A token as an identity provider would sign it. https://www.rfc-editor.org/rfc/rfc7515#section-3.3 */
function token(...roles: string[]): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ sub: "test", roles })}`;
  return `${signed}.${createHmac("sha256", KEY).update(signed).digest("base64url")}`;
}

async function chat(service: ServiceProcess, query: string, headers: Readonly<Record<string, string>> = {}) {
  const answer = await fetch(`${service.url}/chat`, {
    method: "POST",
    body: JSON.stringify({ query }),
    headers: { "content-type": "application/json", ...headers },
  });
  return { status: answer.status, cache: answer.headers.get("x-cache"), body: await answer.text() };
}

const redisIsUp = async (service: ServiceProcess) => (await service.metric('dependency_up{dependency="redis"}')) === 1;

describe("the cached routes of the real service", () => {
  it("share answers by a real Redis, go on without it, and keep them on disk", async () => {
    await using redis = await startRedis();
    const CACHE_DISK_FOLDER = temporaryFolder();
    const variables = { ...redisVariables(redis), ...PATIENT };
    await using one = await startService({ ...variables, CACHE_DISK_FOLDER });
    await using other = await startService(variables);
    await until(async () => (await redisIsUp(one)) && (await redisIsUp(other)));

    const computed = await chat(one, "Why is the queue growing?");
    assert.deepEqual([computed.status, computed.cache], [200, "computed"]);
    assert.match(computed.body, /When a queue /);
    assert.deepEqual(await chat(one, "why is the queue  growing"), { ...computed, cache: "memory" });
    // an answer is on its way to Redis when the caller has it: one of these is asked for after it has arrived
    let asked = 0;
    await until(async () => {
      asked += 1;
      const { body } = await chat(one, `Why is queue ${asked} growing?`);
      const shared = await chat(other, `why is queue ${asked} growing`);
      assert.equal(shared.body, body);
      return shared.cache === "redis";
    });
    assert.equal(await other.metric('cache_requests_total{layer="redis",result="hit"}'), 1);

    await redis.stop();
    assert.deepEqual(await chat(one, "why is the queue growing"), { ...computed, cache: "memory" });
    assert.equal((await chat(one, "what about the disk?")).status, 200);
    await using third = await startService({ ...variables, CACHE_DISK_FOLDER });
    assert.deepEqual(await chat(third, "why is the queue growing"), { ...computed, cache: "disk" });
  });

  it("ask for a token where one is configured, and for the role operator to read the history", async () => {
    await using service = await startService({ JWT_SECRET_FILE: secretFile(KEY) });
    const bearer = (...roles: string[]) => ({ authorization: `Bearer ${token(...roles)}` });
    assert.equal((await chat(service, "hello")).status, 401);
    assert.equal((await chat(service, "hello", bearer())).status, 200);
    assert.equal((await service.get("/chat/history", bearer())).status, 403);
    const { entries } = (await service.get("/chat/history", bearer("operator"))).json<{
      entries: { query: string }[];
    }>();
    assert.deepEqual(
      entries.map(({ query }) => query),
      ["hello"],
    );
    // a line is written when its response is out
    await until(() => service.events("audit").length === 4);
    assert.deepEqual(
      service.events("audit").map(({ operation, status }) => [operation, status]),
      [
        ["POST /chat", 401],
        ["POST /chat", 200],
        ["GET /chat/history", 403],
        ["GET /chat/history", 200],
      ],
    );
    assert.ok(!service.output().includes("hello"), "what was asked is in no log");
  });

  it("turn away who is too many, while others are served", async () => {
    await using service = await startService({ CHAT_CONCURRENT_REQUESTS: "1", CHAT_QUEUE: "0" });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => chat(service, `question ${index}`)));
    assert.ok(answers.some(({ status }) => status === 200));
    assert.ok(answers.every(({ status }) => status === 200 || status === 503));
    assert.equal(await service.metric("chat_requests_in_flight"), 0);
  });

  it("are the business of role api alone", async () => {
    await using source = await startService({
      SERVICE_ROLE: "source",
      RABBITMQ_HOST: "127.0.0.1",
      RABBITMQ_PORT: String(await freePort()),
      RABBITMQ_USER: "tracks",
    });
    assert.equal((await chat(source, "hello")).status, 404);
  });

  it("refuse settings that make no sense, in one sentence", async () => {
    const { code, errors } = await runService({ CHAT_CONCURRENT_REQUESTS: "0" });
    assert.deepEqual([code, errors], [2, 'CHAT_CONCURRENT_REQUESTS is "0"; write a number from 1 to 10000.\n']);
  });
});
