import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import type { Deployment, ExportedState } from "../../../scripts/rehearsal/deployment.ts";
import { type LookUpResult, type RecoverOptions, recover } from "../../../scripts/rehearsal/recover.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const URN = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net";
const vpc = { urn: URN, type: "aws:ec2/vpc:Vpc", custom: true, inputs: { cidrBlock: "10.0.0.0/16" } };
const creating = { type: "creating", resource: vpc } as const;

/** Stands for the CLI: keeps one state, and lets a refresh change it as the cloud would. */
function fake(
  deployment: Deployment,
  answer: LookUpResult,
  refresh: (state: Deployment) => Deployment = (state) => state,
) {
  const commands: string[] = [];
  let state: ExportedState = { version: 3, deployment };
  const scratch = join(temporaryFolder(), "state.json");
  const options: RecoverOptions = {
    project: "shop",
    stack: "dev",
    scratch,
    lookUp: () => Promise.resolve(answer),
    progress: () => undefined,
    pulumi: (args) => {
      commands.push(args[0] === "stack" ? `stack ${args[1]}` : (args[0] ?? ""));
      if (args[1] === "export") writeFileSync(scratch, JSON.stringify(state));
      if (args[1] === "import") state = JSON.parse(readFileSync(scratch, "utf8")) as ExportedState;
      if (args[0] === "refresh") state = { ...state, deployment: refresh(state.deployment) };
      return Promise.resolve();
    },
  };
  return { options, commands, state: () => state.deployment };
}

describe("recover", () => {
  it("leaves a stack alone that nothing happened to", async () => {
    const { options, commands } = fake({ resources: [] }, { found: undefined });
    const recovery = await recover(options);
    assert.deepEqual(commands, ["stack export"]);
    assert.deepEqual(recovery, { lockCleared: false, adopted: [], dropped: [], refreshed: [], unsettled: [] });
  });

  it("takes a create that had taken effect into the state", async () => {
    const { options, state } = fake({ resources: [], pending_operations: [creating] }, { found: "vpc-1" });
    assert.deepEqual((await recover(options)).adopted, [{ urn: URN, id: "vpc-1" }]);
    assert.deepEqual(state().pending_operations, []);
    assert.deepEqual(state().resources, [{ ...vpc, id: "vpc-1", outputs: vpc.inputs }]);
  });

  it("drops a create that had not", async () => {
    const { options, state } = fake({ resources: [], pending_operations: [creating] }, { found: undefined });
    assert.deepEqual((await recover(options)).dropped, [URN]);
    assert.deepEqual(state(), { resources: [], pending_operations: [] });
  });

  it("leaves what a replacement replaces to be deleted by the next update", async () => {
    const old = { ...vpc, id: "vpc-0" };
    const { options, state } = fake({ resources: [old], pending_operations: [creating] }, { found: "vpc-1" });
    await recover(options);
    const left = state().resources?.map(({ id, delete: doomed }) => [id, doomed ?? false]);
    assert.deepEqual(left, [
      ["vpc-0", true],
      ["vpc-1", false],
    ]);
  });

  it("puts a replacement before what needs it, and after what it needs", async () => {
    const subnet = {
      urn: `${URN}-subnet`,
      type: "aws:ec2/subnet:Subnet",
      custom: true,
      id: "subnet-1",
      dependencies: [URN],
    };
    const log = { urn: `${URN}-log`, type: "aws:cloudwatch/logGroup:LogGroup", custom: true, id: "log-1" };
    const old = { ...vpc, id: "vpc-0", pendingReplacement: true };
    const replacement = { type: "creating", resource: { ...vpc, dependencies: [log.urn] } } as const;
    const before = { resources: [old, subnet, log], pending_operations: [replacement] };
    const { options, state } = fake(before, { found: "vpc-1" });
    await recover(options);
    assert.deepEqual(
      state().resources?.map(({ id }) => id),
      ["log-1", "vpc-1", "subnet-1"],
    );
  });

  it("forgets what was deleted before its replacement was created", async () => {
    const old = { ...vpc, id: "vpc-0", pendingReplacement: true };
    const { options, state } = fake({ resources: [old], pending_operations: [creating] }, { found: "vpc-1" });
    await recover(options);
    assert.deepEqual(
      state().resources?.map(({ id }) => id),
      ["vpc-1"],
    );
  });

  it("settles updates and deletes by reading the resource", async () => {
    const pending = { type: "deleting", resource: { ...vpc, id: "vpc-0" } } as const;
    const { options, commands, state } = fake(
      { resources: [pending.resource], pending_operations: [pending] },
      { found: undefined },
      (before) => ({ ...before, resources: [] }),
    );
    assert.deepEqual((await recover(options)).refreshed, [URN]);
    assert.ok(commands.includes("refresh"));
    assert.deepEqual(state(), { resources: [], pending_operations: [] });
  });

  it("keeps pending what nobody can tell, and says why", async () => {
    const { options, state } = fake({ resources: [], pending_operations: [creating] }, { unknown: "no credentials" });
    assert.deepEqual((await recover(options)).unsettled, [{ urn: URN, reason: "no credentials" }]);
    assert.deepEqual(state().pending_operations, [creating]);
  });

  it("does not take somebody else's resource of the same name", async () => {
    const role = { ...vpc, type: "aws:iam/role:Role", inputs: { name: "app", tags: { "groundwork:urn": URN } } };
    const { options, state } = fake(
      { resources: [], pending_operations: [{ type: "creating", resource: role }] },
      { found: "app" },
      (before) => ({
        ...before,
        resources: before.resources?.map((one) => ({ ...one, outputs: { name: "app", tags: {} } })) ?? [],
      }),
    );
    const recovery = await recover(options);
    assert.deepEqual([recovery.adopted, recovery.dropped], [[], [URN]]);
    assert.deepEqual(state().resources, []);
  });

  describe("meets a lock", () => {
    function locked(pid: number, host: string) {
      const folder = temporaryFolder();
      const locks = join(folder, ".pulumi/locks/organization/shop/dev");
      mkdirSync(locks, { recursive: true });
      const lock = { pid, username: "ann", hostname: host, timestamp: "2026-11-21T08:00:00Z" };
      writeFileSync(join(locks, "1.json"), JSON.stringify(lock));
      writeFileSync(join(locks, "1.json.attrs"), "{}");
      return { ...fake({ resources: [] }, { found: undefined }), backend: `file://${folder}` };
    }

    it("and clears it when its owner is dead", async () => {
      const { options, commands, backend } = locked(2 ** 22 + 1, hostname());
      assert.equal((await recover({ ...options, backend })).lockCleared, true);
      assert.deepEqual(commands, ["cancel", "stack export"]);
    });

    it("and refuses when its owner is alive", () => {
      const { options, backend } = locked(process.pid, hostname());
      return assertBadInput(() => recover({ ...options, backend }), `process ${process.pid}`, "ann", "wait");
    });

    it("and puts right what the kill left half-written", async () => {
      const { options, backend } = locked(2 ** 22 + 1, hostname());
      const root = join(backend.slice("file://".length), ".pulumi");
      const checkpoint = join(root, "stacks/shop/dev.json");
      mkdirSync(join(root, "stacks/shop"), { recursive: true });
      writeFileSync(checkpoint, '{"version":');
      writeFileSync(`${checkpoint}.bak`, '{"version":3}');
      writeFileSync(`${checkpoint}.attrs`, "");
      writeFileSync(join(root, "locks/organization/shop/dev/2.json"), "");
      await recover({ ...options, backend });
      assert.equal(readFileSync(checkpoint, "utf8"), '{"version":3}');
      assert.deepEqual(readdirSync(join(root, "stacks/shop")).sort(), ["dev.json", "dev.json.bak"]);
      assert.deepEqual(readdirSync(join(root, "locks/organization/shop/dev")).sort(), ["1.json", "1.json.attrs"]);
    });

    it("and refuses when its owner cannot be seen, unless it is forced", async () => {
      const { options, commands, backend } = locked(1, "elsewhere");
      await assertBadInput(() => recover({ ...options, backend }), "elsewhere", "--force");
      assert.deepEqual(commands, []);
      assert.equal((await recover({ ...options, backend, force: true })).lockCleared, true);
    });
  });
});
