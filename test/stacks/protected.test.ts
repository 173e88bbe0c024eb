import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { before, describe, it } from "mocha";
import { CATALOG } from "../../components/cluster/addons/catalog.ts";
import { chooseAddons } from "../../components/cluster/addons/choose.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { inCloud } from "../../stacks/systems/scale.ts";
import { registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod } from "./cloud-fixture.ts";

interface Made {
  readonly type: string;
  readonly name: string;
  readonly isProtected: boolean;
}

/** Everything that production has with all five systems, and whether the engine refuses to delete it. */
async function made(changes: Partial<CloudConfig> = {}): Promise<readonly Made[]> {
  const seen: Made[] = [];
  const systems = Object.values(SYSTEMS).map(inCloud);
  const told = CATALOG.filter(({ name }) => name !== "external-dns" && name !== "external-secrets");
  const addons = chooseAddons(
    {},
    told.map(({ name }) => name),
  );
  await registered(() => {
    pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
      seen.push({ type, name, isProtected: opts.protect === true });
      return undefined;
    });
    return cloudEnvironment({ ...prod, systems, addons, ...changes });
  }, CLOUD_OUTPUTS);
  return seen;
}

/** Whether all of the type refuse deletion, or those whose name is this; the others can be made again from what stays. */
const STATEFUL: Readonly<Record<string, RegExp>> = {
  "aws:backup/vault:Vault": /^/,
  "aws:ecr/repository:Repository": /^/,
  "aws:eks/cluster:Cluster": /^/,
  "aws:elasticache/replicationGroup:ReplicationGroup": /^/,
  "aws:kms/key:Key": /^/,
  "aws:kms/replicaKey:ReplicaKey": /^/,
  "aws:rds/cluster:Cluster": /^/,
  "aws:rds/globalCluster:GlobalCluster": /^/,
  // the first writer; a database without any other is slower, and has all its data
  "aws:rds/clusterInstance:ClusterInstance": /-postgres-us-west-2-0$/,
  // in the other ones are the certificates of who may call, which are in the state
  "aws:s3/bucket:Bucket": /^(?:audit-trail|backups-)/,
  // of data tiers: with one go its servers and the claims of their volumes
  "kubernetes:core/v1:Namespace": /-place-namespace$/,
  "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB": /^/,
  "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster": /^/,
};

describe("production's stateful resources", () => {
  let all: readonly Made[];
  before(async () => {
    all = await made();
  });

  it("refuse deletion, and nothing else does", () => {
    const wrong = all.filter(({ type, name, isProtected }) => isProtected !== (STATEFUL[type]?.test(name) ?? false));
    assert.deepEqual(wrong, []);
  });

  it("are there in both regions", () => {
    for (const [type, name] of Object.entries(STATEFUL)) {
      const found = all.filter((each) => each.type === type && name.test(each.name));
      const isShared = /globalCluster|clusterInstance|replicaKey/.test(type);
      for (const { name: region } of isShared ? [] : prod.regions)
        assert.ok(
          found.some((each) => each.name.includes(region)),
          `${type} in ${region}`,
        );
      assert.ok(found.length > 0, type);
    }
  });

  it("give way when the key says so, all of them", async () => {
    const left = (await made({ protect: false })).filter(({ isProtected }) => isProtected);
    assert.deepEqual(left, []);
  });
});
