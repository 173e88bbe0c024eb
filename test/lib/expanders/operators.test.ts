import assert from "node:assert/strict";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { effectiveRequests } from "@groundwork/lib/pods";

const GIBIBYTE = 2 ** 30;
const SIZE = { cpu: "500m", memory: "1Gi" };
const RESOURCES = { requests: SIZE, limits: SIZE };

const expanded = (type: string, name: string, spec: object) => {
  const expansion = expand(`kubernetes:${type}`, { metadata: { name, namespace: "data" }, spec });
  assert.ok(expansion && !isUnexpanded(expansion), type);
  return expansion;
};

describe("pods of data tiers that operators run", () => {
  it("PostgreSQL: instances with two volumes each, the archiver only where the plug-in is on", () => {
    const spec = {
      instances: 3,
      resources: RESOURCES,
      storage: { size: "10Gi", storageClass: "gp3" },
      walStorage: { size: "2Gi" },
      affinity: { nodeSelector: { pool: "data" } },
    };
    const { workloads, claims, services } = expanded("postgresql.cnpg.io/v1:Cluster", "postgres", spec);
    assert.equal(workloads[0]?.pods.replicas, 3);
    assert.deepEqual(workloads[0].nodeSelector, { pool: "data" });
    assert.deepEqual(effectiveRequests(workloads[0].pods), { cpu: 0.5, memory: GIBIBYTE });
    assert.deepEqual(
      claims.map(({ count, bytes, storageClass }) => [count, bytes, storageClass]),
      [
        [3, 10 * GIBIBYTE, "gp3"],
        [3, 2 * GIBIBYTE, undefined],
      ],
    );
    assert.deepEqual(
      services?.map(({ name }) => name),
      ["postgres-rw", "postgres-ro", "postgres-r"],
    );
    const plugins = [{ name: "barman-cloud.cloudnative-pg.io", isWALArchiver: true }];
    const [archiving] = expanded("postgresql.cnpg.io/v1:Cluster", "postgres", { ...spec, plugins }).workloads;
    assert.ok(archiving);
    assert.deepEqual(effectiveRequests(archiving.pods), { cpu: 0.6, memory: 1.25 * GIBIBYTE });
  });

  it("PgBouncer: a Deployment with what its template says", () => {
    const template = { spec: { containers: [{ name: "pgbouncer", resources: RESOURCES }] } };
    const [pooler] = expanded("postgresql.cnpg.io/v1:Pooler", "pool", { instances: 2, template }).workloads;
    assert.equal(pooler?.kind, "Deployment");
    assert.equal(pooler.pods.replicas, 2);
    assert.deepEqual(effectiveRequests(pooler.pods), { cpu: 0.5, memory: GIBIBYTE });
  });

  it("RabbitMQ: the operator's own defaults where nothing is written, and no volume for storage 0", () => {
    const { workloads, claims } = expanded("rabbitmq.com/v1beta1:RabbitmqCluster", "rabbitmq", {});
    assert.equal(workloads[0]?.name, "rabbitmq-server");
    assert.equal(workloads[0].pods.replicas, 1);
    assert.deepEqual(effectiveRequests(workloads[0].pods), { cpu: 1, memory: 2 * GIBIBYTE });
    assert.deepEqual(
      claims.map(({ bytes }) => bytes),
      [10 * GIBIBYTE],
    );
    const volatile = { replicas: 3, resources: RESOURCES, persistence: { storage: "0" } };
    assert.deepEqual(expanded("rabbitmq.com/v1beta1:RabbitmqCluster", "rabbitmq", volatile).claims, []);
  });

  it("MongoDB: no agents without backups, no routers without sharding", () => {
    const set = {
      name: "rs0",
      size: 3,
      resources: RESOURCES,
      volumeSpec: { persistentVolumeClaim: { resources: { requests: { storage: "20Gi" } } } },
    };
    const type = "psmdb.percona.com/v1:PerconaServerMongoDB";
    const alone = expanded(type, "mongodb", { replsets: [set], sharding: { enabled: false } });
    assert.deepEqual(
      alone.workloads.map(({ name, pods }) => [name, pods.containers.length]),
      [["mongodb-rs0", 2]],
    );
    assert.deepEqual(
      alone.claims.map(({ count, bytes }) => [count, bytes]),
      [[3, 20 * GIBIBYTE]],
    );
  });

  it("makes none of what only schedules, stores or describes", () => {
    for (const type of [
      "postgresql.cnpg.io/v1:ScheduledBackup",
      "barmancloud.cnpg.io/v1:ObjectStore",
      "psmdb.percona.com/v1:PerconaServerMongoDBRestore",
    ])
      assert.equal(expand(`kubernetes:${type}`, { metadata: { name: "x" } }), undefined, type);
  });

  it("counts the operators themselves", () => {
    const release = (chart: string, values: object) => {
      const expansion = expand("kubernetes:helm.sh/v3:Release", { chart, name: chart, namespace: "system", values });
      assert.ok(expansion && !isUnexpanded(expansion), chart);
      return expansion.workloads.map(({ name, pods }) => [name, pods.replicas]);
    };
    assert.deepEqual(release("cloudnative-pg", { replicaCount: 2 }), [["cloudnative-pg", 2]]);
    assert.deepEqual(release("plugin-barman-cloud", {}), [["plugin-barman-cloud", 1]]);
    assert.deepEqual(release("psmdb-operator", {}), [["psmdb-operator", 1]]);
    // its second operator is on unless it is switched off
    assert.equal(release("rabbitmq-cluster-operator", {}).length, 2);
    assert.equal(release("rabbitmq-cluster-operator", { msgTopologyOperator: { enabled: false } }).length, 1);
  });
});
