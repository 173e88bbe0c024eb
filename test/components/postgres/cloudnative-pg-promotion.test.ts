import assert from "node:assert/strict";
import { inOrder } from "@groundwork/lib/promotion";
import { cloudNativePgPromotion } from "../../../components/postgres/cloudnative-pg-promotion.ts";

const REGIONS = { system: "finai-nexus", from: "us-west-2", to: "us-east-1" };

describe("promotion of PostgreSQL by CloudNativePG", () => {
  it("loses nothing where it is planned: the old primary is demoted first and gives out a token", () => {
    const steps = cloudNativePgPromotion({ ...REGIONS, planned: true });
    assert.deepEqual(inOrder(steps), steps);
    assert.ok(steps.every(({ loses }) => loses.startsWith("nothing")));
    const [demote, promote] = steps;
    assert.ok(demote && "command" in demote.how && demote.how.command.includes("--context us-west-2"));
    assert.ok(promote && "config" in promote.how);
    assert.equal(promote.how.config["regions[name=us-east-1].role"], "primary");
    assert.equal(promote.how.config["database.systems.finai-nexus.promotionToken"], "<the token>");
  });

  it("asks nothing of a lost region until it is back, and says what is lost", () => {
    const [promote, configure, rebuild] = cloudNativePgPromotion(REGIONS);
    assert.ok(promote && "command" in promote.how && promote.how.command.includes("--context us-east-1"));
    assert.match(promote.loses, /up to 60 s of writes/);
    assert.ok(configure && "config" in configure.how);
    assert.match(rebuild?.what ?? "", /When us-west-2 is back/);
  });

  it("refuses to promote what leads already", () => {
    assert.throws(() => cloudNativePgPromotion({ ...REGIONS, to: "us-west-2" }), /write a region that follows/);
  });
});
