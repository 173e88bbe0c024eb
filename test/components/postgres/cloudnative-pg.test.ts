import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { customKind } from "@groundwork/lib/crds";
import { effectiveRequests } from "@groundwork/lib/pods";
import { parseCpu } from "@groundwork/lib/quantity";
import { CloudNativePg } from "../../../components/postgres/cloudnative-pg.ts";
import type { CloudNativePgArgs } from "../../../components/postgres/cloudnative-pg.ts";
import { clusterSpec } from "../../../components/postgres/cloudnative-pg-spec.ts";
import { postgresConnection } from "../../../components/postgres/spec.ts";
import type { Postgres, PostgresSpec } from "../../../components/postgres/spec.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Registered } from "../../helpers/mocks.ts";

const CANARY = "canary-of-postgres";
const SPEC: PostgresSpec = {
  database: "finance",
  size: { cpu: 2, memory: "8Gi" },
  maxConnections: 200,
  storage: "100Gi",
  replicas: 3,
  synchronous: true,
  pooler: { mode: "transaction", poolSize: 40, maxClients: 2000 },
};
const bucket = (region: string) => ({
  name: `backups-${region}`,
  arn: `arn:aws:s3:::backups-${region}`,
  keyArn: `arn:aws:kms:${region}:123456789012:key/1`,
  region,
});
const ARGS: Omit<CloudNativePgArgs, "password"> = {
  system: "finai-nexus",
  spec: SPEC,
  clients: [{ namespace: "finai-nexus", labels: {} }],
  monitoring: "monitoring",
  backups: { clusterName: "prod", bucket: bucket("us-west-2"), others: [bucket("us-east-1")] },
  topology: { self: "us-west-2", primary: "us-west-2", members: ["us-west-2", "us-east-1"] },
  protect: true,
};
const MOCKED = Object.fromEntries(
  [
    "kubernetes:core/v1:Namespace",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:core/v1:Secret",
    "kubernetes:networking.k8s.io/v1:NetworkPolicy",
    "kubernetes:policy/v1:PodDisruptionBudget",
    "kubernetes:postgresql.cnpg.io/v1:Cluster",
    "kubernetes:postgresql.cnpg.io/v1:Pooler",
    "kubernetes:postgresql.cnpg.io/v1:ScheduledBackup",
    "kubernetes:barmancloud.cnpg.io/v1:ObjectStore",
    "kubernetes:monitoring.coreos.com/v1:PodMonitor",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:eks/podIdentityAssociation:PodIdentityAssociation",
  ].map((type) => [type, (inputs: Record<string, unknown>, name: string) => ({ ...inputs, arn: `arn:${name}` })]),
);

async function deployed(changes: Partial<CloudNativePgArgs> = {}) {
  const tiers: CloudNativePg[] = [];
  const resources = await registered(
    () => {
      const providers = [new kubernetes.Provider("cluster", {}), new aws.Provider("aws", { region: "us-west-2" })];
      const args = { ...ARGS, password: pulumi.secret(CANARY), ...changes };
      tiers.push(new CloudNativePg("us-west-2-finai-nexus-postgres", args, { providers }));
    },
    { ...MOCKED, "pulumi:providers:kubernetes": () => ({}) },
  );
  const [tier] = tiers;
  assert.ok(tier);
  return { tier, resources };
}

const spec = (resource: Registered | undefined) => resource?.inputs.spec as Record<string, unknown> | undefined;
const ofKind = (resources: readonly Registered[], kind: string) =>
  resources.filter(({ type }) => type.endsWith(`:${kind}`));
const value = <T>(output: pulumi.Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

describe("PostgreSQL by CloudNativePG", () => {
  it("has the interface of every PostgreSQL, so that workloads see no difference", async () => {
    const { tier } = await deployed();
    const postgres: Postgres = tier;
    assert.equal(await value(postgres.writer.host), "postgres-rw.finai-nexus-postgres.svc");
    assert.equal(await value(postgres.readers.host), "postgres-pooler-ro.finai-nexus-postgres.svc");
    assert.ok(postgres.pooled);
    assert.equal(await value(postgres.pooled.host), "postgres-pooler-rw.finai-nexus-postgres.svc");
    const { environment, secrets } = postgresConnection(postgres);
    assert.equal(environment.PGSSLMODE, "require");
    assert.equal(environment.PGUSER, "finance");
    assert.equal(await pulumi.isSecret(secrets.PGPASSWORD as pulumi.Output<string>), true);
  });

  it("is a primary and three replicas over the zones, tuned from its memory, with requests equal to limits", async () => {
    const { resources } = await deployed();
    const [cluster] = ofKind(resources, "Cluster");
    const {
      instances,
      resources: size,
      topologySpreadConstraints,
      postgresql,
    } = spec(cluster) as never as ReturnType<typeof clusterSpec>;
    assert.equal(instances, 4);
    assert.deepEqual(size.requests, size.limits);
    assert.equal(topologySpreadConstraints[0]?.topologyKey, "topology.kubernetes.io/zone");
    assert.equal(postgresql.parameters.shared_buffers, "2048MB");
    assert.equal(postgresql.parameters.max_connections, "200");
    assert.equal(postgresql.parameters.archive_timeout, "60s");
  });

  it("waits for so many replicas that whoever takes over has every acknowledged commit", () => {
    for (const replicas of [1, 2, 3, 4, 5]) {
      const { postgresql } = clusterSpec({
        system: "s",
        name: "postgres",
        secret: "owner",
        backups: false,
        spec: { ...SPEC, replicas },
      });
      const number = postgresql.synchronous?.number ?? 0;
      assert.equal(postgresql.synchronous?.dataDurability, "required");
      assert.equal(postgresql.synchronous?.failoverQuorum, true);
      // R + W > N with a majority of the replicas reachable, and one of them may fail without stopping writes
      assert.ok(Math.floor(replicas / 2) + 1 + number > replicas, `${replicas} replicas, ${number} confirm`);
      assert.ok(replicas === 1 || number < replicas);
    }
  });

  it("shares the pool's server connections out among its poolers, each of which takes all clients", async () => {
    const { resources } = await deployed();
    const poolers = ofKind(resources, "Pooler").map((pooler) => spec(pooler));
    assert.deepEqual(
      poolers.map((pooler) => pooler?.type),
      ["rw", "ro"],
    );
    for (const pooler of poolers) {
      assert.equal(pooler?.instances, 2);
      const { parameters } = pooler.pgbouncer as { parameters: Record<string, string> };
      assert.equal(parameters.default_pool_size, "20");
      assert.equal(parameters.max_client_conn, "2000");
    }
    assert.equal(ofKind(resources, "PodDisruptionBudget").length, 2);
  });

  it("archives to its own region's bucket and may read the other's, by a role and no key", async () => {
    const { resources } = await deployed();
    const stores = ofKind(resources, "ObjectStore").map(
      (store) => spec(store)?.configuration as Record<string, unknown>,
    );
    assert.deepEqual(
      stores.map(({ destinationPath }) => destinationPath),
      ["s3://backups-us-west-2/finai-nexus/postgres", "s3://backups-us-east-1/finai-nexus/postgres"],
    );
    assert.deepEqual(stores[0]?.s3Credentials, { inheritFromIAMRole: true });
    const policy = JSON.parse(String(ofKind(resources, "RolePolicy")[0]?.inputs.policy)) as {
      Statement: { Sid: string; Resource: unknown }[];
    };
    const resourceOf = (sid: string) => policy.Statement.find(({ Sid }) => Sid === sid)?.Resource;
    assert.equal(resourceOf("Write"), "arn:aws:s3:::backups-us-west-2/*");
    assert.deepEqual(resourceOf("Read"), ["arn:aws:s3:::backups-us-east-1/*"]);
    const [identity] = ofKind(resources, "PodIdentityAssociation");
    assert.equal(identity?.inputs.serviceAccount, "postgres");
    assert.equal(identity.inputs.namespace, "finai-nexus-postgres");
    const [backup] = ofKind(resources, "ScheduledBackup");
    assert.equal(spec(backup)?.method, "plugin");
    assert.equal(String(spec(backup)?.schedule).split(" ").length, 6);
  });

  it("follows the leading region's archive, and leads when its name is the primary's", async () => {
    const topology = { self: "us-east-1", primary: "us-west-2", members: ["us-west-2", "us-east-1"] };
    const [follower] = ofKind((await deployed({ topology })).resources, "Cluster");
    assert.deepEqual(spec(follower)?.replica, { self: "us-east-1", primary: "us-west-2", source: "us-west-2" });
    assert.equal((spec(follower)?.bootstrap as { recovery: { source: string } }).recovery.source, "us-west-2");
    const promoted = { ...topology, primary: "us-east-1", promotionToken: "token" };
    const [leader] = ofKind((await deployed({ topology: promoted })).resources, "Cluster");
    assert.deepEqual(spec(leader)?.replica, {
      self: "us-east-1",
      primary: "us-east-1",
      source: "us-west-2",
      promotionToken: "token",
    });
    const externals = spec(leader)?.externalClusters as { name: string; plugin: { parameters: object } }[];
    assert.deepEqual(externals[0]?.plugin.parameters, {
      barmanObjectName: "postgres-archive-us-west-2",
      serverName: "postgres-us-west-2",
    });
  });

  it("lets in clients, its own, operator and Prometheus, each on its port, and out to what it needs", async () => {
    const { resources } = await deployed();
    const policies = ofKind(resources, "NetworkPolicy");
    const named = (policy: Registered) => (policy.inputs.metadata as { name: string }).name;
    assert.deepEqual(policies.map(named).sort(), ["default-deny", "dns", "instances-flows", "poolers-flows"]);
    const ingress = spec(policies.find((policy) => named(policy) === "instances-flows"))?.ingress as {
      from: unknown[];
      ports: { port: number }[];
    }[];
    const ports = (namespace: string) =>
      ingress
        .filter(({ from }) => JSON.stringify(from).includes(`"${namespace}"`))
        .flatMap((rule) => rule.ports.map(({ port }) => port));
    assert.deepEqual(ports("finai-nexus"), [5432]);
    assert.deepEqual(ports("cnpg-system"), [8000]);
    assert.deepEqual(ports("monitoring"), [9187]);
  });

  it("has a namespace of its own whose quota is what its pods come to, and which lets nothing privileged in", async () => {
    const { resources } = await deployed();
    const [namespace] = ofKind(resources, "Namespace");
    const { labels } = namespace?.inputs.metadata as { labels: Record<string, string> };
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
    const hard = spec(ofKind(resources, "ResourceQuota")[0])?.hard as Record<string, string>;
    // 4 instances and one more, 2 poolers of each kind and one more
    assert.equal(hard.pods, "11");
    assert.equal(hard.persistentvolumeclaims, "10");
    const needed = ofKind(resources, "Cluster")
      .concat(ofKind(resources, "Pooler"))
      .flatMap(({ type, inputs }) => {
        const expansion = expand(type, inputs);
        assert.ok(expansion && !isUnexpanded(expansion), type);
        return expansion.workloads;
      });
    const cpu = needed.reduce((sum, { pods }) => sum + (pods.replicas ?? 0) * (effectiveRequests(pods).cpu ?? 0), 0);
    assert.ok(cpu > 8 && cpu < parseCpu(hard["requests.cpu"]), `${cpu} of ${hard["requests.cpu"]}`);
  });

  it("is of kinds that its add-ons declare, and goes nowhere but through its provider", async () => {
    const { resources } = await deployed();
    for (const { type, inputs, provider, name } of resources) {
      if (!type.startsWith("kubernetes:") && !type.startsWith("aws:")) continue;
      assert.ok(provider, name);
      if (typeof inputs.apiVersion === "string" && type.includes("cnpg.io"))
        assert.ok(customKind(inputs.apiVersion, String(inputs.kind)), type);
    }
  });

  it("keeps the password to the secret", async () => {
    const { resources } = await deployed();
    const leaking = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(CANARY));
    assert.deepEqual(
      leaking.map(({ type }) => type),
      ["kubernetes:core/v1:Secret"],
    );
  });

  it("refuses what the operator would refuse", async () => {
    await assert.rejects(
      deployed({ spec: { ...SPEC, parameters: { archive_mode: "off" } } }),
      /parameters.archive_mode is set by the operator; remove it/,
    );
    await assert.rejects(deployed({ spec: { ...SPEC, replicas: 0 } }), /synchronous is true with 0 replicas/);
    const topology = { self: "eu-west-1", primary: "us-west-2", members: ["us-west-2", "us-east-1"] };
    await assert.rejects(deployed({ topology }), /topology.self is eu-west-1; write one of its members/);
  });
});
