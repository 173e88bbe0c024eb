import assert from "node:assert/strict";
import { BadInput } from "../../lib/errors.ts";
import { inOrder } from "../../lib/promotion.ts";
import type { PromotionStep } from "../../lib/promotion.ts";

const step = (order: number, what: string): PromotionStep => ({
  order,
  what,
  how: { command: "true" },
  loses: "nothing",
});

describe("lib/promotion", () => {
  it("merges the steps of several tiers into one list without gaps, and keeps what can be done at the same time together", () => {
    const merged = inOrder([step(40, "send traffic"), step(10, "promote A"), step(20, "wait"), step(10, "promote B")]);
    assert.deepEqual(
      merged.map(({ order, what }) => [order, what]),
      [
        [1, "promote A"],
        [1, "promote B"],
        [2, "wait"],
        [3, "send traffic"],
      ],
    );
  });

  it("refuses an order that is no place in a list", () => {
    assert.throws(() => inOrder([step(0, "first")]), BadInput);
    assert.throws(() => inOrder([step(1.5, "between")]), /order is 1.5; write a whole number/);
  });
});
