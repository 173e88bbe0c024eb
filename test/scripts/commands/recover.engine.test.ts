import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { execa } from "execa";
import { after, before, describe, it } from "mocha";
import { type Simulator, parseFault, startSimulator } from "../../../scripts/rehearsal/clouds/simulator.ts";
import { type ExportedState, isManaged, resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { type Engine, engineEnvironment } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import type { Recovery } from "../../../scripts/rehearsal/recover.ts";
import { assertRefused, groundwork, temporaryHome } from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { realEngine, until } from "../engine/tiny.ts";

/** What AWS's tagging API would answer of the simulated account. */
function taggingApi(inventory: () => Simulator["inventory"]): Server {
  return createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const { TagFilters } = JSON.parse(text) as { TagFilters: readonly { readonly Values: readonly string[] }[] };
      const found = inventory().taggedWith(TagFilters[0]?.Values[0] ?? "");
      const ResourceTagMappingList = found.map(({ properties }) => ({ ResourceARN: properties["arn"] }));
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify({ PaginationToken: "", ResourceTagMappingList }));
    });
  });
}

describe("groundwork recover, on a stack that the plain CLI deploys", () => {
  const backend = temporaryFolder();
  const pulumiHome = temporaryFolder();
  const locks = join(backend, ".pulumi/locks/organization/every-operation/test");
  let home: string;
  let project: string;
  let engine: Engine;
  let simulator: Simulator;
  let server: Server;
  let env: Record<string, string>;
  let enginePid: number | undefined;

  const pulumi = (...args: string[]) => {
    const running = execa(engine.pulumi, [...args, "--stack", "test", "--non-interactive"], {
      cwd: project,
      env: engineEnvironment(engine, { ...process.env, ...env }),
      extendEnv: false,
      stdin: "ignore",
      reject: false,
    });
    enginePid = running.pid;
    return running;
  };
  // one thing at a time: what else is under way when the power fails would be another test
  const up = () => pulumi("up", "--yes", "--skip-preview", "--parallel", "1");
  const recover = (...args: string[]) =>
    groundwork(["recover", "-s", "test", "--project", project, "--json", ...args], { home, env });
  const exported = async (): Promise<ExportedState> =>
    JSON.parse((await pulumi("stack", "export")).stdout) as ExportedState;

  before(async () => {
    [home, engine] = [await temporaryHome(), await realEngine()];
    project = fixture("every-operation");
    simulator = await startSimulator({
      inventory: join(temporaryFolder(), "inventory.jsonl"),
      sealingKey: Buffer.alloc(32, 7),
      sdkRoot: groundworkRoot,
      cache: join(home, "cache/schemas"),
      powerCut: () => enginePid !== undefined && process.kill(enginePid, "SIGKILL"),
    });
    server = taggingApi(() => simulator.inventory);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    env = {
      PULUMI_BACKEND_URL: `file://${backend}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
      PULUMI_HOME: pulumiHome,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_DEBUG_PROVIDERS: simulator.debugProviders,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    };
    mkdirSync(backend, { recursive: true });
    assert.equal(
      (
        await execa(engine.pulumi, ["stack", "init", "test", "--non-interactive"], {
          cwd: project,
          env: engineEnvironment(engine, { ...process.env, ...env }),
          extendEnv: false,
        })
      ).exitCode,
      0,
    );
  });
  after(async () => {
    server.close();
    await simulator.stop();
  });

  it("finds nothing to do on a stack that nothing happened to", async () => {
    const { exitCode, stdout, stderr } = await recover();
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(JSON.parse(stdout), {
      lockCleared: false,
      adopted: [],
      dropped: [],
      refreshed: [],
      unsettled: [],
    });
  });

  it("clears the lock of a killed engine and takes into the state what AWS had made", async () => {
    simulator.resetOperations([parseFault("power:after@aws:ec2/vpc:Vpc")]);
    assert.equal((await up()).signal, "SIGKILL");
    assert.equal(readdirSync(locks).filter((name) => name.endsWith(".json")).length, 1);
    // the second, when the kill tore the attributes of the checkpoint
    assert.match((await up()).stderr, /currently locked|failed to load checkpoint/, "the next update is refused");

    const { exitCode, stdout, stderr } = await recover();
    assert.equal(exitCode, 0, stderr);
    assert.equal(stderr, "");
    const { lockCleared, adopted, unsettled } = JSON.parse(stdout) as Recovery;
    assert.deepEqual([lockCleared, unsettled], [true, []]);
    const [vpc] = simulator.inventory.all().filter(({ token }) => token === "aws:ec2/vpc:Vpc");
    assert.ok(
      adopted.some(({ urn, id }) => urn.endsWith("::net-vpc") && id === vpc?.id),
      stdout,
    );
    assert.equal((await exported()).deployment.pending_operations?.length ?? 0, 0);
  });

  it("lets the next update go on: everything is there once", async () => {
    simulator.resetOperations([]);
    const { exitCode, stderr, stdout } = await up();
    assert.equal(exitCode, 0, stderr || stdout);
    const state = resourcesOf(await exported()).filter(isManaged);
    assert.deepEqual(simulator.inventory.orphans(state), []);
    assert.equal(simulator.inventory.all().filter(({ token }) => token === "aws:ec2/vpc:Vpc").length, 1);
  });

  it("refuses while the engine is alive, and names it", async () => {
    assert.equal((await pulumi("config", "set", "phase", "2")).exitCode, 0);
    simulator.resetOperations([parseFault("hang:after@#1")]);
    const running = up();
    await until(() => existsSync(locks) && readdirSync(locks).some((name) => name.endsWith(".json")));
    assertRefused(await recover(), "stack test", `process ${running.pid}`, "wait");
    await until(() => simulator.operations > 0);
    running.kill("SIGKILL");
    await running;
  });

  it("settles what was changing too, and the stack can be torn down", async () => {
    const { exitCode, stdout, stderr } = await recover();
    assert.equal(exitCode, 0, stderr);
    assert.equal((JSON.parse(stdout) as Recovery).lockCleared, true);
    simulator.resetOperations([]);
    const again = await up();
    assert.equal(again.exitCode, 0, again.stderr || again.stdout);
    const destroyed = await pulumi("destroy", "--yes", "--skip-preview");
    assert.equal(destroyed.exitCode, 0, destroyed.stderr || destroyed.stdout);
    assert.deepEqual(simulator.inventory.orphans([]), []);
  });

  it("refuses a stack that this backend does not have, and a backend that is none", async () => {
    const wrong = { ...env, PULUMI_BACKEND_URL: `file://${temporaryFolder()}` };
    const args = ["recover", "-s", "test", "--project", project, "--json"];
    assertRefused(await groundwork(args, { home, env: wrong }), "no stack test", "pulumi stack init test");
    const nowhere = { ...env, PULUMI_BACKEND_URL: "", PULUMI_HOME: temporaryFolder(), PULUMI_ACCESS_TOKEN: "" };
    assertRefused(await groundwork(args, { home, env: nowhere }), "pulumi login");
  });
});
