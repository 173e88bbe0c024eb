import assert from "node:assert/strict";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { overrideFile, readOverrides } from "@groundwork/lib/runtime-override";
import { type Simulator, startSimulator } from "../../../scripts/rehearsal/clouds/simulator.ts";
import { type Engine, engineEnvironment } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { assertRefused, groundwork, temporaryHome } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { realEngine } from "../engine/tiny.ts";

/** Answers as Prometheus does, with one load for every query. */
function prometheus(load: () => number): Server {
  return createServer((request, response) => {
    request.resume();
    const result = [{ metric: {}, value: [0, String(load())] }];
    response.end(JSON.stringify({ status: "success", data: { resultType: "vector", result } }));
  });
}

describe("groundwork autoscale, on a stack that the plain CLI deployed", () => {
  const project = temporaryFolder();
  let home: string;
  let engine: Engine;
  let simulator: Simulator;
  let server: Server;
  let env: Record<string, string>;
  let load = 10;

  const pulumi = (...args: string[]) =>
    execa(engine.pulumi, [...args, "--stack", "test", "--non-interactive"], {
      cwd: project,
      env: engineEnvironment(engine, { ...process.env, ...env }),
      extendEnv: false,
      stdin: "ignore",
    });
  const autoscale = (...args: string[]) =>
    groundwork(["autoscale", "-s", "test", "--project", project, "--once", ...args], { home, env });
  const workers = () =>
    simulator.inventory
      .all()
      .filter(
        ({ token, properties }) => token.includes("Container") && /-worker-\d+$/.test(String(properties["name"])),
      );

  before(async () => {
    [home, engine] = [await temporaryHome(), await realEngine()];
    await copyProject(groundworkRoot, project);
    writeFileSync(
      join(project, "Pulumi.test.yaml"),
      "config:\n  groundwork:target: docker\n  groundwork:systems: [flowx]\n  groundwork:monitoring: false\n  groundwork:protect: false\n",
    );
    simulator = await startSimulator({
      inventory: join(temporaryFolder(), "inventory.jsonl"),
      sealingKey: Buffer.alloc(32, 7),
      sdkRoot: groundworkRoot,
      cache: join(home, "cache/schemas"),
      directory: project,
    });
    server = prometheus(() => load);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    env = {
      PULUMI_BACKEND_URL: `file://${temporaryFolder()}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_HOME: temporaryFolder(),
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_PROVIDERS: simulator.debugProviders,
    };
    await pulumi("stack", "init");
    await pulumi("up", "--yes", "--skip-preview");
  });
  after(async () => {
    server.close();
    await simulator.stop();
    rmSync(project, { recursive: true, force: true });
  });

  const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  it("looks and changes nothing as long as the load is low", async () => {
    const { exitCode, stdout, stderr } = await autoscale("--prometheus", url(), "--json");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), [
      { workload: "flowx/worker", from: 1, to: 1, reason: "CPU 10 %, memory 10 %" },
    ]);
    assert.equal(workers().length, 1);
  });

  it("deploys more replicas when the load is seen twice, and the next update of anybody keeps them", async () => {
    load = 140;
    await autoscale("--prometheus", url());
    assert.equal(workers().length, 1);
    const { exitCode, stderr } = await autoscale("--prometheus", url());
    assert.equal(exitCode, 0, stderr);
    assert.equal(workers().length, 2);
    assert.deepEqual(readOverrides(overrideFile(project, "test")), { "flowx/worker": 2 });
    const { stdout } = await pulumi("up", "--yes", "--skip-preview");
    assert.match(stdout, /flowx\/worker keeps the 2 replicas that groundwork autoscale decided/);
    assert.equal(workers().length, 2);
  });

  it("fails in one sentence when Prometheus does not answer, and changes nothing", async () => {
    const { exitCode, stderr } = await autoscale("--prometheus", "http://127.0.0.1:9");
    assert.equal(exitCode, 1);
    assert.match(stderr, /Prometheus at http:\/\/127\.0\.0\.1:9 does not answer/);
    assert.equal(workers().length, 2);
  });

  it("refuses what it cannot use", async () => {
    assertRefused(await autoscale("--interval", "0"), "--interval", '"0"', "1 to 3600");
    assertRefused(await autoscale("--prometheus", "ftp://x"), "--prometheus", "ftp://x", "http://");
    writeFileSync(overrideFile(project, "test"), "{");
    assertRefused(await autoscale("--prometheus", url(), "--dry-run"), overrideFile(project, "test"), "delete it");
    rmSync(overrideFile(project, "test"));
    assert.equal(existsSync(overrideFile(project, "test")), false);
  });
});
