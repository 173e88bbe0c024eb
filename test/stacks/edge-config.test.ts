import assert from "node:assert/strict";
import { BadInput } from "@groundwork/lib/errors";
import { LOAD_BALANCING } from "@groundwork/lib/cloudflare-plans";
import { prodConfig } from "./prod-config.ts";

const region = (name: string, index: number) => ({
  name,
  role: index === 0 ? "primary" : "failover",
  cidr: `10.${index}.0.0/16`,
});
const inRegions = (...names: string[]) => ({ regions: names.map(region) });
const FIVE = ["us-west-2", "us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-1"];

function refusal(changes: Readonly<Record<string, unknown>>): string {
  try {
    prodConfig(changes);
  } catch (error) {
    assert.ok(error instanceof BadInput, String(error));
    assert.match(error.message, /^groundwork:[^\n]*\.$/);
    return error.message;
  }
  return "";
}

describe("the edge's configuration", () => {
  it("checks regions from one part of the world unless more is booked", () => {
    assert.equal(prodConfig().edge.checkRegions, 1);
    assert.equal(prodConfig({ edge: { checkRegions: 8 } }).edge.checkRegions, 8);
    assert.match(refusal({ edge: { checkRegions: 9 } }), /edge\.checkRegions is 9; write at most 8/);
    assert.match(refusal({ edge: { checkRegions: 0 } }), /edge\.checkRegions is 0/);
    assert.equal(refusal({ edge: { checkRegions: 13 }, cloudflarePlan: "enterprise" }), "");
    assert.match(refusal({ edge: { checkRegions: 14 }, cloudflarePlan: "enterprise" }), /checkRegions is 14/);
  });

  it("refuses more pools than an account has, before anything is made", () => {
    assert.equal(refusal(inRegions(...FIVE.slice(0, 4))), "");
    const said = refusal(inRegions(...FIVE));
    assert.match(said, /5 public systems and groundwork:regions 5 regions, which makes 25 pools/);
    assert.match(said, new RegExp(`at most ${LOAD_BALANCING.pools} pools in all, or groundwork:cloudflarePlan`));
    const sizes = { database: {}, cache: {} };
    assert.equal(refusal({ ...inRegions(...FIVE), ...sizes, systems: ["flowx", "sophia", "tracks"] }), "");
    assert.equal(refusal({ ...inRegions(...FIVE), cloudflarePlan: "enterprise" }), "");
  });

  for (const domain of ["example.com", "example.co.uk", "example.com.au", "my-shop.dev", "example.org.br"])
    it(`takes ${domain} for a zone`, () => assert.equal(refusal({ domain }), ""));

  for (const [domain, zone] of [
    ["app.example.com", "example.com"],
    ["a.b.example.com", "example.com"],
    ["app.example.co.uk", "example.co.uk"],
    ["app.example.io", "example.io"],
  ] as const)
    it(`refuses ${domain}, which lies inside of a zone`, () => {
      assert.match(refusal({ domain }), new RegExp(`domain is "${domain}", a name inside of the zone ${zone}; write`));
      assert.equal(refusal({ domain, cloudflarePlan: "enterprise" }), "");
    });
});
