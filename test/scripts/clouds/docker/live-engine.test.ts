import assert from "node:assert/strict";
import { EngineLifecycle, type LiveEngine } from "../../../../scripts/rehearsal/clouds/live-engine.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/docker.ts";
import { VOLUME } from "../../../../scripts/rehearsal/clouds/tables/docker/rules.ts";
import { fromPlainObject } from "../../../../scripts/rehearsal/clouds/values.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { Clouds, urnOf } from "../core/cloud.ts";

const DATA = { urn: urnOf(VOLUME, "data"), token: VOLUME, inputs: fromPlainObject({ name: "data" }) };

/** An engine of which only `create` is asked. */
function engine(create: LiveEngine["create"]): LiveEngine {
  const never = () => assert.fail("nothing else is asked");
  return { address: "unix:///nowhere/docker.sock", create, update: never, read: never, remove: never };
}

describe("what a real Docker Engine makes", () => {
  const start = (folder: string, create: LiveEngine["create"]) => {
    const clouds = new Clouds(folder, [table]);
    const lifecycle = new EngineLifecycle(clouds.cloud, engine(create));
    const ids = () => clouds.cloud.inventory.all().map(({ id }) => id);
    return { ids, create: () => lifecycle.create(clouds.instance("docker"), DATA) };
  };

  it("is known under its real id, also in the next run", async () => {
    const folder = temporaryFolder();
    const first = start(folder, () => Promise.resolve({ id: "real", properties: {} }));
    assert.equal((await first.create()).id, "real");
    assert.deepEqual(first.ids(), ["real"]);
    assert.deepEqual(start(folder, assert.fail).ids(), ["real"]);
  });

  it("is not known in the next run when this one is killed before the engine has made it", async () => {
    const folder = temporaryFolder();
    const asked = Promise.withResolvers<undefined>();
    const killed = start(folder, () => {
      asked.resolve(undefined);
      return new Promise(() => undefined);
    });
    void killed.create();
    await asked.promise;
    assert.equal(killed.ids().length, 1);
    const next = start(folder, () => Promise.resolve({ id: "real", properties: {} }));
    assert.deepEqual(next.ids(), []);
    await next.create();
    assert.deepEqual(next.ids(), ["real"]);
  });

  it("is not known when the engine refuses it", async () => {
    const refusing = start(temporaryFolder(), () => Promise.reject(new Error('volume "data" cannot be made')));
    await assert.rejects(refusing.create(), /volume "data" cannot be made/);
    assert.deepEqual(refusing.ids(), []);
  });
});
