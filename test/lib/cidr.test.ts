import assert from "node:assert/strict";
import fc from "fast-check";
import { BadInput } from "@groundwork/lib/errors";
import {
  addressIn,
  blockSize,
  contains,
  format,
  overlaps,
  parseCidr,
  parseVpcCidr,
  planSubnets,
  readCidr,
  VPC_SMALLEST,
} from "@groundwork/lib/cidr";
import type { Cidr } from "@groundwork/lib/cidr";

const vpcs = fc
  .tuple(fc.integer({ min: 16, max: VPC_SMALLEST }), fc.nat(2 ** 32 - 1))
  .map(([prefix, address]) => ({ prefix, base: address - (address % blockSize(prefix)) }));
const zoneNames = ["a", "b", "c", "d"];

/** Blocks of 16 to 256 addresses inside 10.0.0.0/22, so that brute force can look at each address. */
const small = fc.tuple(fc.integer({ min: 0, max: 1023 }), fc.integer({ min: 24, max: 28 })).map(([host, prefix]) => {
  const found = readCidr(`10.0.${Math.floor(host / 256)}.${host % 256}/${prefix}`);
  assert.ok(found);
  return found;
});

const addresses = ({ base, prefix }: Cidr): Set<number> =>
  new Set(Array.from({ length: blockSize(prefix) }, (_, n) => base + n));

describe("CIDR blocks", () => {
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
        const one = readCidr(`${addressIn(within, n)}/32`);
        assert.ok(one !== undefined && contains(within, one));
      }),
    );
  });

  it("are nothing but IPv4 CIDR notation", () => {
    for (const text of ["10.0.0.0", "10.0.0.256/24", "10.0.0.0/33", "10.0.0/8", "::/0", "", 1, undefined])
      assert.equal(readCidr(text), undefined, String(text));
    assert.equal(readCidr("10.0.0.1/24")?.aligned, false);
    assert.deepEqual(readCidr("0.0.0.0/0"), { base: 0, prefix: 0, aligned: true });
  });
});

describe("CIDR planner", () => {
  it("reads back every block that it writes", () => {
    fc.assert(fc.property(vpcs, (vpc) => assert.deepEqual(parseCidr(format(vpc)), vpc)));
  });

  it("keeps all subnets inside the VPC and apart from each other, at most /28", () => {
    fc.assert(
      fc.property(vpcs, fc.integer({ min: 1, max: 4 }), (vpc, count) => {
        const subnets = planSubnets(format(vpc), zoneNames.slice(0, count)).map(({ cidr }) => parseCidr(cidr));
        assert.equal(subnets.length, 3 * count);
        for (const [index, subnet] of subnets.entries()) {
          assert.ok(contains(vpc, subnet));
          assert.ok(subnet.prefix <= 28);
          assert.ok(!subnets.slice(index + 1).some((other) => overlaps(subnet, other)));
        }
      }),
    );
  });

  it("moves no subnet when a zone is added", () => {
    fc.assert(
      fc.property(vpcs, fc.integer({ min: 1, max: 3 }), (vpc, count) => {
        const before = planSubnets(format(vpc), zoneNames.slice(0, count));
        assert.deepEqual(planSubnets(format(vpc), zoneNames.slice(0, count + 1)).slice(0, before.length), before);
      }),
    );
  });

  it("gives the pods' subnets half of the VPC", () => {
    assert.deepEqual(
      planSubnets("10.0.0.0/16", ["us-west-2a", "us-west-2b"]).map(({ zone, tier, cidr }) => `${zone} ${tier} ${cidr}`),
      [
        "us-west-2a public 10.0.128.0/21",
        "us-west-2a private 10.0.0.0/19",
        "us-west-2a isolated 10.0.160.0/21",
        "us-west-2b public 10.0.136.0/21",
        "us-west-2b private 10.0.32.0/19",
        "us-west-2b isolated 10.0.168.0/21",
      ],
    );
  });

  for (const [text, says] of [
    ["10.0.0.0", /regions\[0\]\.cidr is "10\.0\.0\.0"; write an IPv4 block/],
    ["10.0.0.256/16", /write an IPv4 block/],
    ["10.0.0.1/16", /write the block itself, "10\.0\.0\.0\/16"/],
    ["10.0.0.0/8", /between \/16 and \/23/],
    ["10.0.0.0/24", /between \/16 and \/23/],
  ] as const) {
    it(`refuses ${text} as a VPC`, () => {
      assert.throws(
        () => parseVpcCidr(text, "regions[0].cidr"),
        (error: unknown) => error instanceof BadInput && says.test(error.message),
      );
    });
  }

  it("refuses more zones than it keeps room for, none, and the same one twice", () => {
    for (const zones of [[], ["a", "a"], ["a", "b", "c", "d", "e"]]) {
      assert.throws(() => planSubnets("10.0.0.0/16", zones), /name 1 to 4 different ones/);
    }
  });
});
