import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createServer } from "node:net";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort, started } from "../../helpers/server.ts";

const SOURCE = join(import.meta.dirname, "../../../components/reference/service");

/** The service as the image runs it: built to JavaScript, started by itself. */
async function service(environment: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder();
  execFileSync(process.execPath, [join(SOURCE, "build.ts"), folder], { stdio: "pipe" });
  cpSync(join(SOURCE, "package.json"), join(folder, "package.json"));
  const port = await freePort();
  const running = await started(process.execPath, [join(folder, "main.js")], /listening on \d+/, {
    env: { ...environment, PORT: String(port) },
  });
  return Object.assign(running, { url: `http://127.0.0.1:${port}`, port });
}

describe("the reference service", () => {
  it("answers /health and counts what it answered in /metrics, without the caller's paths", async () => {
    await using running = await service();
    assert.equal((await fetch(`${running.url}/health`)).status, 200);
    assert.equal((await fetch(`${running.url}/no/such/path`)).status, 404);
    assert.equal((await fetch(running.url, { method: "POST", body: "x" })).status, 405);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    assert.match(metrics, /http_request_duration_seconds_count\{method="GET",route="\/health",status="200"\} 1/);
    assert.match(metrics, /http_request_duration_seconds_count\{method="GET",route="other",status="404"\} 1/);
    assert.match(metrics, /http_requests_in_flight 1/);
    assert.match(metrics, /process_resident_memory_bytes \d+/);
    assert.doesNotMatch(metrics, /such/);
  });

  it("says which of its tiers it can reach", async () => {
    const tier = createServer().listen(0, "127.0.0.1");
    await once(tier, "listening");
    const address = tier.address();
    assert.ok(typeof address === "object" && address !== null);
    const closed = await freePort();
    await using running = await service({
      PGHOST: "127.0.0.1",
      PGPORT: String(address.port),
      REDIS_HOST: "127.0.0.1",
      REDIS_PORT: String(closed),
    });
    const answer = await fetch(`${running.url}/health/detailed`);
    const body = (await answer.json()) as { status: string; dependencies: Record<string, { reachable: boolean }> };
    tier.close();
    assert.equal(answer.status, 200, "restarting it would not bring the tier back");
    assert.equal(body.status, "degraded");
    assert.equal(body.dependencies["postgres"]?.reachable, true);
    assert.equal(body.dependencies["redis"]?.reachable, false);
  });

  it("finishes a request that is in flight when it is told to stop, then ends with 0", async () => {
    await using running = await service({ PGHOST: "10.255.255.1" });
    // nothing answers at that address, so this request takes the whole second of the check
    const inFlight = new Promise<number>((resolve, reject) => {
      request({ port: running.port, host: "127.0.0.1", path: "/health/detailed", agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .once("error", reject)
        .end();
    });
    await fetch(`${running.url}/health`);
    const ended = once(running.process, "exit");
    running.process.kill("SIGTERM");
    assert.ok([200, 503].includes(await inFlight));
    assert.deepEqual(await ended, [0, null]);
    await assert.rejects(fetch(`${running.url}/health`));
  });
});
