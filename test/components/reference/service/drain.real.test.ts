import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceProcess } from "./process.ts";
import { postgresVariables, startService, until } from "./process.ts";
import { CANARY, startPostgres } from "./servers.ts";

const CALLERS = 20;
/** Of a load balancer, and shorter than the grace of the service, as it has to be. */
const CHECK_MILLISECONDS = 50;

describe("the reference service that is told to stop", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres[Symbol.asyncDispose]());

  const ready = (service: ServiceProcess) =>
    until(async () => (await service.get("/health/detailed")).text.includes('"status":"ok"'));

  it("fails no request under load: two replicas behind a balancer, one of them drained", async () => {
    const variables = { ...postgresVariables(postgres), DRAIN_GRACE_SECONDS: "0.5" };
    await using first = await startService(variables);
    await using second = await startService(variables);
    await Promise.all([ready(first), ready(second)]);
    const balancer = balance([first, second]);
    const load = Promise.all(Array.from({ length: CALLERS }, () => balancer.call("/api/stats")));
    await until(() => balancer.answered() > 200);

    const ended = once(first.process, "exit");
    first.process.kill("SIGTERM");
    await until(async () => (await statusOf(first.url, "/ready")) === 503);
    assert.deepEqual(await ended, [0, null]);
    const before = balancer.answered();
    await until(() => balancer.answered() > before + 100);
    balancer.stop();
    await load;
    assert.deepEqual(balancer.failures(), []);
    assert.deepEqual(
      first.events("draining").map(({ signal }) => signal),
      ["SIGTERM"],
    );
    assert.equal(first.events("stopped").length, 1);
    assert.ok(!first.output().includes(CANARY));
  });

  it("finishes a request that waits for the database, then ends with 0", async () => {
    await using service = await startService({
      ...postgresVariables(postgres),
      OPERATION_TIMEOUT_SECONDS: "10",
      PROBE_SECONDS: "60",
    });
    await ready(service);
    postgres.freeze();
    const inFlight = statusOf(service.url, "/api/stats");
    await until(async () => (await service.metric("http_requests_in_flight")) === 2);
    const ended = once(service.process, "exit");
    service.process.kill("SIGTERM");
    await until(async () => (await statusOf(service.url, "/health").catch(() => 0)) !== 200);
    // beyond the grace: nothing new is taken by now
    await until(async () => (await statusOf(service.url, "/health").catch(() => 0)) === 0);
    assert.equal(service.process.exitCode, null);
    postgres.thaw();
    assert.equal(await inFlight, 200);
    assert.deepEqual(await ended, [0, null]);
  });
});

/** Sends each request to the next replica that is healthy, over kept connections; it does not try again. */
function balance(replicas: readonly ServiceProcess[]) {
  const agent = new Agent({ keepAlive: true });
  const healthy = new Set(replicas);
  const failures: string[] = [];
  let answered = 0;
  let isStopped = false;
  const check = async (replica: ServiceProcess): Promise<void> => {
    while (!isStopped) {
      const status = await statusOf(replica.url, "/health").catch(() => 0);
      if (status === 200) healthy.add(replica);
      else healthy.delete(replica);
      await sleep(CHECK_MILLISECONDS);
    }
  };
  for (const replica of replicas) void check(replica);
  return {
    answered: () => answered,
    failures: () => failures,
    stop: () => {
      isStopped = true;
    },
    async call(path: string): Promise<void> {
      for (let turn = 0; !isStopped; turn++) {
        const [...able] = healthy;
        const replica = able[turn % able.length];
        const status = await statusOf(replica?.url ?? "", path, agent).catch((error: unknown) => String(error));
        if (status === 200) answered += 1;
        else failures.push(String(status));
      }
    },
  };
}

function statusOf(url: string, path: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url + path, { agent: agent ?? false }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
      response.once("error", reject);
    })
      .once("error", reject)
      .end();
  });
}
