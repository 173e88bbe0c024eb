import assert from "node:assert/strict";
import fc from "fast-check";
import { AWS_REGIONS, awsZones } from "@groundwork/lib/regions";
import { isStandard, vcpus } from "../../../../scripts/rehearsal/clouds/tables/aws/vcpus.ts";
import { regionCode, zoneId } from "../../../../scripts/rehearsal/clouds/tables/aws/zones.ts";

describe("AWS: vCPUs of instance types", () => {
  // https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
  const known: Readonly<Record<string, number | undefined>> = {
    "t3.nano": 2,
    "t3.medium": 2,
    "t2.micro": 1,
    "m7g.medium": 1,
    "m7i.large": 2,
    "m7i.xlarge": 4,
    "c6id.12xlarge": 48,
    "c4.8xlarge": 36,
    "r8g.48xlarge": 192,
    "m5.metal": 96,
    "r8g.metal-24xl": 96,
    "im4gn.4xlarge": 16,
    "x2gd.medium": 1,
    "m7i.huge": undefined,
    m7i: undefined,
    large: undefined,
  };
  for (const [type, count] of Object.entries(known))
    it(`${type}: ${count ?? "no instance type"}`, () => assert.equal(vcpus(type), count));

  it("four for each xlarge", () => {
    fc.assert(fc.property(fc.integer({ min: 2, max: 64 }), (n) => assert.equal(vcpus(`m7i.${n}xlarge`), 4 * n)));
  });

  it("count as Standard for A, C, D, H, I, M, R, T and Z only", () => {
    for (const type of [
      "a1.large",
      "c7g.large",
      "d3.xlarge",
      "h1.2xlarge",
      "i4i.large",
      "im4gn.large",
      "m7i.large",
      "r8g.large",
      "t3.large",
      "z1d.large",
    ])
      assert.ok(isStandard(type), type);
    for (const type of [
      "g5.xlarge",
      "p5.48xlarge",
      "inf2.xlarge",
      "x2gd.large",
      "hpc7g.4xlarge",
      "trn1.2xlarge",
      "dl1.24xlarge",
      "u-6tb1.56xlarge",
      "mac2.metal",
    ])
      assert.ok(!isStandard(type), type);
  });
});

describe("AWS: regions and zones", () => {
  it("have the codes that zone ids begin with", () => {
    const codes: Readonly<Record<string, string>> = {
      "us-west-2": "usw2",
      "ap-southeast-2": "apse2",
      "ca-central-1": "cac1",
      "eu-north-1": "eun1",
      "ap-northeast-3": "apne3",
    };
    for (const [region, code] of Object.entries(codes)) assert.equal(regionCode(region), code);
    assert.equal(zoneId("us-west-2b"), "usw2-az2");
  });

  it("have zones of their own, with an id each", () => {
    const zones = AWS_REGIONS.flatMap(awsZones);
    assert.equal(new Set(zones).size, zones.length);
    assert.equal(new Set(zones.map(zoneId)).size, zones.length);
    assert.deepEqual(awsZones("us-moon-1"), []);
  });
});
