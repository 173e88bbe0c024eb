import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { exporterEnvironment, passwordMap } from "../../../components/redis/exporter.ts";
import { redisArguments, redisSettings } from "../../../components/redis/settings.ts";
import type { RedisSpec } from "../../../components/redis/spec.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort, program, started } from "../../helpers/server.ts";

const PASSWORD = "canary";

/** As systems.md has them. */
const SYSTEMS: Readonly<Record<string, RedisSpec>> = {
  tracks: { size: { cpu: 2, memory: "2Gi" }, maxClients: 1000, tcpKeepalive: 60, eviction: "allkeys-lru" },
  flowx: {
    size: { cpu: 1, memory: "768Mi" },
    maxMemory: "512Mi",
    eviction: "allkeys-lru",
    save: "900 1",
    tcpKeepalive: 300,
    maxClients: 1000,
  },
  sophia: { size: { cpu: 2, memory: "5Gi" }, maxMemory: "4Gi", eviction: "allkeys-lru", maxClients: 1000 },
};

describe("a real Redis", () => {
  const folder = temporaryFolder();

  async function server(spec: RedisSpec) {
    const port = await freePort();
    const own = temporaryFolder({ "redis.conf": `requirepass ${PASSWORD}\n` });
    const local = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
    const running = await started(
      program("redis-server", "redis-server"),
      [join(own, "redis.conf"), ...local, ...redisArguments(redisSettings(spec))],
      /Ready to accept connections/,
    );
    return Object.assign(running, { port });
  }

  const ask = (port: number, password: string, ...command: string[]) =>
    execFileSync(program("redis-cli", "redis-tools"), ["-p", String(port), ...command], {
      encoding: "utf8",
      env: { ...process.env, REDISCLI_AUTH: password },
      stdio: "pipe",
    });

  for (const [system, spec] of Object.entries(SYSTEMS)) {
    it(`starts with the arguments of ${system}, asks for the password and has every setting`, async () => {
      await using redis = await server(spec);
      assert.match(ask(redis.port, "", "PING"), /NOAUTH/);
      for (const [name, value] of Object.entries(redisSettings(spec))) {
        const [, actual] = ask(redis.port, PASSWORD, "CONFIG", "GET", name).trim().split("\n");
        assert.equal(
          actual,
          value.replace(/^(\d+)mb$/, (_, size) => String(Number(size) * 2 ** 20)),
          name,
        );
      }
    });
  }

  it("is seen by the exporter, which takes the password from its file", async () => {
    await using first = await server({ size: { cpu: 1, memory: "256Mi" }, maxMemory: "128Mi", maxClients: 100 });
    await using second = await server({ size: { cpu: 1, memory: "256Mi" }, maxMemory: "64Mi", maxClients: 100 });
    const targets = [first, second].map(({ port }) => `redis://127.0.0.1:${port}`);
    const passwords = temporaryFolder({ "passwords.json": passwordMap(targets, PASSWORD) });
    const port = await freePort();
    await using _exporter = await started(
      program("prometheus-redis-exporter", "prometheus-redis-exporter"),
      ["--web.listen-address", `127.0.0.1:${port}`],
      /Providing metrics|listening/i,
      { env: exporterEnvironment(targets[0] ?? "", join(passwords, "passwords.json")) },
    );
    const read = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    assert.match(await read("/metrics"), /^redis_up 1$/m);
    assert.match(await read("/metrics"), /^redis_memory_max_bytes 1\.34217728e\+08$/m);
    assert.match(await read(`/scrape?target=${targets[1] ?? ""}`), /^redis_memory_max_bytes 6\.7108864e\+07$/m);
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
  });
});
