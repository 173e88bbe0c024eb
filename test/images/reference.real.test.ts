import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describeContainers } from "../helpers/containers.ts";
import { NODE, buildReference } from "./reference.ts";
import { engineOfSuite, inside, owner, stopped } from "./running.ts";

const TAG = `groundwork-test/reference:${process.pid}`;

describeContainers("the reference service's own Dockerfile", () => {
  const engine = engineOfSuite();
  afterEach(() => engine.clear());

  it("builds on the base that it is told, and what it makes is healthy, unprivileged and stops", async () => {
    const node = await engine.image(NODE);
    const labels = { "groundwork.dev/test": "reference" };
    await buildReference(engine.docker, { tag: TAG, node, labels });
    const { Config } = await engine.docker.getImage(TAG).inspect();
    assert.equal(Config.User, "1000:1000");

    const container = await engine.docker.createContainer({
      Image: TAG,
      Env: ["DRAIN_GRACE_SECONDS=0"],
      Labels: engine.labels,
      HostConfig: { ReadonlyRootfs: true, CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges:true"] },
    });
    await container.start();
    const [check = "", ...args] = (Config.Healthcheck?.Test ?? []).slice(1);
    for (let tried = 0; (await inside(container, [check, ...args])).code !== 0; tried++) {
      assert.ok(tried < 60, "not healthy by its own check");
      await sleep(250);
    }
    assert.equal((await inside(container, ["node", "-p", "process.getuid()"])).text, "1000");
    assert.equal(await owner(container), "1000:1000");
    assert.notEqual((await inside(container, ["sh", "-c", "command -v npm"])).code, 0, "no package manager");
    const { code } = await stopped(container);
    assert.equal(code, 0, "the signal reaches the service");
    await container.remove();
    await engine.docker.getImage(TAG).remove();
  });
});
