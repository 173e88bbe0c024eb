import assert from "node:assert/strict";
import { SECRET, type DesiredResource } from "@groundwork/lib/desired-state";
import { centsOf, costOf } from "@groundwork/lib/pricing/price";
import { ageInDays, ownPrices, parsePriceTable, PriceBook, type Reading } from "@groundwork/lib/pricing/table";
import fc from "fast-check";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { made } from "./environment.ts";

const TABLE = ownPrices().table;

function cost(resources: readonly DesiredResource[], usage = {}) {
  return costOf(resources, usage, ownPrices(), "shop");
}

/** The table's readings, all of one day. */
function daysOf(on: string): Readonly<Record<string, Reading>> {
  return Object.fromEntries(Object.entries(TABLE.readings).map(([name, reading]) => [name, { ...reading, on }]));
}

describe("the price table", () => {
  it("says of every price where it is told, how it was read and on which day", () => {
    for (const { id, source, unit, what, service, in: regions } of TABLE.prices) {
      assert.match(source, /^https:\/\//, id);
      for (const text of [unit, what, service]) assert.ok(text.length > 1, id);
      assert.ok(Object.keys(regions).length > 0, id);
      for (const [region, { usd, read }] of Object.entries(regions)) {
        assert.match(region, /^(?:\*|[a-z]{2}-[a-z]+-\d)$/, id);
        assert.ok(usd > 0, id);
        const reading = TABLE.readings[read];
        assert.ok(reading, `${id} was read as ${read}`);
        assert.match(reading.on, /^\d{4}-\d{2}-\d{2}$/);
        assert.match(reading.how, /\.$/);
      }
    }
  });

  it("has each price once", () => {
    const ids = TABLE.prices.map(({ id }) => id);
    assert.deepEqual(ids.length, new Set(ids).size);
  });

  it("is as old as the days since its date", () => {
    assert.equal(ageInDays({ ...TABLE, date: "2026-01-01" }, new Date("2026-06-30T23:59:00Z")), 180);
  });

  it("is refused where it is not whole, in one sentence", async () => {
    const broken = (change: object) => () => parsePriceTable(JSON.stringify({ ...TABLE, ...change }), "prices.json");
    const [first] = TABLE.prices;
    await assertBadInput(() => parsePriceTable("{", "prices.json"), /is not JSON/);
    await assertBadInput(broken({ schema: 2 }), /schema 2/);
    await assertBadInput(broken({ date: "today" }), /date today/);
    await assertBadInput(broken({ prices: [] }), /no prices/);
    await assertBadInput(broken({ prices: [{ ...first, source: "" }] }), /without id or source/);
    await assertBadInput(
      broken({ prices: [{ ...first, in: { "us-east-1": { usd: 0, read: "karpenter" } } }] }),
      /not a price above 0/,
    );
    await assertBadInput(
      broken({ prices: [{ ...first, in: { "us-east-1": { usd: 1, read: "hearsay" } } }] }),
      /does not say how/,
    );
    await assertBadInput(broken({ readings: daysOf("lately") }), /was read on lately/);
    await assertBadInput(broken({ prices: [{ ...first, list: "nowhere" }] }), /names the list nowhere/);
  });
});

describe("costs", () => {
  it("are rounded half up, whatever binary fractions make of them", () => {
    assert.equal(centsOf(1, 0.005), 1);
    assert.equal(centsOf(1, 0.0049), 0);
    assert.equal(centsOf(3, 0.285), 86);
    assert.equal(centsOf(1.005, 1), 101);
    assert.equal(centsOf(0, 5), 0);
  });

  it("of a type that nobody has priced are listed, never nothing", () => {
    const report = cost([
      made("aws:kinesis/stream:Stream", "a"),
      made("aws:kinesis/stream:Stream", "b"),
      made("acme:index/thing:Thing", "c"),
    ]);
    assert.equal(report.totalCents, 0);
    assert.deepEqual(
      report.notPriced.map(({ type, count }) => [type, count]),
      [
        ["acme:index/thing:Thing", 1],
        ["aws:kinesis/stream:Stream", 2],
      ],
    );
  });

  it("of what is free are not listed", () => {
    const report = cost([
      made("aws:iam/role:Role", "role"),
      made("aws:ec2/securityGroup:SecurityGroup", "group"),
      made("random:index/randomId:RandomId", "id"),
      made("docker:index/container:Container", "app"),
    ]);
    assert.deepEqual([report.items, report.notPriced], [[], []]);
  });

  it("in a region that the table does not have are listed with what is missing", () => {
    const [missing] = cost([made("aws:ec2/natGateway:NatGateway", "nat", {}, { region: "sa-east-1" })]).notPriced;
    assert.match(missing?.why ?? "", /no price of nat\/(?:hours|gb) in sa-east-1/);
  });

  it("that hang on what is not known yet are listed", () => {
    const { notPriced } = cost([
      made("aws:eks/nodeGroup:NodeGroup", "nodes", { instanceTypes: ["m7i.large"] }),
      made("aws:ec2/vpcEndpoint:VpcEndpoint", "e", { vpcEndpointType: "Interface" }),
    ]);
    assert.equal(notPriced.length, 2);
    for (const { why } of notPriced) assert.match(why, /not known before the update/);
  });

  it("are told for the volumes that custom resources and claims make", () => {
    const claim = (storageClassName?: string) =>
      made("kubernetes:core/v1:PersistentVolumeClaim", "data", {
        spec: {
          resources: { requests: { storage: "10Gi" } },
          ...(storageClassName === undefined ? {} : { storageClassName }),
        },
      });
    const storageClass = (name: string, more: object) =>
      made("kubernetes:storage.k8s.io/v1:StorageClass", name, {
        metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(name === "usual") } },
        provisioner: "ebs.csi.aws.com",
        ...more,
      });
    const classes = [
      storageClass("usual", {}),
      storageClass("gp2-like", { parameters: { type: "gp3", iops: "4000", throughput: "250" } }),
      storageClass("old", { parameters: { type: "gp2" } }),
      storageClass("files", { provisioner: "efs.csi.aws.com" }),
    ];
    const why = (storageClassName?: string) =>
      cost([...classes, claim(storageClassName)]).notPriced.map((each) => each.why);
    // the kinds that are looked up: a claim without a cluster is in no region
    assert.deepEqual(why(), ["the table has no price of ebs/gp3 in global"]);
    assert.deepEqual(why("old"), ["the table has no price of ebs/gp2 in global"]);
    assert.deepEqual(
      why("gp2-like"),
      ["ebs/gp3", "ebs/gp3-iops", "ebs/gp3-throughput"].map((id) => `the table has no price of ${id} in global`),
    );
    assert.deepEqual(why("files"), ["volumes of efs.csi.aws.com are not in the table"]);
    assert.match(why("io2-fast")[0] ?? "", /class io2-fast are is not known/);
    assert.match(cost([claim()]).notPriced[0]?.why ?? "", /default class are is not known/);
  });

  it("that hang on a kind that the table does not have are listed", () => {
    const why = (type: string, inputs: object) => cost([made(type, "one", { ...inputs })]).notPriced[0]?.why ?? "";
    assert.match(why("aws:lb/loadBalancer:LoadBalancer", {}), /public IPv4 addresses .* not known/);
    assert.equal(why("aws:lb/loadBalancer:LoadBalancer", { internal: true }), "");
    assert.match(
      why("aws:cloudwatch/logGroup:LogGroup", { logGroupClass: "INFREQUENT_ACCESS" }),
      /class INFREQUENT_ACCESS/,
    );
    assert.match(
      why("cloudflare:index/certificatePack:CertificatePack", { type: "advanced" }),
      /Advanced Certificate Manager/,
    );
  });

  it("of a secret are those of each of its replicas, too", () => {
    const secret = made("aws:secretsmanager/secret:Secret", "login", { replicas: [{ region: "us-east-1" }] });
    assert.equal(cost([secret]).items.find(({ description }) => description === "secret")?.quantity, 2);
  });

  it("do not stumble over secrets", () => {
    const types = [
      "aws:rds/cluster:Cluster",
      "aws:eks/nodeGroup:NodeGroup",
      "aws:elasticache/replicationGroup:ReplicationGroup",
      "aws:ebs/volume:Volume",
      "cloudflare:index/loadBalancerPool:LoadBalancerPool",
    ];
    const keys = [
      "engine",
      "instanceTypes",
      "scalingConfig",
      "nodeType",
      "numNodeGroups",
      "size",
      "origins",
      "masterPassword",
    ];
    const report = cost(
      types.map((type, index) => made(type, `r${index}`, Object.fromEntries(keys.map((key) => [key, SECRET])))),
    );
    assert.doesNotMatch(JSON.stringify(report.items), /secret/);
  });

  it("name each assumption with the key that changes it", () => {
    const [said] = cost([made("aws:ecr/repository:Repository", "images")]).assumptions;
    assert.equal(
      said,
      "5 GB of images in each repository (nobody says otherwise: shop.usage.<system>.imageGb in capacity.yaml).",
    );
    const [own] = cost([made("aws:ecr/repository:Repository", "images", { tags: { system: "shop" } })], {
      shop: { imageGb: 9 },
    }).assumptions;
    assert.equal(own, "9 GB of images in each repository (shop.usage.shop.imageGb in capacity.yaml).");
  });
});

/** Resources that are paid by themselves, so that any set of them is an environment. */
const SINGLE: readonly (readonly [type: string, inputs: Record<string, unknown>])[] = [
  ["aws:ec2/natGateway:NatGateway", {}],
  ["aws:ec2/eip:Eip", {}],
  ["aws:lb/loadBalancer:LoadBalancer", { subnets: ["a", "b"] }],
  ["aws:ebs/volume:Volume", { type: "gp3", size: 33 }],
  ["aws:ec2/instance:Instance", { instanceType: "t4g.small", tags: { system: "shop" } }],
  [
    "aws:elasticache/replicationGroup:ReplicationGroup",
    { engine: "valkey", nodeType: "cache.m7g.large", numNodeGroups: 2, replicasPerNodeGroup: 2 },
  ],
  ["aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 7 }],
  ["aws:iam/role:Role", {}],
  ["aws:kinesis/stream:Stream", {}],
];

const environment = fc.array(fc.record({ kind: fc.nat(SINGLE.length - 1), east: fc.boolean() }), { maxLength: 20 });

function resourcesOf(kinds: readonly { kind: number; east: boolean }[], prefix: string): DesiredResource[] {
  return kinds.map(({ kind, east }, index) => {
    const [type, inputs] = SINGLE[kind] ?? ["", {}];
    return made(type, `${prefix}${String(index).padStart(2, "0")}`, inputs, {
      region: east ? "us-east-1" : "us-west-2",
    });
  });
}

describe("sums of costs", () => {
  it("are the sums of their items, whatever they are grouped by", () => {
    fc.assert(
      fc.property(environment, (kinds) => {
        const report = cost(resourcesOf(kinds, "r"));
        for (const key of ["system", "region", "service"] as const) {
          const groups = Map.groupBy(report.items, (item) => item[key]);
          const sums = [...groups.values()].map((items) => items.reduce((sum, { cents }) => sum + cents, 0));
          assert.equal(
            sums.reduce((sum, each) => sum + each, 0),
            report.totalCents,
          );
        }
      }),
    );
  });

  it("do not hang on the order of the resources", () => {
    fc.assert(
      fc.property(environment, fc.integer(), (kinds, seed) => {
        const resources = resourcesOf(kinds, "r");
        const shuffled = resources
          .toSorted((a, b) => ((a.urn.length * 7 + seed) % 13) - ((b.urn.length * 7 + seed) % 13))
          .reverse();
        assert.deepEqual(cost(shuffled), cost(resources));
      }),
    );
  });

  it("of two environments together are those of both", () => {
    fc.assert(
      fc.property(environment, environment, (one, other) => {
        const [a, b] = [resourcesOf(one, "a"), resourcesOf(other, "b")];
        assert.equal(cost([...a, ...b]).totalCents, cost(a).totalCents + cost(b).totalCents);
      }),
    );
  });

  it("hold for any table of prices", () => {
    const free = new PriceBook({ ...TABLE, prices: [] });
    assert.equal(costOf(resourcesOf([{ kind: 0, east: true }], "r"), {}, free, "shop").totalCents, 0);
  });
});
