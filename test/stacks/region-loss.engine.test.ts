import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { resourcesOf } from "../../scripts/rehearsal/deployment.ts";
import type { OperationResult, Step } from "../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../scripts/rehearsal/settings.ts";
import { unreachableHint } from "../../scripts/rehearsal/unreachable.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";

const LOST = "us-west-2";
const TAKES_OVER = "us-east-1";
/** The regions stay in their order: only roles change. */
const SWAPPED: ConfigChange = { "regions[0].role": "failover", "regions[1].role": "primary" };

describe("production while a region is lost", () => {
  const project = temporaryFolder();
  let session: Session;

  before(async function () {
    this.timeout(600_000);
    await copyProject(groundworkRoot, project);
    session = await Session.open({ project, stack: "prod", checkpoints: false, progress: () => undefined });
    // one system shows it all, and is there in a fifth of the time
    session.configure({ systems: ["finai-nexus"], "cache.global": true });
    await run("up", "deployed");
    await session.loseRegion(LOST);
  });

  after(() => session.close());

  const operate = (command: "up" | "refresh" | "destroy", name: string): Promise<OperationResult> =>
    session.operate(command, name, false);

  async function run(command: "up" | "refresh" | "destroy", name: string): Promise<readonly Step[]> {
    const result = await operate(command, name);
    assert.equal(result.exitCode, 0, result.diagnostics.map(({ message }) => message).join("\n"));
    return result.steps.filter(({ op }) => !["same", "refresh", "read"].includes(op));
  }

  /** Objects in the lost region's cluster that something was done to. */
  const touched = (steps: readonly Step[]): string[] =>
    steps.filter(({ type, urn }) => type.startsWith("kubernetes:") && urn.includes(LOST)).map(({ urn }) => urn);

  const providers = (steps: readonly Step[]): string[] =>
    steps
      .filter(({ type }) => type === "pulumi:providers:kubernetes")
      .map(({ op, urn }) => `${op} ${urn.split("::").at(-1)}`);

  it("fails to change what nobody reaches, and names the key that decides about it", async function () {
    this.timeout(600_000);
    session.configure({ "workloads.finai-nexus.backend.cpu": "600m" });
    const result = await operate("up", "refused");
    assert.notEqual(result.exitCode, 0);
    const errors = result.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
    assert.match(errors.join("\n"), /configured Kubernetes cluster is unreachable: unable to load schema information/);
    assert.match(
      unreachableHint(session.project, result.diagnostics) ?? "",
      /the cluster in us-west-2 does not answer: .*set groundwork:unreachable\.us-west-2 to skip/,
    );
  });

  it("with skip updates the other regions alone, and replaces no provider", async function () {
    this.timeout(600_000);
    session.configure({ [`unreachable.${LOST}`]: "skip" });
    const steps = await run("up", "skipped");
    assert.deepEqual(touched(steps), []);
    assert.deepEqual(providers(steps), [`update ${LOST}-kubernetes`]);
    assert.deepEqual(await run("up", "skipped-again"), []);
    assert.deepEqual(await run("refresh", "refreshed"), []);
  });

  it("with skip takes swapped roles after the promotion", async function () {
    this.timeout(600_000);
    const { regions } = session.simulator;
    const [global] = resourcesOf(await session.export("state.json")).filter(
      ({ type }) => type === "aws:rds/globalCluster:GlobalCluster",
    );
    assert.equal(regions.promoteDatabase(global?.id ?? "", TAKES_OVER), undefined);
    assert.equal(regions.promoteDatastore("groundwork-prod-finai-nexus", TAKES_OVER), undefined);
    session.configure(SWAPPED);
    const steps = await run("up", "promoted");
    assert.deepEqual(touched(steps), []);
    const replaced = steps.filter(({ op, type }) => op.includes("replace") && type.startsWith("aws:"));
    assert.deepEqual(
      replaced.map(({ urn }) => urn),
      [],
    );
    assert.deepEqual(await run("up", "promoted-again"), []);
  });

  it("converges when the region is back, and nothing is orphaned", async function () {
    this.timeout(600_000);
    await session.returnRegion(LOST);
    session.configure({ unreachable: {} });
    const steps = await run("up", "returned");
    assert.ok(touched(steps).length > 0, "what was skipped is caught up on");
    assert.deepEqual(await run("up", "returned-again"), []);
    const state = resourcesOf(await session.export("state.json"));
    assert.deepEqual(session.simulator.inventory.orphans(state), []);
  });

  it("with delete is torn down, and what was left in the cluster is known", async function () {
    this.timeout(600_000);
    await session.loseRegion(LOST);
    session.configure({ [`unreachable.${LOST}`]: "delete", protect: false });
    assert.deepEqual(touched(await run("up", "unprotected")), []);
    await run("refresh", "forgotten");
    const { left } = session.simulator.regions;
    assert.ok(left.some(({ token }) => token === "kubernetes:apps/v1:Deployment"));
    assert.ok(left.every(({ urn }) => urn.includes(LOST)));
    await run("destroy", "destroyed");
    assert.deepEqual(session.simulator.inventory.orphans([]), []);
  });
});
