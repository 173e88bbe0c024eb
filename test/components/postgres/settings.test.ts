import assert from "node:assert/strict";
import fc from "fast-check";
import { postgresArguments, postgresSettings } from "../../../components/postgres/settings.ts";

const GIBIBYTE = 2 ** 30;
const megabytes = (value: string | undefined) => Number(/^(\d+)MB$/.exec(value ?? "")?.[1]);

describe("PostgreSQL settings", () => {
  it("give a quarter of the memory to shared buffers and count on three quarters being cached", () => {
    const settings = postgresSettings({ cores: 4, memory: 6 * GIBIBYTE, maxConnections: 200 });
    assert.equal(settings["shared_buffers"], "1536MB");
    assert.equal(settings["effective_cache_size"], "4608MB");
    assert.equal(settings["max_connections"], "200");
    assert.equal(settings["max_parallel_workers"], "4");
  });

  it("never promise more memory than there is", () => {
    const size = fc.record({
      cores: fc.double({ min: 0.25, max: 128, noNaN: true }),
      memory: fc.integer({ min: 1, max: 512 }).map((half) => (half * GIBIBYTE) / 2),
      maxConnections: fc.integer({ min: 20, max: 5000 }),
    });
    fc.assert(
      fc.property(size, (given) => {
        const settings = postgresSettings(given);
        const total = given.memory / 2 ** 20;
        const work = megabytes(settings["work_mem"]);
        assert.ok(megabytes(settings["shared_buffers"]) <= total / 4);
        assert.ok(work === 1 || megabytes(settings["shared_buffers"]) + work * given.maxConnections <= total);
        assert.ok(megabytes(settings["maintenance_work_mem"]) <= Math.max(16, total / 16));
      }),
    );
  });

  it("can each be overridden", () => {
    const settings = postgresSettings(
      { cores: 1, memory: GIBIBYTE, maxConnections: 100 },
      { shared_buffers: "1GB", jit: "off" },
    );
    assert.equal(settings["shared_buffers"], "1GB");
    assert.ok(postgresArguments(settings).join(" ").includes("-c jit=off"));
  });
});
