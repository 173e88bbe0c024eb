import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { capacityOf } from "../../../lib/capacity/capacity.ts";
import type { DesiredResource, DesiredState } from "../../../lib/desired-state.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { readAssumptions } from "../../../scripts/reports/assumptions/index.ts";

type Recorded = Pick<DesiredResource, "type" | "name" | "inputs" | "provider"> &
  Partial<Pick<DesiredResource, "dependencies">>;

/** Of November 2026: what of our own stacks decides their capacity, in one region and without their add-ons. */
function recorded(stack: string): DesiredState {
  const path = join(groundworkRoot, "test/fixtures/capacity", `${stack}.jsonl`);
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const all = lines.map((line) => JSON.parse(line) as Recorded);
  const resources = all.map((one): DesiredResource => ({
    urn: `urn:pulumi:${stack}::groundwork::${one.type}::${one.name}`,
    custom: true,
    outputs: {},
    unknown: [],
    dependencies: [],
    protect: false,
    retainOnDelete: false,
    ...one,
  }));
  return { stack, target: stack === "prod" ? "cloud" : "docker", resources };
}

function reportOf(stack: string) {
  const report = capacityOf(recorded(stack), readAssumptions(groundworkRoot, stack));
  const find = <T extends { readonly system: string }>(all: readonly T[], system: string): T => {
    const found = all.find((one) => one.system === system);
    assert.ok(found, `${system} is missing`);
    return found;
  };
  return {
    report,
    place: (system: string) => find(report.places, system),
    carries: (system: string) => find(report.throughput, system),
  };
}

describe("our own stacks", () => {
  it("prod has room for what systems.md asks of a region", () => {
    const { place, report } = reportOf("prod");
    const replicas = (system: string, name: string) =>
      place(system).workloads.find((one) => one.name === name)?.replicas;
    assert.deepEqual(replicas("finai-nexus", "backend"), { min: 5, max: 20 });
    assert.deepEqual(replicas("finai-nexus", "frontend"), { min: 2, max: 15 });
    assert.deepEqual(replicas("flowx", "worker"), { min: 1, max: 10 });
    assert.deepEqual(replicas("tracks", "data-transformer"), { min: 4, max: 8 });
    assert.deepEqual(place("sophia").gpus, { min: 2, max: 2 });
    // a writer and three readers of 2 vCPU, three primaries and three replicas of 2 vCPU
    assert.equal(place("finai-nexus").managed.vcpu, 4 * 2 + 6 * 2);
    assert.equal(place("finai-nexus").connections.limit, 4 * 1000);
    for (const { name, count, needed } of report.nodes) assert.ok(needed.max <= count.max, `${name} is too small`);
  });

  it("prod carries 10,000 users and 20,000 tracks an hour", () => {
    const { carries } = reportOf("prod");
    assert.ok(carries("finai-nexus").concurrentUsers >= 10_000);
    assert.ok(carries("web-platform").concurrentUsers >= 10_000);
    // 4 scrapers, 12 at once, every 0.857 s; the bench measured 201,700 to 210,100
    assert.equal(carries("tracks").tracksPerHour, 201_633);
  });

  it("prod says of every part where its figures are from", () => {
    for (const { parts, trackParts = [] } of reportOf("prod").report.throughput) {
      for (const { part, figures = [] } of [...parts, ...trackParts]) {
        assert.ok(figures.length > 0 && figures.every(({ source }) => source !== ""), part);
      }
    }
  });

  it("dev carries 20,000 tracks an hour on a laptop, whose cores its containers share", () => {
    const { carries, report } = reportOf("dev");
    assert.ok((carries("tracks").tracksPerHour ?? 0) >= 20_000);
    assert.deepEqual(report.nodes, [
      {
        region: "host",
        name: "Docker host",
        instanceType: "4 cores, 16 GiB",
        count: { min: 1, max: 1 },
        needed: { min: 1, max: 1 },
      },
    ]);
    assert.ok(
      report.notes.some((note) => /^The containers may use [\d.]+ cores together and the host has 4/.test(note)),
    );
  });

  it("swarm has one service with a GPU, and opens more connections than its database takes", () => {
    const { place, report } = reportOf("swarm");
    assert.deepEqual(place("sophia").gpus, { min: 1, max: 1 });
    assert.deepEqual(place("sophia").connections, { wanted: 200, limit: 100 });
    assert.deepEqual(
      report.projection.reached.map(({ measure, month }) => [measure, month]),
      [["connections to the database", 0]],
    );
  });
});
