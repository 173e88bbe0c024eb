import assert from "node:assert/strict";
import fc from "fast-check";
import { postgresArguments, postgresSettings, settingsOf } from "../../../components/postgres/settings.ts";

const GIBIBYTE = 2 ** 30;
const MEMORY = ["shared_buffers", "effective_cache_size", "work_mem", "maintenance_work_mem"] as const;
/** MiB below which a value is not derived any more. */
const LEAST_WORK = 1;
const LEAST_MAINTENANCE = 16;
/** https://www.postgresql.org/docs/17/runtime-config-autovacuum.html */
const AUTOVACUUM_WORKERS = 3;
const megabytes = (value: string | undefined) => Number(/^(\d+)MB$/.exec(value ?? "")?.[1]);

describe("PostgreSQL settings", () => {
  it("give a quarter of the memory to shared buffers and count on three quarters being cached", () => {
    const settings = postgresSettings({ cores: 4, memory: 6 * GIBIBYTE, maxConnections: 200 });
    assert.equal(settings["shared_buffers"], "1536MB");
    assert.equal(settings["effective_cache_size"], "4608MB");
    assert.equal(settings["max_connections"], "200");
    assert.equal(settings["max_parallel_workers"], "4");
  });

  const sizes = fc.record({
    cores: fc.double({ min: 0.25, max: 128, noNaN: true }),
    memory: fc.integer({ min: 1, max: 2048 }).map((eighths) => (eighths * GIBIBYTE) / 8),
    maxConnections: fc.integer({ min: 20, max: 5000 }),
  });

  it("never promise more memory than there is", () => {
    fc.assert(
      fc.property(sizes, (given) => {
        const settings = postgresSettings(given);
        const total = given.memory / 2 ** 20;
        const of = (name: (typeof MEMORY)[number]) => megabytes(settings[name]);
        const [shared, cache] = [of("shared_buffers"), of("effective_cache_size")];
        const [work, maintenance] = [of("work_mem"), of("maintenance_work_mem")];
        assert.ok(shared <= total / 4);
        assert.ok(cache <= total);
        assert.ok(maintenance <= Math.max(LEAST_MAINTENANCE, total / 16));
        // every session sorts at a time, every worker of autovacuum is at work, and a person creates an index
        const sum = shared + work * given.maxConnections + maintenance * (AUTOVACUUM_WORKERS + 1);
        assert.ok(work === LEAST_WORK || maintenance === LEAST_MAINTENANCE || sum <= total, `${sum} of ${total} MiB`);
      }),
    );
  });

  it("never give less where there is more, nor more to each of more connections", () => {
    const more = fc.record({
      cores: fc.nat(64),
      memory: fc.nat(64).map((n) => n * GIBIBYTE),
      connections: fc.nat(2000),
    });
    fc.assert(
      fc.property(sizes, more, (given, added) => {
        const at = (change: Partial<typeof given>, name: string) =>
          Number.parseFloat(String(postgresSettings({ ...given, ...change })[name]));
        for (const name of MEMORY) assert.ok(at({ memory: given.memory + added.memory }, name) >= at({}, name), name);
        for (const name of ["max_worker_processes", "max_parallel_workers", "max_parallel_workers_per_gather"])
          assert.ok(at({ cores: given.cores + added.cores }, name) >= at({}, name), name);
        assert.ok(at({ maxConnections: given.maxConnections + added.connections }, "work_mem") <= at({}, "work_mem"));
      }),
    );
  });

  it("take a system's own values for what flowx asks for", () => {
    const parameters = {
      shared_buffers: "256MB",
      effective_cache_size: "1GB",
      work_mem: "4MB",
      maintenance_work_mem: "64MB",
    };
    const settings = settingsOf({
      database: "flowx",
      size: { cpu: 1, memory: "2Gi" },
      maxConnections: 200,
      parameters,
    });
    for (const [name, value] of Object.entries({ ...parameters, max_connections: "200" }))
      assert.equal(settings[name], value);
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
