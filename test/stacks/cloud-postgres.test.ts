import assert from "node:assert/strict";
import { isAllowed } from "@groundwork/lib/reachability";
import type { NetworkPolicy, PodGroup } from "@groundwork/lib/reachability";
import { before, describe, it } from "mocha";
import { inOrder } from "@groundwork/lib/promotion";
import type { PromotionStep } from "@groundwork/lib/promotion";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, east, prod, west } from "./cloud-fixture.ts";

const SYSTEM = "finai-nexus";
const inCluster: CloudConfig = { ...prod, database: { ...prod.database, engine: "cloudnative-pg" } };

interface Deployed {
  readonly resources: readonly Registered[];
  readonly promotion: Readonly<Record<string, readonly PromotionStep[]>>;
}

async function deployed(config: CloudConfig): Promise<Deployed> {
  let promotion: Deployed["promotion"] = {};
  const resources = await registered(() => {
    promotion = cloudEnvironment(config)["promotion"] as Deployed["promotion"];
  }, CLOUD_OUTPUTS);
  return { resources, promotion };
}

interface KubernetesObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: Record<string, unknown>;
}

const inRegion = (resources: readonly Registered[], kind: string, region: string) =>
  resources
    .filter(({ type, provider }) => type.endsWith(kind) && provider?.includes(region) === true)
    .map(({ inputs }) => inputs as unknown as KubernetesObject);

describe("PostgreSQL in the clusters", () => {
  let made: Deployed;
  before(async () => {
    made = await deployed(inCluster);
  });

  const cluster = (region: string, { resources } = made) =>
    inRegion(resources, "cnpg.io/v1:Cluster", region)[0]?.spec ?? assert.fail(`no cluster in ${region}`);

  it("is a primary and 3 replicas where it is written to, a follower with a replica elsewhere, and nothing of Aurora's", () => {
    assert.equal(cluster(west.name)["instances"], 4);
    assert.equal(cluster(east.name)["instances"], 2);
    assert.deepEqual(
      made.resources.filter(({ type }) => type.startsWith("aws:rds/")),
      [],
    );
    const poolers = inRegion(made.resources, "Pooler", west.name).map(({ spec }) => spec["type"]);
    assert.deepEqual(poolers, ["rw", "ro"]);
  });

  it("follows the leading region's archive in the failover region, from the buckets of recovery", () => {
    assert.deepEqual(cluster(west.name)["replica"], { self: west.name, primary: west.name, source: east.name });
    assert.deepEqual(cluster(east.name)["replica"], { self: east.name, primary: west.name, source: west.name });
    assert.ok("initdb" in (cluster(west.name)["bootstrap"] as object));
    assert.ok("recovery" in (cluster(east.name)["bootstrap"] as object));
    const paths = inRegion(made.resources, "ObjectStore", east.name).map(
      ({ spec }) => (spec["configuration"] as { destinationPath: string }).destinationPath,
    );
    assert.deepEqual(paths.sort(), [
      `s3://backups-${east.name}/${SYSTEM}/postgres`,
      `s3://backups-${west.name}/${SYSTEM}/postgres`,
    ]);
  });

  it("is met by the workloads behind the interface of every PostgreSQL: writer, readers, pool, password", () => {
    const backend = inRegion(made.resources, "v1:Deployment", west.name).find(
      ({ metadata }) => metadata.name === "backend",
    );
    const { template } = backend?.spec as { template: { spec: { containers: { env: Variable[] }[] } } };
    const variables = template.spec.containers[0]?.env ?? [];
    const value = (name: string) => variables.find((each) => each.name === name);
    assert.equal(value("PGHOST")?.value, `postgres-pooler-rw.${SYSTEM}-postgres.svc`);
    assert.equal(value("PGHOST_READER")?.value, `postgres-pooler-ro.${SYSTEM}-postgres.svc`);
    assert.equal(value("PGSSLMODE")?.value, "require");
    assert.equal(value("PGPASSWORD")?.value, undefined, "the password comes from a Secret");
  });

  it("may be reached by the system's workloads that need it, and by no one else's", () => {
    const policies = inRegion(made.resources, "NetworkPolicy", west.name) as unknown as NetworkPolicy[];
    const pod = (name: string): PodGroup => ({ namespace: SYSTEM, labels: { "app.kubernetes.io/name": name } });
    const pooler: PodGroup = { namespace: `${SYSTEM}-postgres`, labels: { "cnpg.io/podRole": "pooler" } };
    const server: PodGroup = {
      namespace: `${SYSTEM}-postgres`,
      labels: { "cnpg.io/cluster": "postgres", "cnpg.io/podRole": "instance" },
    };
    const open = (from: PodGroup, to: PodGroup, port: number) => isAllowed(policies, { from, to, port });
    assert.equal(open(pod("backend"), pooler, 5432), true);
    assert.equal(open(pod("frontend"), pooler, 5432), false);
    assert.equal(open({ namespace: "flowx", labels: {} }, pooler, 5432), false);
    const addon = (namespace: string, name: string): PodGroup => ({
      namespace,
      labels: { "app.kubernetes.io/name": name },
    });
    assert.equal(open(addon("monitoring", "prometheus"), server, 9187), true);
    assert.equal(open(addon("cnpg-system", "cloudnative-pg"), server, 8000), true);
  });

  it("has the steps of its promotion in the stack's procedure, which is in order", () => {
    const steps = made.promotion[east.name] ?? [];
    assert.deepEqual(inOrder(steps), steps);
    const [promote] = steps.filter(({ what }) => what === `Promote PostgreSQL in ${east.name}.`);
    assert.ok(promote !== undefined && "command" in promote.how);
    assert.match(promote.how.command, new RegExp(`-n ${SYSTEM}-postgres patch cluster postgres`));
    assert.ok(!steps.some(({ what }) => what.includes("global database")));
  });

  it("takes swapped roles by an update: names, archives and members stay", async () => {
    const regions = [
      { ...east, role: "primary" as const },
      { ...west, role: "failover" as const },
    ];
    const swapped = await deployed({ ...inCluster, regions });
    const names = ({ resources }: Deployed) =>
      resources.filter(({ type }) => /cnpg\.io|RandomPassword/.test(type)).map(({ type, name }) => `${type} ${name}`);
    assert.deepEqual(names(swapped).sort(), names(made).sort());
    const [before, after] = [cluster(east.name), cluster(east.name, swapped)];
    assert.deepEqual(after["replica"], { self: east.name, primary: east.name, source: west.name });
    assert.deepEqual(after["externalClusters"], before["externalClusters"]);
    assert.equal(after["instances"], 4);
  });

  it("is given the token of a planned promotion where it is to lead, and nowhere else", async () => {
    const promotionToken = "dG9rZW4tb2YtdXMtd2VzdC0y";
    const database = { ...inCluster.database, systems: { [SYSTEM]: { promotionToken } } };
    const planned = await deployed({ ...inCluster, database });
    const replica = (region: string) => cluster(region, planned)["replica"] as Record<string, unknown>;
    assert.equal(replica(west.name)["promotionToken"], promotionToken);
    assert.equal(replica(east.name)["promotionToken"], undefined);
  });
});

interface Variable {
  readonly name: string;
  readonly value?: string;
}
