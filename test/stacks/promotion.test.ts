import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { auroraPromotion } from "../../components/postgres/aurora-promotion.ts";
import { promotions } from "../../stacks/cloud/promotion.ts";
import type { SharedTiers } from "../../stacks/cloud/tiers.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { prod } from "./cloud-fixture.ts";

const database = {
  promotionSteps: (to: string) => auroraPromotion({ identifier: "shop", from: "us-west-2", to }),
};
const shared = (name: string) => ({ [name]: { database, caches: {} } as unknown as SharedTiers });

function stepsTo(region: string, change: Partial<typeof prod> = {}): readonly PromotionStep[] {
  return promotions({ ...prod, ...change }, shared("finai-nexus"))[region] ?? [];
}

describe("how a region takes over", () => {
  it("is told for each region that does not lead, in order, and says what the next up needs", () => {
    assert.deepEqual(Object.keys(promotions(prod, shared("finai-nexus"))), ["us-east-1"]);
    const steps = stepsTo("us-east-1");
    const orders = steps.map(({ order }) => order);
    assert.deepEqual(
      orders,
      orders.toSorted((a, b) => a - b),
    );
    const config = steps.flatMap(({ how }) => ("config" in how ? Object.entries(how.config) : []));
    assert.deepEqual(config, [
      ["regions[name=us-east-1].role", "primary"],
      ["regions[name=us-west-2].role", "failover"],
      ["unreachable.us-west-2", "skip"],
      ["unreachable", {}],
    ]);
    assert.match(steps.at(-1)?.what ?? "", /^When us-west-2 is back/);
  });

  it("has the steps of a datastore only where the caches are one", () => {
    const named = (steps: readonly PromotionStep[]) => steps.filter(({ what }) => what.includes("cache")).length;
    assert.equal(named(stepsTo("us-east-1")), 0);
    assert.equal(named(stepsTo("us-east-1", { cache: { ...prod.cache, global: true } })), 1);
  });

  it("has the steps of what each region has for itself, and is empty where nothing can take over", () => {
    const system = Object.values(SYSTEMS).find(({ tiers }) => tiers.rabbitmq !== undefined);
    assert.ok(system !== undefined);
    const steps = stepsTo("us-east-1", { systems: [system] });
    assert.ok(steps.some(({ what }) => what.startsWith(`See that the broker of ${system.name} in us-east-1 serves`)));
    const [west] = prod.regions;
    assert.ok(west !== undefined);
    assert.deepEqual(promotions({ ...prod, regions: [west] }, {}), {});
  });
});
