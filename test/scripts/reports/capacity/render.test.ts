import assert from "node:assert/strict";
import type { CapacityReport } from "@groundwork/lib/capacity-report";
import { renderCapacity } from "../../../../scripts/reports/capacity/render.ts";

const GIBIBYTE = 2 ** 30;

const report: CapacityReport = {
  stack: "prod",
  places: [
    {
      system: "shop",
      region: "us-west-2",
      replicas: { min: 3, max: 20 },
      vcpu: { min: 1.5, max: 10 },
      memory: { min: 1.5 * GIBIBYTE, max: 10 * GIBIBYTE },
      gpus: { min: 0, max: 0 },
      managed: { vcpu: 8, memory: 64 * GIBIBYTE },
      storage: 30 * GIBIBYTE,
      iops: 9000,
      connections: { wanted: 300, limit: 7208 },
      workloads: [],
    },
  ],
  nodes: [
    {
      region: "us-west-2",
      name: "nodes",
      instanceType: "m7i.xlarge",
      count: { min: 1, max: 5 },
      needed: { min: 1, max: 3 },
    },
  ],
  throughput: [
    {
      system: "shop",
      region: "us-west-2",
      requestsPerSecond: 9955,
      concurrentUsers: 99_550,
      saturatesFirst: { part: "web", why: "20 replicas x 32 concurrent / 45 ms at 70 %" },
      parts: [
        {
          part: "web",
          requestsPerSecond: 9955,
          why: "20 replicas x 32 concurrent / 45 ms at 70 %",
          figures: [{ name: "concurrency", value: 32, source: "capacity.yaml, model of web" }],
        },
      ],
      trackParts: [{ part: "scraper", tracksPerHour: 201_633, why: "4 replicas x 12 concurrent / 857 ms" }],
    },
  ],
  projection: {
    months: 2,
    series: [
      {
        system: "shop",
        region: "us-west-2",
        measure: "requests a second",
        limit: 9955,
        values: [9000, 10_000, 11_000],
      },
      { system: "shop", region: "us-west-2", measure: "replicas of still", limit: 4, values: [2, 2, 2] },
    ],
    reached: [
      {
        system: "shop",
        region: "us-west-2",
        measure: "requests a second",
        limit: 9955,
        month: 1,
        advice: "Raise maxReplicas.",
      },
    ],
  },
  notes: ["One thing is taken for granted."],
};

describe("what a person reads of capacity", () => {
  it("says first what is reached first", () => {
    const [first] = renderCapacity(report).split("\n");
    assert.equal(
      first,
      "Capacity of prod: 1 limit reached within 2 months, the first one in month 1 (shop us-west-2: requests a second)",
    );
    const none = { ...report, projection: { months: 6, series: [], reached: [] } };
    assert.match(renderCapacity(none), /^Capacity of prod: no limit is reached within 6 months\n/);
  });

  it("has a table for what there is, for nodes, for what it carries and for what grows", () => {
    const lines = renderCapacity(report).split("\n");
    const words = (start: string): string[] =>
      lines
        .find((line) => line.startsWith(start))
        ?.trim()
        .split(/ {2,}/) ?? [];
    assert.deepEqual(words("shop"), [
      "shop",
      "us-west-2",
      "3-20",
      "1.5-10",
      "1.5-10",
      "8, 64",
      "30",
      "9,000",
      "300 of 7,208",
    ]);
    assert.deepEqual(words("nodes  "), ["nodes", "region", "type", "may be", "needed"]);
    assert.ok(lines.some((line) => /^nodes +us-west-2 +m7i\.xlarge +1-5 +1-3$/.test(line)));
    assert.ok(lines.some((line) => /^shop +us-west-2 +9,955 +99,550 +web +20 replicas x 32 concurrent/.test(line)));
    assert.ok(lines.some((line) => /^shop +us-west-2 +requests a second +9,000 +11,000 +9,955 +110 %$/.test(line)));
  });

  it("leaves out what does not grow, and names what to change", () => {
    const text = renderCapacity(report);
    assert.ok(!text.includes("replicas of still"));
    assert.ok(text.includes("month 1: shop us-west-2, requests a second: more than 9,955\n    Raise maxReplicas."));
    assert.ok(text.endsWith("Notes:\n  One thing is taken for granted."));
  });

  it("lists the parts with the sources of their figures where somebody wants to know", () => {
    assert.ok(!renderCapacity(report).includes("capacity.yaml, model of web"));
    const text = renderCapacity(report, { details: true });
    assert.ok(text.includes("web: 9,955 requests a second, 20 replicas x 32 concurrent / 45 ms at 70 %"));
    assert.ok(text.includes("concurrency 32: capacity.yaml, model of web"));
    assert.ok(text.includes("scraper: 201,633 tracks an hour, 4 replicas x 12 concurrent / 857 ms"));
  });
});
