import assert from "node:assert/strict";
import fc from "fast-check";
import { address, block, contains, overlaps } from "../../../../scripts/rehearsal/clouds/tables/aws/cidr.ts";
import type { Block } from "../../../../scripts/rehearsal/clouds/tables/aws/cidr.ts";
import { isStandard, vcpus } from "../../../../scripts/rehearsal/clouds/tables/aws/vcpus.ts";
import { regionCode, regions, zoneId, zonesOf } from "../../../../scripts/rehearsal/clouds/tables/aws/zones.ts";

/** Blocks of 16 to 256 addresses inside 10.0.0.0/22, so that brute force can look at each address. */
const small = fc
  .tuple(fc.integer({ min: 0, max: 1023 }), fc.integer({ min: 24, max: 28 }))
  .map(([host, prefix]): Block => {
    const found = block(`10.0.${Math.floor(host / 256)}.${host % 256}/${prefix}`);
    assert.ok(found);
    return found;
  });

const addresses = ({ first, size }: Block): Set<number> => new Set(Array.from({ length: size }, (_, n) => first + n));

describe("AWS: CIDR blocks", () => {
  it("overlap when they share an address", () => {
    fc.assert(
      fc.property(small, small, (one, other) => {
        const shared = [...addresses(one)].some((each) => addresses(other).has(each));
        assert.equal(overlaps(one, other), shared);
        assert.equal(overlaps(other, one), shared);
      }),
    );
  });

  it("contain what has no address outside", () => {
    fc.assert(
      fc.property(small, small, (outer, inner) => {
        assert.equal(
          contains(outer, inner),
          [...addresses(inner)].every((each) => addresses(outer).has(each)),
        );
      }),
    );
  });

  it("give addresses inside themselves", () => {
    fc.assert(
      fc.property(small, fc.nat(), (within, n) => {
        const one = block(`${address(within, n)}/32`);
        assert.ok(one !== undefined && contains(within, one));
      }),
    );
  });

  it("are nothing but IPv4 CIDR notation", () => {
    for (const text of ["10.0.0.0", "10.0.0.256/24", "10.0.0.0/33", "10.0.0/8", "::/0", "", 1, undefined])
      assert.equal(block(text), undefined, String(text));
    assert.equal(block("10.0.0.1/24")?.aligned, false);
    assert.equal(block("0.0.0.0/0")?.size, 2 ** 32);
  });
});

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
    const zones = regions.flatMap(zonesOf);
    assert.equal(new Set(zones).size, zones.length);
    assert.equal(new Set(zones.map(zoneId)).size, zones.length);
    assert.deepEqual(zonesOf("us-moon-1"), []);
  });
});
