import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import fc from "fast-check";
import { before, describe, it } from "mocha";
import { MultiRegionKey } from "../../../components/storage/keys.ts";
import type { StoragePlace } from "../../../components/storage/keys.ts";
import type { ReplicatedBucketArgs } from "../../../components/storage/replicated.ts";
import { ReplicatedBucket } from "../../../components/storage/replicated.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { DATA_OUTPUTS } from "../data-fixture.ts";

const REGIONS = ["us-west-2", "us-east-1", "eu-west-1", "eu-central-1"];

function deployed(
  regions: readonly string[],
  change: Partial<ReplicatedBucketArgs> = {},
): Promise<readonly Registered[]> {
  return registered(() => {
    const places = regions.map((region) => ({
      region,
      provider: new aws.Provider(`aws-${region}`, { region: region as aws.Region }),
    })) as [StoragePlace];
    const key = new MultiRegionKey("key", { description: "Backups", places, protect: true });
    assert.throws(() => key.arnIn("sa-east-1"), /no replica in sa-east-1/);
    const buckets = new ReplicatedBucket("backups", { places, key, protect: true, ...change });
    assert.throws(() => buckets.in("sa-east-1"), /no bucket in sa-east-1/);
  }, DATA_OUTPUTS);
}

interface Rule {
  readonly id: string;
  readonly priority: number;
  readonly destination: {
    readonly bucket: string;
    readonly encryptionConfiguration: { readonly replicaKmsKeyId: string };
    readonly replicationTime?: object;
  };
}

const of = (resources: readonly Registered[], type: string) => resources.filter((each) => each.type === type);

describe("buckets of several regions", () => {
  let resources: readonly Registered[];
  before(async () => {
    resources = await deployed(REGIONS.slice(0, 2));
  });

  it("are versioned, encrypted with our key, the account's own, and closed to the public and to plain HTTP", () => {
    for (const bucket of of(resources, "aws:s3/bucket:Bucket")) {
      assert.equal(bucket.inputs["forceDestroy"], false);
      const settings = resources.filter(
        ({ type, inputs }) => type.startsWith("aws:s3/bucket") && inputs["bucket"] === bucket.name,
      );
      const types = settings.map(({ type }) => type.split(":").at(-1)).sort();
      assert.deepEqual(types, [
        "BucketLifecycleConfiguration",
        "BucketOwnershipControls",
        "BucketPolicy",
        "BucketPublicAccessBlock",
        "BucketReplicationConfig",
        "BucketServerSideEncryptionConfiguration",
        "BucketVersioning",
      ]);
      const policy = JSON.parse(
        String(settings.find(({ type }) => type.endsWith("BucketPolicy"))?.inputs["policy"]),
      ) as {
        Statement: [{ Effect: string; Condition: object }];
      };
      assert.equal(policy.Statement[0].Effect, "Deny");
      assert.deepEqual(policy.Statement[0].Condition, { Bool: { "aws:SecureTransport": "false" } });
    }
  });

  it("share one key material, whose primary is where it was made first", () => {
    assert.deepEqual(
      of(resources, "aws:kms/key:Key").map(({ name, inputs }) => [name, inputs["multiRegion"]]),
      [["key-us-west-2", true]],
    );
    assert.deepEqual(
      of(resources, "aws:kms/replicaKey:ReplicaKey").map(({ name }) => name),
      ["key-us-east-1"],
    );
  });

  it("copy to each other region with that region's key, whatever their number", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: REGIONS.length }), async (count) => {
        const regions = REGIONS.slice(0, count);
        const configs = of(await deployed(regions), "aws:s3/bucketReplicationConfig:BucketReplicationConfig");
        assert.equal(configs.length, count === 1 ? 0 : count);
        for (const { name, inputs } of configs) {
          const rules = inputs["rules"] as readonly Rule[];
          const others = regions.filter((region) => !name.includes(region));
          assert.deepEqual(
            rules.map(({ id }) => id),
            others.map((region) => `to-${region}`),
          );
          assert.equal(new Set(rules.map(({ priority }) => priority)).size, rules.length);
          rules.forEach(({ destination }, index) => {
            assert.match(destination.bucket, new RegExp(others[index] ?? "-"));
            assert.match(destination.encryptionConfiguration.replicaKmsKeyId, new RegExp(`key-${others[index]}$`));
          });
        }
      }),
      { numRuns: REGIONS.length },
    );
  });

  it("promise copies within 15 minutes only when that is asked for", async () => {
    const timed = (all: readonly Registered[]) =>
      of(all, "aws:s3/bucketReplicationConfig:BucketReplicationConfig")
        .flatMap(({ inputs }) => inputs["rules"] as readonly Rule[])
        .filter(({ destination }) => destination.replicationTime !== undefined).length;
    assert.equal(timed(resources), 0);
    assert.equal(timed(await deployed(REGIONS.slice(0, 2), { timeControl: true })), 2);
  });

  it("let the role of the copies read one bucket and write the others, and nothing else", () => {
    const [policy] = of(resources, "aws:iam/rolePolicy:RolePolicy");
    const { Statement } = JSON.parse(String(policy?.inputs["policy"])) as {
      Statement: { Action: string[]; Resource: unknown }[];
    };
    assert.ok(Statement.flatMap(({ Action }) => Action).every((action) => !action.includes("*")));
    assert.ok(Statement.every(({ Resource }) => JSON.stringify(Resource) !== '"*"'));
  });
});
