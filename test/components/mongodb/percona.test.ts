import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { effectiveLimits } from "@groundwork/lib/pods";
import { parseCpu } from "@groundwork/lib/quantity";
import { PerconaMongodb } from "../../../components/mongodb/percona.ts";
import type { PerconaMongodbArgs } from "../../../components/mongodb/percona.ts";
import type { PerconaServerMongoDBSpec } from "../../../components/mongodb/percona-kinds.ts";
import { mongodbConnection } from "../../../components/mongodb/spec.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Registered } from "../../helpers/mocks.ts";

const CANARY = "canary-of-mongodb";
const ARGS: PerconaMongodbArgs = {
  system: "finai-nexus",
  spec: { database: "finance", size: { cpu: 2, memory: "8Gi" }, maxConnections: 500 },
  clients: [{ namespace: "finai-nexus", labels: {} }],
  monitoring: "monitoring",
  backups: {
    clusterName: "prod",
    bucket: {
      name: "backups-us-west-2",
      arn: "arn:aws:s3:::backups-us-west-2",
      keyArn: "arn:aws:kms:us-west-2:123456789012:key/1",
      region: "us-west-2",
    },
  },
  protect: true,
};
const OUTPUTS = {
  "pulumi:providers:kubernetes": () => ({}),
  "random:index/randomPassword:RandomPassword": (_: unknown, name: string) => ({ result: `${CANARY}-${name}` }),
  ...Object.fromEntries(
    [
      "kubernetes:core/v1:Namespace",
      "kubernetes:core/v1:ResourceQuota",
      "kubernetes:core/v1:LimitRange",
      "kubernetes:core/v1:Secret",
      "kubernetes:core/v1:ServiceAccount",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy",
      "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB",
      "kubernetes:monitoring.coreos.com/v1:PodMonitor",
      "aws:iam/role:Role",
      "aws:iam/rolePolicy:RolePolicy",
      "aws:eks/podIdentityAssociation:PodIdentityAssociation",
    ].map((type) => [type, (_: unknown, name: string) => ({ arn: `arn:${name}` })]),
  ),
};

async function deployed(changes: Partial<PerconaMongodbArgs> = {}) {
  const tiers: PerconaMongodb[] = [];
  const resources = await registered(() => {
    const providers = [new kubernetes.Provider("cluster", {}), new aws.Provider("aws", { region: "us-west-2" })];
    tiers.push(new PerconaMongodb("us-west-2-finai-nexus-mongodb", { ...ARGS, ...changes }, { providers }));
  }, OUTPUTS);
  const [tier] = tiers;
  assert.ok(tier);
  return { tier, resources };
}

const ofKind = (resources: readonly Registered[], kind: string) =>
  resources.filter(({ type }) => type.endsWith(`:${kind}`));
const specOf = (resources: readonly Registered[]) =>
  ofKind(resources, "PerconaServerMongoDB")[0]?.inputs.spec as PerconaServerMongoDBSpec;
const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("MongoDB by Percona's operator", () => {
  it("has the interface of every MongoDB: routers, its own database and an administrator", async () => {
    const { tier } = await deployed();
    assert.equal(await value(tier.endpoint.host), "mongodb-mongos.finai-nexus-mongodb.svc");
    const { environment, secrets } = mongodbConnection(tier);
    assert.equal(environment.MONGODB_USER, "finance");
    assert.equal(await pulumi.isSecret(secrets.MONGODB_PASSWORD as pulumi.Output<string>), true);
    assert.equal(tier.administrator.user, "databaseAdmin");
    assert.notEqual(await value(tier.administrator.secret), await value(tier.secret));
  });

  it("is three shards of three, config servers and routers, balanced, over the zones", async () => {
    const spec = specOf((await deployed()).resources);
    assert.deepEqual(
      spec.replsets.map(({ name, size }) => [name, size]),
      [
        ["rs0", 3],
        ["rs1", 3],
        ["rs2", 3],
      ],
    );
    assert.equal(spec.sharding.configsvrReplSet.size, 3);
    assert.equal(spec.sharding.mongos.size, 3);
    assert.equal(spec.sharding.balancer.enabled, true);
    for (const pods of [...spec.replsets, spec.sharding.configsvrReplSet, spec.sharding.mongos]) {
      assert.deepEqual(pods.resources.requests, pods.resources.limits);
      assert.equal(pods.podDisruptionBudget.maxUnavailable, 1);
      assert.match(pods.configuration ?? "", /maxIncomingConnections: 500/);
    }
    assert.equal(spec.pmm.enabled, false);
    assert.equal(spec.upgradeOptions.apply, "disabled");
  });

  it("gives its user the rights over its database and nothing else", async () => {
    const [user] = specOf((await deployed()).resources).users;
    assert.equal(user?.db, "finance");
    assert.ok(user.roles.every(({ db }) => db === "finance"));
  });

  it("backs up each day and every minute between, by a role and no key", async () => {
    const { resources } = await deployed();
    const { backup } = specOf(resources);
    assert.ok(backup.enabled);
    assert.deepEqual(backup.storages.main?.s3, {
      bucket: "backups-us-west-2",
      region: "us-west-2",
      prefix: "finai-nexus/mongodb/us-west-2",
    });
    assert.deepEqual(backup.pitr, { enabled: true, oplogSpanMin: 1, compressionType: "gzip" });
    assert.equal(backup.tasks[0]?.keep, 14);
    const [identity] = ofKind(resources, "PodIdentityAssociation");
    assert.equal(identity?.inputs.serviceAccount, specOf(resources).replsets[0]?.serviceAccountName);
    const { backups: _, ...without } = ARGS;
    assert.deepEqual(specOf((await deployed({ ...without, backups: undefined })).resources).backup, {
      enabled: false,
    });
  });

  it("lets clients to the routers only, and the operator, Prometheus and its own to the servers", async () => {
    const { resources } = await deployed();
    const fromOf = (name: string) => {
      const policy = ofKind(resources, "NetworkPolicy").find(
        ({ inputs }) => (inputs.metadata as { name: string }).name === name,
      );
      return JSON.stringify((policy?.inputs.spec as { ingress: unknown }).ingress);
    };
    assert.ok(fromOf("routers-flows").includes('"finai-nexus"'));
    assert.ok(!fromOf("servers-flows").includes('"finai-nexus"'));
    assert.ok(fromOf("servers-flows").includes('"psmdb-system"'));
    assert.ok(fromOf("servers-flows").includes("9216"));
  });

  it("fits into its namespace's quota: 15 pods with what runs beside each server, and one more of each kind", async () => {
    const { resources } = await deployed();
    const { hard } = ofKind(resources, "ResourceQuota")[0]?.inputs.spec as { hard: Record<string, string> };
    assert.equal(hard.pods, "20");
    const [cluster] = ofKind(resources, "PerconaServerMongoDB");
    assert.ok(cluster);
    const expansion = expand(cluster.type, cluster.inputs);
    assert.ok(expansion && !isUnexpanded(expansion));
    assert.deepEqual(
      expansion.workloads.map(({ name, pods }) => [name, pods.containers.map((each) => each.name).join()]),
      [
        ...["rs0", "rs1", "rs2", "cfg"].map((part) => [`mongodb-${part}`, "mongo-init,mongod,exporter,backup-agent"]),
        ["mongodb-mongos", "mongo-init,mongos"],
      ],
    );
    const cpu = expansion.workloads.reduce(
      (sum, { pods }) => sum + (pods.replicas ?? 0) * (effectiveLimits(pods).cpu ?? 0),
      0,
    );
    assert.ok(cpu < parseCpu(hard["limits.cpu"]));
    assert.equal(
      expansion.claims.reduce((sum, { count }) => sum + count, 0),
      12,
    );
  });

  it("keeps every password to the secrets, and each user has its own", async () => {
    const { resources } = await deployed();
    const leaking = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual([...new Set(leaking.map(({ type }) => type))], ["kubernetes:core/v1:Secret"]);
    const found = JSON.stringify(leaking.map(({ inputs }) => inputs)).match(/canary-of-mongodb-[\w-]+/g) ?? [];
    assert.equal(new Set(found).size, 6);
  });

  it("refuses what cannot be", async () => {
    await assert.rejects(deployed({ shards: 0 }), /shards is 0; write a whole number/);
    await assert.rejects(
      deployed({ spec: { ...ARGS.spec, size: { cpu: 1, memory: "256Mi" } } }),
      /write "512Mi" or more/,
    );
  });
});
