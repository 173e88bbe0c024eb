import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import type Docker from "dockerode";
import { before, it } from "mocha";
import { OWNER_LABEL } from "../../../scripts/rehearsal/docker-live/ownership.ts";
import { Session } from "../../../scripts/rehearsal/session.ts";
import { assertRefused, foldersIn, groundwork, reportOf, shareCache } from "../../helpers/command-line.ts";
import { describeContainers } from "../../helpers/containers.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { engineBench } from "./bench.ts";

const CONTAINERS = "docker:index/container:Container";

const changes = (report: RehearsalReport, name: string) => {
  const found = report.operations.find((operation) => operation.name === name)?.changes;
  return found === undefined ? undefined : { ...found, same: 0 };
};
const none = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };

/** What the program's upload has put into a container: the first file of an archive, after its header of 512 bytes. */
async function secretOf(container: Docker.Container): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await container.getArchive({ path: "/run/secrets/password" })) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks)
    .subarray(512, 512 + 24)
    .toString("utf8");
}

describeContainers("groundwork rehearse --live with a stack of Docker", () => {
  const bench = engineBench();
  const project = fixture("docker");
  const args = ["rehearse", "--project", project, "--stack", "test", "--json"];
  const run = (...more: string[]) =>
    groundwork([...args, ...more], { home: bench.home, env: { DOCKER_HOST: bench.engine.host } });
  const ours = async () =>
    (await bench.docker.listContainers({ all: true, filters: { label: [OWNER_LABEL] } })).map(({ Names }) => Names[0]);

  before(() => shareCache(bench.home));

  it("carries the plan out on the engine, changes nothing the second time, and leaves nothing", async () => {
    const result = await run("--live");
    assert.equal(result.exitCode, 0, result.stderr || result.stdout);
    const report = reportOf(result);
    assert.deepEqual(changes(report, "up-again"), none);
    assert.deepEqual(changes(report, "change-up"), { ...none, create: 1 });
    assert.deepEqual([report.live, report.orphans, report.stopped], [true, [], undefined]);
    const engine = report.dockerEngine ?? assert.fail("the report says nothing of the engine");
    assert.equal(engine.host, bench.engine.host);
    assert.deepEqual(
      engine.containers.map(({ name, state, user, memoryMiB, cpus }) => ({ name, state, user, memoryMiB, cpus })),
      [1, 2, 3].map((number) => {
        const limits = { user: "1000:1000", memoryMiB: 32, cpus: 0.2 };
        return { name: `gw-fixture-app-${number}`, state: "healthy", ...limits };
      }),
    );
    assert.equal(engine.things[CONTAINERS], 3);
    assert.deepEqual(
      engine.leftOut.map(({ urn }) => urn.split("::").at(-1)),
      ["left-out", "missing"],
    );
    assert.match(
      engine.leftOut[0]?.why ?? "",
      /^nobody\.invalid\/has\/it:1: the registry nobody\.invalid cannot be reached/,
    );
    assert.deepEqual(await ours(), []);
    const { Volumes } = await bench.docker.listVolumes();
    assert.deepEqual(Volumes ?? [], []);
    const networks = await bench.docker.listNetworks();
    assert.deepEqual(
      networks.filter(({ Name }) => Name.startsWith("gw-fixture")),
      [],
    );
  });

  it("loses power after a container was made, and the next run completes", async () => {
    const first = await run("--live", "--fault", `power:after@urn:pulumi:test::containers::${CONTAINERS}::app-1`);
    assert.equal(first.exitCode, 1);
    assert.ok((await ours()).length > 0, "what was made goes on running");
    const simulated = await run();
    assertRefused(simulated, "--live", "Docker Engine", "end it first with");
    const second = await run("--live");
    assert.equal(second.exitCode, 0, second.stderr || second.stdout);
    assert.deepEqual(reportOf(second).orphans, []);
    assert.deepEqual(await ours(), []);
  });

  it("shows what somebody changed by hand, and makes it good", async () => {
    const folders = foldersIn(bench.home, project, "test");
    const hostBefore = process.env["DOCKER_HOST"];
    process.env["DOCKER_HOST"] = bench.engine.host;
    const session = await Session.open({ project, stack: "test", live: true, folders, progress: () => undefined });
    try {
      const up = await session.operate("up", "up", false);
      assert.equal(up.exitCode, 0, up.stderr);
      const [one, two] = await Promise.all(
        ["gw-fixture-app-1", "gw-fixture-app-2"].map(async (name) => bench.docker.getContainer(name).inspect()),
      );
      await bench.docker.getContainer(one?.Id ?? "").remove({ force: true });
      await bench.docker.getContainer(two?.Id ?? "").update({ Memory: 48 * 2 ** 20, MemorySwap: 48 * 2 ** 20 });
      const refresh = await session.operate("refresh", "refresh", false);
      assert.equal(refresh.exitCode, 0, refresh.stderr);
      assert.deepEqual({ ...refresh.changes, same: 0 }, { ...none, update: 1, delete: 1 });
      const again = await session.operate("up", "up-again", false);
      assert.deepEqual({ ...again.changes, same: 0 }, { ...none, create: 1, update: 1 });
      const { HostConfig } = await bench.docker.getContainer("gw-fixture-app-2").inspect();
      assert.equal(HostConfig.Memory, 32 * 2 ** 20);
      const password = await secretOf(bench.docker.getContainer("gw-fixture-app-1"));
      assert.match(password, /^\S{24}$/);
      for (const name of await ours()) {
        const inspected = JSON.stringify(await bench.docker.getContainer(name?.slice(1) ?? "").inspect());
        for (const canary of [password, Buffer.from(password).toString("base64"), encodeURIComponent(password)]) {
          assert.ok(!inspected.includes(canary), `a secret stands in ${name}`);
        }
      }
      const destroy = await session.operate("destroy", "destroy", false);
      assert.equal(destroy.exitCode, 0, destroy.stderr);
      await session.forget();
    } finally {
      await session.close();
      if (hostBefore === undefined) delete process.env["DOCKER_HOST"];
      else process.env["DOCKER_HOST"] = hostBefore;
    }
    assert.deepEqual(await ours(), []);
    assert.equal(existsSync(folders.inventory), false);
  });
});
