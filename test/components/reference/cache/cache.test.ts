import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Registry } from "prom-client";
import type { CacheOptions } from "../../../../components/reference/service/cache/cache.ts";
import { Cache } from "../../../../components/reference/service/cache/cache.ts";
import { MemoryLayer, memoryLimits } from "../../../../components/reference/service/cache/memory.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const MINUTE = 60_000;
/** On a busy machine a layer may take longer than it should. */
const PATIENT = { timeLimit: 5000 };
const SMALL = { entries: 100, bytes: 2 ** 20 };

function opened(options: Omit<CacheOptions, "registry"> = {}) {
  const registry = new Registry();
  const cache = new Cache({ registry, memory: SMALL, guard: PATIENT, ...options });
  return Object.assign(cache, {
    registry,
    async [Symbol.asyncDispose]() {
      await cache.close();
    },
  });
}

async function counted(registry: Registry, layer: string, result: string): Promise<number> {
  const { values = [] } = (await registry.getSingleMetric("cache_requests_total")?.get()) ?? {};
  return values.find(({ labels }) => labels["layer"] === layer && labels["result"] === result)?.value ?? 0;
}

const text = (value: string) => () => Promise.resolve(Buffer.from(value));
const never = () => Promise.reject(new Error("it was in the cache"));

describe("the cache in memory", () => {
  it("computes once, then gives what it has, and counts both", async () => {
    await using cache = opened();
    assert.equal((await cache.getOrCompute("a", MINUTE, text("1"))).origin, "computed");
    const again = await cache.getOrCompute("a", MINUTE, never);
    assert.deepEqual([again.origin, String(again.value)], ["memory", "1"]);
    assert.ok(again.expires > Date.now() + MINUTE - 5000 && again.expires <= Date.now() + MINUTE);
    assert.deepEqual(
      [await counted(cache.registry, "memory", "hit"), await counted(cache.registry, "memory", "miss")],
      [1, 1],
    );
  });

  it("computes once for all who ask at the same time, and tries again after a failure", async () => {
    await using cache = opened();
    let computed = 0;
    const slow = async () => {
      computed += 1;
      await new Promise(setImmediate);
      if (computed === 1) throw new Error("the first fails");
      return Buffer.from("2");
    };
    const ask = () => Promise.allSettled(Array.from({ length: 50 }, () => cache.getOrCompute("a", MINUTE, slow)));
    assert.ok((await ask()).every(({ status }) => status === "rejected"));
    assert.equal(computed, 1);
    const origins = (await ask()).map((result) => (result.status === "fulfilled" ? result.value.origin : "failed"));
    assert.equal(computed, 2);
    assert.deepEqual(origins, ["computed", ...Array.from({ length: 49 }, () => "shared")]);
  });

  it("does not give what has expired", async () => {
    await using cache = opened({ disk: { folder: temporaryFolder() } });
    await cache.getOrCompute("a", 0, text("old"));
    await cache.settled();
    assert.equal(String((await cache.getOrCompute("a", MINUTE, text("new"))).value), "new");
  });

  it("holds 10,000 entries and 512 MB at most, and never more than a quarter of the container", () => {
    assert.deepEqual(memoryLimits(64 * 2 ** 30), { entries: 10_000, bytes: 512 * 2 ** 20 });
    assert.deepEqual(memoryLimits(256 * 2 ** 20), { entries: 10_000, bytes: 64 * 2 ** 20 });
    const layer = new MemoryLayer({ entries: 10, bytes: 100_000 });
    const keep = (bytes: number, keys: number) => {
      for (let key = 0; key < keys; key++) layer.set(`${bytes} ${key}`, { value: Buffer.alloc(bytes), expires: 0 });
    };
    keep(1, 50);
    assert.equal(layer.size.entries, 10);
    keep(12_000, 50);
    assert.ok(layer.size.bytes <= 100_000 && layer.size.entries >= 7, JSON.stringify(layer.size));
    keep(90_000, 1);
    assert.ok(layer.size.entries >= 7, "one large value does not throw out all the others");
  });
});

describe("the cache on disk", () => {
  it("outlives the process, and fills the memory of the next one", async () => {
    const folder = temporaryFolder();
    {
      await using first = opened({ disk: { folder } });
      await first.getOrCompute("a/../b", MINUTE, text("kept ".repeat(1000)));
    }
    const [file = ""] = readdirSync(folder);
    assert.match(file, /^[0-9a-f]{64}$/);
    assert.ok(statSync(join(folder, file)).size < 200, "compressed");
    assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
    await using second = opened({ disk: { folder } });
    assert.equal((await second.getOrCompute("a/../b", MINUTE, never)).origin, "disk");
    assert.equal((await second.getOrCompute("a/../b", MINUTE, never)).origin, "memory");
  });

  it("stays below its bound, also with what an earlier process left, and drops what was used longest ago", async () => {
    const folder = temporaryFolder({ [`${"0".repeat(64)}.x.part`]: "half a file" });
    const value = Buffer.from("v".repeat(500));
    const bytesOnDisk = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    for (const bytes of [10_000, 5000]) {
      await using cache = opened({ memory: false, disk: { folder, bytes } });
      for (let key = 0; key < 30; key++) {
        await cache.getOrCompute(`${bytes} ${key}`, MINUTE, () => Promise.resolve(value));
        await cache.settled();
        await cache.getOrCompute(`${bytes} 0`, MINUTE, never);
      }
      // files are removed in the background
      for (let wait = 0; wait < 1000 && bytesOnDisk() > bytes; wait++)
        await new Promise((done) => setTimeout(done, 10));
      assert.ok(bytesOnDisk() <= bytes && bytesOnDisk() > bytes / 2, `${bytesOnDisk()} bytes`);
    }
    assert.ok(readdirSync(folder).every((name) => !name.endsWith(".part")));
  });

  it("treats a damaged file as a miss and writes it anew", async () => {
    const folder = temporaryFolder();
    await using cache = opened({ memory: false, disk: { folder } });
    await cache.getOrCompute("a", MINUTE, text("good"));
    await cache.settled();
    const file = join(folder, readdirSync(folder)[0] ?? "");
    writeFileSync(file, readFileSync(file).subarray(0, 15));
    assert.equal(String((await cache.getOrCompute("a", MINUTE, text("anew"))).value), "anew");
    await cache.settled();
    assert.equal(String((await cache.getOrCompute("a", MINUTE, never)).value), "anew");
    assert.equal(await counted(cache.registry, "disk", "error"), 1);
  });

  it("never fails a request: a folder that cannot be written is passed over, then left alone for a while", async () => {
    const file = join(temporaryFolder({ file: "" }), "file");
    await using cache = opened({ memory: false, disk: { folder: join(file, "folder") } });
    for (let key = 0; key < 20; key++)
      assert.equal((await cache.getOrCompute(String(key), MINUTE, text("x"))).origin, "computed");
    await cache.settled();
    const [errors, skipped] = [
      await counted(cache.registry, "disk", "error"),
      await counted(cache.registry, "disk", "skipped"),
    ];
    assert.ok(errors > 0 && skipped > 0, `${errors} errors, ${skipped} skipped`);
    assert.equal(errors + skipped, 20);
    assert.match(await cache.registry.metrics(), /cache_write_errors_total\{layer="disk"\} \d/);
  });
});
