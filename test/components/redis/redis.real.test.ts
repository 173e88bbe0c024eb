import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { redisArguments, redisSettings } from "../../../components/redis/settings.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { freePort, program, started } from "../../helpers/server.ts";

const PASSWORD = "canary";

describe("a real Redis", () => {
  it("starts with the arguments of tracks, asks for the password and has every setting", async () => {
    const settings = redisSettings({
      size: { cpu: 2, memory: "2Gi" },
      maxClients: 1000,
      tcpKeepalive: 60,
      eviction: "allkeys-lru",
    });
    assert.deepEqual([settings["tcp-keepalive"], settings["maxmemory"]], ["60", "1536mb"]);
    const folder = temporaryFolder({ "redis.conf": `requirepass ${PASSWORD}\n` });
    const port = await freePort();
    const local = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder];
    await using _server = await started(
      program("redis-server", "redis-server"),
      [join(folder, "redis.conf"), ...local, ...redisArguments(settings)],
      /Ready to accept connections/,
    );
    const ask = (password: string, ...command: string[]) =>
      execFileSync(program("redis-cli", "redis-tools"), ["-p", String(port), ...command], {
        encoding: "utf8",
        env: { ...process.env, REDISCLI_AUTH: password },
        stdio: "pipe",
      });
    assert.match(ask("", "PING"), /NOAUTH/);
    for (const [name, value] of Object.entries(settings)) {
      const [, actual] = ask(PASSWORD, "CONFIG", "GET", name).trim().split("\n");
      assert.equal(
        actual,
        value.replace(/^(\d+)mb$/, (_, size) => String(Number(size) * 2 ** 20)),
        name,
      );
    }
  });
});
