import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { describe, it } from "mocha";
import { renderTerminal } from "../../../../scripts/reports/diff/index.ts";
import { prodDiff, resourceChange, unchangedDiff } from "./fixtures.ts";
import { ATTACKS, hostileDiff } from "./hostile.ts";

const WIDTH = 120;
const prod = renderTerminal([prodDiff()], { width: WIDTH });

/** The lines of the section that begins with this. */
function section(text: string, title: string): string[] {
  const found =
    text.split("\n\n").find((part) => part.startsWith(title)) ?? assert.fail(`no section ${title}:\n${text}`);
  return found.split("\n");
}

describe("the difference in a terminal", () => {
  it("says no change in one line", () => {
    assert.equal(renderTerminal([unchangedDiff()]), "dev: no change (main (c4bac12) → working tree)");
  });

  it("begins with what a person acts on", () => {
    const [verdict = ""] = prod.split("\n\n");
    assert.match(verdict, /^prod: DATA AT RISK: 1 STATEFUL RESOURCE REPLACED, 1 DELETED; /);
    for (const fact of [
      "2 new violations, 1 of them mandatory",
      "+12 ~8 ±2 -1 resources",
      "+US$ 412.33 (+6.1 %) a month",
    ]) {
      assert.ok(verdict.includes(fact), `${fact} is not in ${verdict}`);
    }
  });

  it("tells of lost data before anything else, with the cause and what protects it", () => {
    const [, losses = ""] = prod.split("\n\n");
    const text = losses.replaceAll(/\s+/g, " ");
    assert.match(
      text,
      /web-platform-search-us-west-2 \(aws\.rds\.Cluster, web-platform, us-west-2\) is replaced because of engine aurora-mysql → aurora-postgresql\. Nothing protects it\./,
    );
    assert.match(text, /sophia-exports-us-east-1 .* is deleted\. It is protected: the update stops there\./);
  });

  it("has the properties of a resource below it, what forces the replacement first", () => {
    const lines = section(prod, "Resources");
    const database = lines.findIndex((line) => line.includes("± replace (data lost)"));
    assert.deepEqual(
      lines.slice(database + 1, database + 4).map((line) => line.trim()),
      [
        "engine aurora-mysql → aurora-postgresql (forces replacement)",
        "engineVersion 8.0.mysql_aurora.3.10.0 → 17.5",
        "masterPassword [secret] changes",
      ],
    );
  });

  it("shows of capacity and cost only what differs, before and after", () => {
    const capacity = section(prod, "Capacity");
    assert.ok(
      capacity.some((line) => /^ {2}finai-nexus +us-west-2 +7–35 → 10–45 +6–27\.5 → 9–37\.5 /.test(line)),
      capacity.join("\n"),
    );
    assert.ok(!capacity.some((line) => line.includes("flowx")));
    assert.match(section(prod, "What it can carry")[0] ?? "", /9,955 → 14,933 requests\/s \(\+50 %\)/);
    const cost = section(prod, "Cost");
    assert.equal(cost[0], "Cost: US$ 6,791.77 → US$ 7,204.10 a month, +US$ 412.33 (+6.1 %)");
    assert.ok(cost.some((line) => line.includes("Prices of 2026-11-20")));
  });

  it("tells of quotas and of limits that are reached", () => {
    assert.equal(section(prod, "Quotas")[0], "Quotas: 1 quota exceeded that was not before");
    assert.ok(section(prod, "Projection").some((line) => line.includes("month 4 → later than 6 months")));
  });

  it("tells what more is carried in the measure that differs", () => {
    const report = prodDiff();
    const [one] = report.capacity.after.throughput.filter(({ system }) => system === "tracks");
    const now = one ?? assert.fail("no tracks");
    const pair = { system: "tracks", region: now.region, before: now, after: { ...now, tracksPerHour: 60_480 } };
    const text = renderTerminal([{ ...report, capacity: { ...report.capacity, throughput: [pair] } }]);
    assert.match(
      section(text, "What it can carry")[0] ?? "",
      /: tracks in us-west-2 30,240 → 60,480 tracks\/h \(\+100 %\)$/,
    );
  });

  it("tells of a quota that the account has less of, though no more is used", () => {
    const report = prodDiff();
    const use = { quota: "rdsInstances", code: "L-7B6409FD", scope: "us-west-2", used: 12 };
    const lowered = { ...use, limit: 10, before: { ...use, limit: 40 }, after: { ...use, limit: 10 } };
    const text = renderTerminal([{ ...report, quotas: [lowered] }]);
    assert.ok(text.replaceAll(/\s+/g, " ").includes("rdsInstances in us-west-2: 12 of 10"), text);
    assert.ok(
      section(text, "Quotas").some((line) => / 40 → 10 +-2 !$/.test(line)),
      text,
    );
  });

  it("keeps within the width of the screen", () => {
    for (const width of [100, 120, 160]) {
      const lines = renderTerminal([prodDiff()], { width }).split("\n");
      const tooLong = lines.filter((line) => [...line].length > width);
      assert.deepEqual(tooLong, []);
    }
  });

  it("has colours only where they are asked for, and the same words with them", () => {
    const coloured = renderTerminal([prodDiff()], { width: WIDTH, colour: true });
    assert.notEqual(coloured, prod);
    assert.equal(stripVTControlCharacters(prod), prod);
    const words = (text: string): string[] => text.split(/\s+/);
    assert.deepEqual(words(stripVTControlCharacters(coloured)), words(prod));
  });

  it("cuts a long list and says how much is left out", () => {
    const report = prodDiff();
    const changes = Array.from({ length: 100 }, (_, index) => resourceChange({ name: `web-${index}` }));
    const text = renderTerminal([{ ...report, resources: { ...report.resources, changes } }]);
    assert.ok(section(text, "Resources").includes("  70 more: --html and --json have all of them"));
  });

  it("warns of stateful resources of which no table says whether they are replaced", () => {
    const report = prodDiff();
    const disk = resourceChange({ name: "disk", stateful: true, certain: false });
    const text = renderTerminal([{ ...report, resources: { ...report.resources, changes: [disk] } }]);
    assert.ok(text.includes("? disk holds data, and no table says whether the provider replaces it"), text);
  });

  for (const attack of ATTACKS) {
    it(`obeys nothing that a name says: ${JSON.stringify(attack)}`, () => {
      const text = renderTerminal([hostileDiff(attack)], { width: WIDTH });
      assert.doesNotMatch(text.replaceAll("\n", ""), /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u);
    });
  }
});
