import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { createAccount } from "../../stacks/cloud/account.ts";
import { createCaches, fromHome } from "../../stacks/cloud/data.ts";
import type { Place } from "../../stacks/cloud/place.ts";
import { finaiNexus } from "../../stacks/systems/finai-nexus.ts";
import * as aws from "@pulumi/aws";
import type { Registered } from "../helpers/mocks.ts";
import { registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, east, prod, west } from "./cloud-fixture.ts";
import { REGIONS, configured } from "./configured.ts";

describe("the configuration of data tiers and account", () => {
  it("has everything on that is not costly, and asks for what is", () => {
    const { database, cache, recovery, account, homeRegion } = configured();
    assert.equal(homeRegion, "us-west-2");
    assert.deepEqual([database.pooling, database.monitoringSeconds, database.insights], ["rds-proxy", 60, "standard"]);
    assert.equal(cache.global, false);
    assert.deepEqual([recovery.enabled, recovery.lock, recovery.timeControl], [true, "none", false]);
    assert.deepEqual(
      [account.owner, account.dataEvents, account.runtimeMonitoring, account.costTags],
      [true, false, false, false],
    );
  });

  it("keeps its home when the roles are swapped, as the list is written", () => {
    const [first, second] = REGIONS;
    const swapped = [
      { ...first, role: "failover" },
      { ...second, role: "primary" },
    ];
    const { homeRegion, regions } = configured({ regions: swapped });
    assert.equal(homeRegion, "us-west-2");
    assert.equal(regions[0]?.name, "us-east-1");
    assert.equal(configured({ regions: [...REGIONS].reverse(), homeRegion: "us-west-2" }).homeRegion, "us-west-2");
  });

  const refused: readonly (readonly [Readonly<Record<string, unknown>>, RegExp])[] = [
    [{ homeRegion: "eu-west-1" }, /homeRegion is "eu-west-1"; write one of the regions: us-west-2, us-east-1/],
    [{ database: { pooling: "pgbouncer" } }, /database\.pooling is "pgbouncer"; .*rds-proxy/],
    [{ database: { monitoringSeconds: 7 } }, /database\.monitoringSeconds is 7; write one of 0, 1, 5/],
    [{ recovery: { dailyDays: 36 } }, /recovery\.dailyDays is 36; write a whole number from 1 to 35/],
    [{ recovery: { lock: "forever" } }, /recovery\.lock is "forever"/],
    [{ account: { emails: ["ops"] } }, /account\.emails\[0\] is "ops"; write an address/],
    [{ account: { owners: true } }, /account\.owners is not a setting/],
    [{ cache: { global: "yes" } }, /cache\.global is "yes"; write true or false/],
  ];
  for (const [values, says] of refused)
    it(`refuses ${JSON.stringify(values)}`, () => {
      assert.throws(() => configured(values), says);
    });
});

/** Of a place, what data tiers and account look at. */
function placeOf(region: typeof west): Place {
  const network = { vpcId: "vpc", subnets: { isolated: [{ id: `${region.name}-a` }, { id: `${region.name}-b` }] } };
  const cluster = { network, securityGroupId: "sg-nodes", key: { arn: `arn:aws:kms:${region.name}:1:key/1` } };
  const provider = new aws.Provider(`aws-${region.name}`, { region: region.name as aws.Region });
  return { region, provider, cluster } as unknown as Place;
}

async function made(program: (places: [Place, Place]) => unknown): Promise<readonly Registered[]> {
  return registered(() => program([placeOf(west), placeOf(east)]), CLOUD_OUTPUTS);
}

const of = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`)).map(({ name }) => name);

describe("the composition of data tiers and account", () => {
  it("has a cache in each region that stands alone, under the names of release 0.1.0, or one datastore", async () => {
    const alone = await made((places) => createCaches(prod, finaiNexus, places));
    assert.deepEqual(of(alone, "ReplicationGroup"), ["us-west-2-finai-nexus-redis", "us-east-1-finai-nexus-redis"]);
    assert.equal(of(alone, "GlobalReplicationGroup").length, 0);
    const global = { ...prod, cache: { ...prod.cache, global: true } };
    const joined = await made((places) => createCaches(global, finaiNexus, places));
    assert.equal(of(joined, "GlobalReplicationGroup").length, 1);
    assert.ok(of(joined, "ReplicationGroup").includes("us-west-2-finai-nexus-redis"), "the home's stays as it is");
    assert.ok(!of(joined, "ReplicationGroup").includes("us-east-1-finai-nexus-redis"), "a follower is a new one");
  });

  it("orders regions from the home, whoever leads", async () => {
    await made((places) => {
      const order = fromHome(prod, [places[1], places[0]]).map(({ region }) => region);
      assert.deepEqual(order, ["us-west-2", "us-east-1"]);
    });
  });

  it("has budgets in every stack, and what an account has once in its owner only", async () => {
    const owner = await made((places) => createAccount(prod, places));
    assert.equal(of(owner, "Trail").length, 1);
    assert.equal(of(owner, "Detector").length, 2);
    assert.equal(of(owner, "Topic").length, 0);
    const emails = ["ops@example.com"];
    const guest = { ...prod, account: { ...prod.account, owner: false, emails } };
    const other = await made((places) => createAccount(guest, places));
    for (const type of ["Trail", "Detector", "Analyzer", "AccountPublicAccessBlock"])
      assert.equal(of(other, type).length, 0, type);
    assert.deepEqual(of(other, "Budget").sort(), ["budget-all", "budget-finai-nexus"]);
    assert.equal(of(other, "Topic").length, 2);
  });
});
