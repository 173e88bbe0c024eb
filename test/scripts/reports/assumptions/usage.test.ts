import assert from "node:assert/strict";
import { USAGE_KEYS, assumedUsage } from "@groundwork/lib/pricing/usage";
import { parseUsage } from "../../../../scripts/reports/assumptions/usage.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";

describe("usage in capacity.yaml", () => {
  it("is by system, with default for all of them", () => {
    const usage = parseUsage({
      default: { natGb: 1 },
      shop: { natGb: 2.5, databaseGb: 0 },
      shared: { cloudflarePlan: "free" },
    });
    assert.deepEqual(assumedUsage(usage, "shop", "natGb"), { value: 2.5, key: "shop.natGb" });
    assert.deepEqual(assumedUsage(usage, "other", "natGb"), { value: 1, key: "default.natGb" });
    assert.deepEqual(assumedUsage(usage, "other", "logGb"), { value: 10 });
    assert.deepEqual(assumedUsage(usage, "toString", "logGb"), { value: 10 });
  });

  it("takes every key there is, and none at all", () => {
    assert.deepEqual(parseUsage(undefined), {});
    const every = Object.fromEntries(USAGE_KEYS.map((key) => [key, 1]));
    assert.deepEqual(parseUsage({ default: every }), { default: every });
  });

  it("is refused in one sentence that says what to write", async () => {
    await assertBadInput(
      () => parseUsage({ default: { natGB: 1 } }),
      /usage\.default has no key natGB; did you mean "natGb"/,
    );
    await assertBadInput(() => parseUsage({ shop: { natGb: -1 } }), /usage\.shop\.natGb is -1; write a number from 0/);
    await assertBadInput(() => parseUsage({ shop: { natGb: "12" } }), /usage\.shop\.natGb is "12"/);
    await assertBadInput(() => parseUsage({ shop: 5 }), /usage\.shop is 5; write amounts/);
    await assertBadInput(() => parseUsage([]), /usage is \[\]; write systems/);
    await assertBadInput(
      () => parseUsage({ shared: { cloudflarePlan: "gold" } }),
      /cloudflarePlan is "gold"; write one of free/,
    );
  });
});
