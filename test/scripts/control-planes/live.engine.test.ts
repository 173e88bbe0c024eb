import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { execa } from "execa";
import type { ControlPlanes } from "../../../scripts/rehearsal/control-planes/index.ts";
import { descendants, killTree } from "../../../scripts/rehearsal/engine/index.ts";
import { isProcessAlive } from "../../../scripts/rehearsal/lock.ts";
import { Session } from "../../../scripts/rehearsal/session.ts";
import { foldersIn, groundwork, reportOf, temporaryHome } from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { until } from "./planes.ts";

/** Processes whose command line has this text: a control plane's have its folder there. */
async function processesWith(text: string): Promise<number[]> {
  const { stdout } = await execa("ps", ["-A", "-ww", "-o", "pid=,args="]);
  return stdout
    .split("\n")
    .filter((line) => line.includes(text) && /\b(etcd|kube-apiserver|kube-scheduler|kwok)\b/.test(line))
    .map((line) => Number(line.trim().split(" ")[0]))
    .filter(isProcessAlive);
}

describe("groundwork rehearse --live", () => {
  it("is killed in an update without a process left behind, and the next one starts anew and clean", async () => {
    const home = await temporaryHome();
    const project = fixture("live");
    const folders = foldersIn(home, project, "test");
    const args = ["rehearse", "--project", project, "--stack", "test", "--live", "--json"];
    const first = groundwork(args, { home });
    const running = async () => (await processesWith(folders.stack)).length;
    await until(async () => ((await running()) >= 4 ? true : undefined), "the start of a control plane");
    const { pid = 0 } = first;
    const engines = descendants(pid);
    assert.ok(engines.length > 4);
    process.kill(pid, "SIGKILL");
    await first;
    // what is no control plane of ours belongs to the engine, which outlives a killed rehearsal by a moment
    await until(async () => ((await running()) === 0 ? true : undefined), "the end of the control plane");
    for (const engine of engines) killTree(engine);
    assert.ok(existsSync(folders.unsaved), "the killed update had written no state");
    const second = await groundwork(args, { home });
    assert.equal(second.exitCode, 0, second.stderr || second.stdout);
    assert.equal(existsSync(folders.unsaved), false);
    const report = reportOf(second);
    const changes = Object.fromEntries(report.operations.map(({ name, changes: count }) => [name, count]));
    assert.deepEqual({ ...changes["up-again"], same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    assert.equal(report.live, true);
    assert.deepEqual(report.orphans, []);
    const live = report.controlPlanes ?? assert.fail("the report says nothing of control planes");
    const [plane] = live.controlPlanes;
    assert.match(plane?.version ?? "", /^v1\.36\./);
    assert.deepEqual(
      plane?.nodes.map(({ instanceType, count, zones }) => ({ instanceType, count, zones })),
      [{ instanceType: "m7i.large", count: 2, zones: ["us-west-2a", "us-west-2b"] }],
    );
    assert.ok(report.memoryMiB > plane.memoryMiB && plane.memoryMiB > 100);
    assert.ok(plane.deployments.total >= 2 && plane.deployments.available === plane.deployments.total);
    assert.deepEqual(
      live.autoscalers.map(({ name, active, metrics }) => ({ name, active, metrics })),
      [{ name: "backend", active: true, metrics: ["cpu 30% / 70%"] }],
    );
    assert.deepEqual({ refused: live.refused, pending: live.pendingPods }, { refused: [], pending: [] });
    assert.deepEqual(await processesWith(folders.stack), []);
  });
});

describe("a live session", () => {
  let session: Session;
  let planes: ControlPlanes;

  before(async () => {
    session = await Session.open({ project: fixture("live"), stack: "test", live: true, progress: () => undefined });
    planes = session.controlPlanes ?? assert.fail("the session is not live");
    const result = await session.operate("up", "up", false);
    assert.equal(result.exitCode, 0, JSON.stringify(result.diagnostics));
    assert.deepEqual(await planes.problems(), []);
  });

  after(() => session.forget());

  const api = async () => (await planes.inRegion("us-west-2")[0]?.api()) ?? assert.fail("there is no such region");
  const errors = ({ diagnostics }: Awaited<ReturnType<Session["operate"]>>): string =>
    diagnostics
      .filter(({ severity }) => severity === "error")
      .map(({ message }) => message)
      .join("\n");

  it("sees what somebody else has changed, and puts it back", async () => {
    const { client } = await api();
    const path = "/apis/apps/v1/namespaces/shop/deployments/web";
    await client.merge(path, { spec: { replicas: 1 } });
    const refreshed = await session.operate("refresh", "refresh", false);
    assert.equal(refreshed.exitCode, 0, errors(refreshed));
    assert.equal(refreshed.changes.update, 1);
    const { changes } = await session.operate("up", "up", false);
    assert.deepEqual({ ...changes, same: 0 }, { create: 0, update: 1, replace: 0, delete: 0, same: 0 });
    assert.equal(((await client.get(path))["spec"] as { replicas: number }).replicas, 2);
  });

  it("sees what somebody else has deleted, and makes it again", async () => {
    const { client } = await api();
    await client.call("DELETE", "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web");
    assert.equal((await session.operate("refresh", "refresh", false)).exitCode, 0);
    assert.equal((await session.operate("up", "up", false)).changes.create, 1);
    await client.get("/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web");
  });

  it("refuses in the preview what the API server of the existing cluster would refuse", async () => {
    session.configure({ extra: "privileged" });
    const result = await session.operate("preview", "preview", false);
    assert.notEqual(result.exitCode, 0);
    assert.match(errors(result), /the API server of us-west-2 refuses Pod shop\/privileged: .*violates PodSecurity/);
  });

  it("tells where the scheduler finds no room", async () => {
    session.configure({ extra: "homeless" });
    const result = await session.operate("up", "up", false);
    assert.notEqual(result.exitCode, 0);
    assert.match(
      errors(result),
      /Deployment shop\/homeless is not ready.*0\/2 nodes are available: 2 Insufficient cpu/s,
    );
    session.configure({ extra: "" });
    assert.equal((await session.operate("up", "up", false)).changes.delete, 1);
  });

  it("cannot be updated while its region is lost, and says so", async () => {
    const [region] = planes.inRegion("us-west-2");
    await region?.lose();
    session.configure({ replicas: 1 });
    const result = await session.operate("up", "up", false);
    assert.match(errors(result), /configured Kubernetes cluster is unreachable/);
    await region?.recover();
    const after = await session.operate("up", "up", false);
    assert.equal(errors(after), "");
    assert.equal(after.changes.update, 1);
  });

  it("is torn down with all that it made", async () => {
    const { exitCode, changes } = await session.operate("destroy", "destroy", false);
    assert.equal(exitCode, 0);
    assert.ok(changes.delete > 20);
    assert.deepEqual(planes.regions, []);
  });
});
