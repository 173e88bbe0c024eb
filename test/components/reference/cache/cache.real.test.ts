import assert from "node:assert/strict";
import { Redis } from "ioredis";
import { Registry } from "prom-client";
import { Cache } from "../../../../components/reference/service/cache/cache.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { freePort, program, started } from "../../../helpers/server.ts";

const MINUTE = 60_000;
/** On a busy machine a layer may take longer than it should. */
const PATIENT = { timeLimit: 5000 };
const LONG = Buffer.from("a long answer, compressed on its way to Redis. ".repeat(200));
const never = () => Promise.reject(new Error("it was in the cache"));
const compute = () => Promise.resolve(LONG);

async function redisServer(port: number) {
  const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", temporaryFolder()];
  return started(program("redis-server", "redis-server"), options, /Ready to accept connections/);
}

function connected(port: number): Redis & Disposable {
  const client = new Redis({ host: "127.0.0.1", port, retryStrategy: () => 50, maxRetriesPerRequest: null });
  // it reports each attempt that fails, which is what these tests are about
  client.on("error", () => undefined);
  return Object.assign(client, { [Symbol.dispose]: () => client.disconnect() });
}

async function results(registry: Registry): Promise<Record<string, number>> {
  const { values = [] } = (await registry.getSingleMetric("cache_requests_total")?.get()) ?? {};
  return Object.fromEntries(values.map(({ labels, value }) => [`${labels["layer"]} ${labels["result"]}`, value]));
}

describe("the cache with a real Redis", () => {
  it("shares values between two processes, compressed, with their time to live", async () => {
    const port = await freePort();
    await using _server = await redisServer(port);
    using client = connected(port);
    const [one, other] = [1, 2].map(
      () =>
        new Cache({
          registry: new Registry(),
          memory: { entries: 10, bytes: 2 ** 20 },
          redis: { client },
          guard: PATIENT,
        }),
    );
    assert.ok(one !== undefined && other !== undefined);
    const first = await one.getOrCompute("greeting", 5 * MINUTE, compute);
    assert.equal(first.origin, "computed");
    await one.settled();
    assert.ok((await client.strlen("cache:greeting")) < LONG.length / 20);
    const left = await client.pttl("cache:greeting");
    assert.ok(left > 4 * MINUTE && left <= 5 * MINUTE, `${left} ms`);

    const second = await other.getOrCompute("greeting", 5 * MINUTE, never);
    assert.deepEqual([second.origin, second.expires], ["redis", first.expires], "its time does not begin again");
    assert.deepEqual(second.value, LONG);
    assert.equal((await other.getOrCompute("greeting", 5 * MINUTE, never)).origin, "memory");
    await Promise.all([one.close(), other.close()]);
  });

  it("goes on from memory, disk and computing when Redis hangs or dies, and uses it again when it is back", async () => {
    const port = await freePort();
    const registry = new Registry();
    using client = connected(port);
    const cache = new Cache({
      registry,
      memory: false,
      redis: { client },
      disk: { folder: temporaryFolder() },
      guard: { timeLimit: 500, rest: 300 },
    });
    {
      await using server = await redisServer(port);
      await cache.getOrCompute("a", MINUTE, compute);
      await cache.settled();
      assert.equal((await cache.getOrCompute("a", MINUTE, never)).origin, "redis");
      server.process.kill("SIGSTOP");
      assert.equal((await cache.getOrCompute("a", MINUTE, never)).origin, "disk", "it hangs");
    }
    for (let key = 0; key < 20; key++)
      assert.equal((await cache.getOrCompute(`b${key}`, MINUTE, compute)).origin, "computed", "it is dead");
    await cache.settled();
    const { "redis error": errors = 0, "redis skipped": skipped = 0 } = await results(registry);
    assert.ok(errors > 0 && skipped > 0, `${errors} errors, ${skipped} skipped`);

    await using _again = await redisServer(port);
    let origin = "";
    for (let attempt = 0; attempt < 100 && origin !== "redis"; attempt++) {
      await cache.getOrCompute(`c${attempt}`, MINUTE, compute);
      await cache.settled();
      ({ origin } = await cache.getOrCompute(`c${attempt}`, MINUTE, never));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(origin, "redis");
    await cache.close();
  });

  it("takes a value of another program as a miss, and writes its own", async () => {
    const port = await freePort();
    await using _server = await redisServer(port);
    using client = connected(port);
    const registry = new Registry();
    const cache = new Cache({ registry, memory: false, redis: { client, prefix: "system:" }, guard: PATIENT });
    await client.set("system:a", "no entry");
    assert.equal((await cache.getOrCompute("a", MINUTE, compute)).origin, "computed");
    await cache.settled();
    assert.equal((await cache.getOrCompute("a", MINUTE, never)).origin, "redis");
    assert.deepEqual(await results(registry), { "redis error": 1, "redis hit": 1 });
    await cache.close();
  });
});
