import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "amqplib";
import type { ServiceProcess } from "./process.ts";
import { postgresVariables, rabbitmqVariables, startService, until } from "./process.ts";
import type { Restartable } from "./servers.ts";
import { CANARY, startPostgres, startRabbitmq } from "./servers.ts";

const SOURCES = 2;
const WORKERS = 3;
const EACH = 1500;
/** Of 100 positions the first two are spoilt. */
const INVALID_PERCENT = 2;
const SPOILT = (SOURCES * EACH * INVALID_PERCENT) / 100;

describe("the pipeline of the reference service", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let broker: Restartable;
  before(async () => {
    [postgres, broker] = await Promise.all([startPostgres(), startRabbitmq()]);
  });
  after(async () => {
    await Promise.all([postgres, broker].map((server) => server[Symbol.asyncDispose]()));
  });

  /** Processes on a queue and table of their own; all are stopped at the end of the test. */
  async function pipeline(queue: string, stack: AsyncDisposableStack) {
    postgres.query("DROP TABLE IF EXISTS items");
    const common = { ...postgresVariables(postgres), ...rabbitmqVariables(broker), QUEUE_NAME: queue };
    const start = async (variables: Record<string, string>) =>
      stack.use(await startService({ ...common, ...variables }));
    const workers = await Promise.all(
      Array.from({ length: WORKERS }, () =>
        start({
          SERVICE_ROLE: "worker",
          WORKER_PREFETCH: "100",
          WORKER_BATCH: "20",
          WORKER_BATCH_WAIT_SECONDS: "0.05",
        }),
      ),
    );
    const sources = await Promise.all(
      Array.from({ length: SOURCES }, (_, index) =>
        start({
          SERVICE_ROLE: "source",
          SOURCE_START: String(index * EACH),
          SOURCE_ITEMS: String(EACH),
          SOURCE_INVALID_PERCENT: String(INVALID_PERCENT),
          DOWNLOAD_DELAY_SECONDS: "0.005",
        }),
      ),
    );
    return { workers, sources };
  }

  const stored = () => Number(postgres.query("SELECT count(*) FROM items"));
  const produced = async (sources: readonly ServiceProcess[]) =>
    (await Promise.all(sources.map((source) => source.metric("pipeline_items_produced_total")))).reduce<number>(
      (sum, value) => sum + (value ?? 0),
      0,
    );

  /** Every good item once, every spoilt one among the dead letters, nothing else anywhere. */
  async function assertComplete(queue: string, deadAtMost = SPOILT): Promise<void> {
    const connection = await connect({
      hostname: "127.0.0.1",
      port: broker.port,
      vhost: "tracks",
      username: "tracks",
      password: CANARY,
    });
    const channel = await connection.createChannel();
    const waiting = async (name: string) => (await channel.checkQueue(name)).messageCount;
    await until(async () => stored() === SOURCES * EACH - SPOILT && (await waiting(queue)) === 0);
    await until(async () => (await waiting(`${queue}.dead`)) >= SPOILT);
    const dead = await waiting(`${queue}.dead`);
    assert.ok(dead <= deadAtMost, `${dead} dead letters`);
    assert.equal(Number(postgres.query("SELECT count(DISTINCT id) FROM items")), SOURCES * EACH - SPOILT);
    assert.equal(
      postgres.query("SELECT count(*) FROM items WHERE id LIKE 'track-0000000%00'"),
      "0",
      "these were spoilt",
    );
    await connection.close();
  }

  it("loses nothing and stores nothing twice when a worker is killed, and puts aside what is no item", async () => {
    await using stack = new AsyncDisposableStack();
    const { workers, sources } = await pipeline("killed", stack);
    await until(() => stored() > 300);
    const [victim] = workers;
    assert.ok(victim);
    const ended = once(victim.process, "exit");
    victim.process.kill("SIGKILL");
    await ended;
    await assertComplete("killed");
    assert.equal(await produced(sources), SOURCES * EACH, "each was confirmed once");
    for (const running of [...workers, ...sources]) assert.ok(!running.output().includes(CANARY));
  });

  it("hands back what a worker has not written when it is told to stop", async () => {
    await using stack = new AsyncDisposableStack();
    const { workers } = await pipeline("stopped", stack);
    await until(() => stored() > 300);
    const [first] = workers;
    assert.ok(first);
    const ended = once(first.process, "exit");
    first.process.kill("SIGTERM");
    assert.deepEqual(await ended, [0, null]);
    await assertComplete("stopped");
  });

  it("goes on by itself after the database was away", async () => {
    await using stack = new AsyncDisposableStack();
    await pipeline("database", stack);
    await until(() => stored() > 300);
    await postgres.stop();
    await postgres.start();
    await assertComplete("database");
  });

  it("goes on by itself after the broker was away", async () => {
    await using stack = new AsyncDisposableStack();
    await pipeline("broker", stack);
    await until(() => stored() > 300);
    await broker.stop();
    await broker.start();
    // what the source could not have confirmed it sends again; a spoilt item can so come to the dead letters twice
    await assertComplete("broker", 2 * SPOILT);
  });
});
