import assert from "node:assert/strict";
import { many, recorded } from "./many.ts";

describe("a round over 10,000 secrets in 4 stores and the source", () => {
  it("finds exactly what was planted, and nothing once it is mended", async () => {
    const world = await many(10_000);
    try {
      const { checker, stores } = world;
      await recorded(world);
      const look = async () => {
        world.clock.now += 5 * 60_000;
        const { drifts, opened, resolved, unasked } = await checker.check();
        assert.deepEqual(unasked, []);
        return {
          drifts: drifts.map(({ kind, secret, place }) => `${kind} ${secret} ${place.store} ${place.name}`).sort(),
          counts: [opened.length, resolved.length],
        };
      };
      assert.deepEqual(await look(), { drifts: [], counts: [0, 10_000] });
      const store = (name: string) => {
        const found = stores.get(name);
        assert.ok(found);
        return found;
      };
      store("aws").remove("all", "secret-17");
      store("kubernetes").set("all", "secret-4242", "by-hand");
      store("files").set("all", "stranger", "nobody's");
      store("files").remove("all", "secret-9999");
      store("files").set("all", "renamed", "value-of-secret-9999");
      store("github").set("all", "secret-1", "value-of-secret-1");
      store("esc").set("env", "secret-500", "rotated");
      const planted = [
        "changed-here secret-500 aws secret-500",
        "changed-here secret-500 files secret-500",
        "changed-here secret-500 github secret-500",
        "changed-here secret-500 kubernetes secret-500",
        "changed-there secret-1 github secret-1",
        "changed-there secret-4242 kubernetes secret-4242",
        "extra stranger files stranger",
        "missing secret-17 aws secret-17",
        "renamed secret-9999 files secret-9999",
      ];
      assert.deepEqual(await look(), { drifts: planted, counts: [9, 0] });
      assert.deepEqual(await look(), { drifts: planted, counts: [0, 0] });
    } finally {
      world.close();
    }
  });
});
