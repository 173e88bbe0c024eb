import assert from "node:assert/strict";
import { join } from "node:path";
import { optimizeBill, readBill } from "../../../../scripts/reports/optimize/bill.ts";
import { renderBill } from "../../../../scripts/reports/optimize/render.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

/** web-platform before anybody looked at its bill. */
const WEB_PLATFORM = `compute: 1333
database: 571
storage: 267
network: 188
monitoring: 441
target: 1650
`;

describe("a bill of US$ 2,800 a month", () => {
  const folder = temporaryFolder({ "bill.yaml": WEB_PLATFORM });
  const lines = optimizeBill(readBill(join(folder, "bill.yaml")));

  it("comes down to 1,650, area by area to the dollar", () => {
    const dollars = (cents: number) => Math.round(cents / 100);
    assert.deepEqual(
      lines.map(({ area, beforeCents, afterCents }) => [area, dollars(beforeCents), dollars(afterCents)]),
      [
        ["compute", 1333, 800], // 40 % reserved
        ["database", 571, 400], // 30 %
        ["storage", 267, 200], // 25 %
        ["network", 188, 150], // 20 %
        ["monitoring", 441, 100], // what the others leave
      ],
    );
    assert.equal(dollars(lines.reduce((sum, { beforeCents }) => sum + beforeCents, 0)), 2800);
    assert.equal(dollars(lines.reduce((sum, { afterCents }) => sum + afterCents, 0)), 1650);
  });

  it("is shown with what each area saves and why", () => {
    const text = renderBill(lines);
    assert.match(text, /in all +US\$ 2,800 +US\$ 1,650 +41 %/);
    for (const { source } of lines) assert.match(source, /^https:/);
  });
});

describe("any bill", () => {
  it("leaves monitoring as it is without a target, and never makes it less than nothing or more than it was", () => {
    const monitoring = (bill: Parameters<typeof optimizeBill>[0]) =>
      optimizeBill(bill).find(({ area }) => area === "monitoring")?.afterCents;
    assert.equal(monitoring({ areas: { compute: 1000, monitoring: 500 } }), 500);
    assert.equal(monitoring({ areas: { compute: 1000, monitoring: 500 }, target: 100 }), 0);
    assert.equal(monitoring({ areas: { compute: 1000, monitoring: 500 }, target: 9000 }), 500);
  });

  it("is refused in one sentence where it is none", async () => {
    const folder = temporaryFolder({
      "a.yaml": "computing: 5",
      "b.yaml": "compute: much",
      "c.yaml": "- 1",
      "d.yaml": "a: [",
    });
    for (const [file, says] of [
      ["a.yaml", /computing; write compute/],
      ["b.yaml", /"much"; write US dollars/],
      ["c.yaml", /no areas/],
      ["d.yaml", /cannot be read/],
    ] as const) {
      await assertBadInput(() => readBill(join(folder, file)), says);
    }
  });
});
