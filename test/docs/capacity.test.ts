import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MODEL } from "../../lib/capacity/model.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { readAssumptions } from "../../scripts/reports/assumptions/index.ts";
import { temporaryFolder } from "../helpers/folder.ts";

describe("docs/capacity.md", () => {
  const page = readFileSync(join(groundworkRoot, "docs/capacity.md"), "utf8");
  const cells = (kind: string): string[] =>
    page
      .split("\n")
      .find((line) => line.startsWith(`| ${kind} `))
      ?.split("|")
      .map((cell) => cell.trim()) ?? [];

  it("has the figures of the calibrated model", () => {
    for (const [kind, { cpuSeconds, utilisation }] of Object.entries(MODEL)) {
      const [, , cpu, , , share] = cells(kind);
      assert.equal(cpu, `${Number((cpuSeconds.value * 1e6).toPrecision(3))} µs`, kind);
      assert.equal(share, `${utilisation.value * 100} %`, kind);
    }
    assert.match(cells("api")[3] ?? "", new RegExp(`^${MODEL.api.serviceSeconds.value * 1e6} µs`));
    assert.equal(cells("source")[3], `${MODEL.source.serviceSeconds.value * 1000} ms after 800 ms waited`);
  });

  it("has an example that is read", () => {
    const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const { demand, growth, model, host } = readAssumptions(temporaryFolder({ "capacity.yaml": example }), "prod");
    assert.equal(demand["shop"]?.users, 10_000);
    assert.equal(growth["default"], 5);
    assert.equal(model["shop"]?.["backend"]?.concurrency, 32);
    assert.equal(host?.cpus, 4);
  });
});
