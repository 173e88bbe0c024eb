import assert from "node:assert/strict";
import { defaultZones, REGIONS, zonesOf } from "@groundwork/lib/regions";

describe("regions", () => {
  it("have two or more zones each, named after the region", () => {
    for (const region of REGIONS) {
      const zones = zonesOf(region);
      assert.ok(zones.length >= 2);
      assert.ok(zones.every((zone) => new RegExp(`^${region}[a-f]$`).test(zone)));
    }
  });

  it("give three zones by default where there are three", () => {
    assert.deepEqual(defaultZones("us-west-2"), ["us-west-2a", "us-west-2b", "us-west-2c"]);
    assert.deepEqual(defaultZones("us-east-1"), ["us-east-1a", "us-east-1b", "us-east-1c"]);
  });

  it("refuse an unknown region in one sentence that names the key and the choices", () => {
    assert.throws(
      () => zonesOf("us-west-9", "regions[1].name"),
      /^BadInput: regions\[1\]\.name is "us-west-9", .*us-west-2\.$/,
    );
  });
});
