import assert from "node:assert/strict";
import fc from "fast-check";
import { nothingAssumed } from "../../../lib/capacity/assumptions.ts";
import { capacityOf } from "../../../lib/capacity/capacity.ts";
import type { DesiredResource } from "../../../lib/desired-state.ts";
import {
  CLUSTER,
  GIBIBYTE,
  WEST,
  aurora,
  autoscaler,
  aws,
  container,
  deployment,
  docker,
  inAws,
  inCluster,
  podSpec,
  resource,
  stateOf,
} from "./fixtures.ts";

function reportOf(...resources: readonly DesiredResource[]) {
  return capacityOf(stateOf(...resources), nothingAssumed("test"));
}

/** The only place of the system `shop`. */
function shopOf(...resources: readonly DesiredResource[]) {
  const found = reportOf(...resources).places.filter(({ system }) => system === "shop");
  assert.equal(found.length, 1);
  const [shop] = found;
  assert.ok(shop);
  return shop;
}

/** Numbers that are none, or have no end, are null in JSON. */
function assertSound(report: object): void {
  assert.doesNotMatch(JSON.stringify(report), /:null|[[,]null/);
}

describe("capacity of a place", () => {
  it("takes the range of a HorizontalPodAutoscaler, whatever the Deployment says", () => {
    const shop = shopOf(...CLUSTER, deployment("web", 4), autoscaler("web", 3, 20));
    assert.equal(shop.region, WEST);
    assert.deepEqual(shop.replicas, { min: 3, max: 20 });
    // 3 x 0.5 and 20 x 0.5 cores; 3 x 512 and 20 x 512 MiB
    assert.deepEqual(shop.vcpu, { min: 1.5, max: 10 });
    assert.deepEqual(shop.memory, { min: 1.5 * GIBIBYTE, max: 10 * GIBIBYTE });
    assert.deepEqual(shop.workloads, [{ name: "web", replicas: { min: 3, max: 20 }, vcpu: 0.5, memory: GIBIBYTE / 2 }]);
  });

  it("takes the range of a ScaledObject of KEDA, with KEDA's own defaults", () => {
    const scaled = (spec: object) =>
      inCluster("kubernetes:keda.sh/v1alpha1:ScaledObject", "worker", { scaleTargetRef: { name: "worker" }, ...spec });
    const stated = shopOf(...CLUSTER, deployment("worker", 1), scaled({ minReplicaCount: 4, maxReplicaCount: 8 }));
    assert.deepEqual(stated.replicas, { min: 4, max: 8 });
    const silent = shopOf(...CLUSTER, deployment("worker", 1), scaled({}));
    assert.deepEqual(silent.replicas, { min: 0, max: 100 });
  });

  it("finds the workload of an autoscaler, the namespace of a quota and the host of a container in a plan, too", () => {
    const web = deployment("web", 1);
    const hpa = autoscaler("web", 3, 20);
    const planned = {
      ...hpa,
      inputs: {
        metadata: { name: "web", namespace: "shop" },
        spec: { minReplicas: 3, maxReplicas: 20, scaleTargetRef: { kind: "Deployment" } },
      },
      unknown: ["spec.scaleTargetRef.name"],
      dependencies: [web.urn],
    };
    assert.deepEqual(shopOf(...CLUSTER, web, planned).replicas, { min: 3, max: 20 });
    const size = { cpus: "1", memory: 256 };
    assert.equal(shopOf(container("shop-api-1", size)).region, "host");
  });

  it("leaves a workload alone that another namespace's autoscaler names", () => {
    const other = inCluster(
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      "web",
      { minReplicas: 5, maxReplicas: 9, scaleTargetRef: { kind: "Deployment", name: "web" } },
      { namespace: "elsewhere" },
    );
    assert.deepEqual(shopOf(...CLUSTER, deployment("web", 2), other).replicas, { min: 2, max: 2 });
  });

  it("sees the pods of a Rollout, and its GPUs", () => {
    const limits = { cpu: "1", memory: "1Gi", "nvidia.com/gpu": "2" };
    const spec = podSpec({ container: { resources: { limits } } });
    const rollout = inCluster("kubernetes:argoproj.io/v1alpha1:Rollout", "api", {
      replicas: 3,
      template: { spec: podSpec({}) },
    });
    const shop = shopOf(
      ...CLUSTER,
      rollout,
      inCluster("kubernetes:apps/v1:Deployment", "model", { replicas: 2, template: { spec } }),
    );
    assert.deepEqual(shop.replicas, { min: 5, max: 5 });
    assert.deepEqual(shop.gpus, { min: 4, max: 4 });
    assert.deepEqual(shop.vcpu, { min: 3.5, max: 3.5 });
  });

  it("sees the pods and volumes that a custom resource hides, on the cluster's default class", () => {
    const gp3 = resource(
      "kubernetes:storage.k8s.io/v1:StorageClass",
      "gp3",
      {
        metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        parameters: { type: "gp3" },
      },
      { provider: "urn:pulumi:test::shop::pulumi:providers:kubernetes::west" },
    );
    const rabbit = inCluster("kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster", "rabbitmq", {
      replicas: 3,
      persistence: { storage: "10Gi" },
      resources: { requests: { cpu: 2, memory: "2Gi" }, limits: { cpu: 2, memory: "2Gi" } },
    });
    const shop = shopOf(...CLUSTER, gp3, rabbit);
    assert.deepEqual(shop.replicas, { min: 3, max: 3 });
    assert.deepEqual(shop.vcpu, { min: 6, max: 6 });
    assert.equal(shop.storage, 30 * GIBIBYTE);
    // gp3 includes 3,000 whatever its size
    assert.equal(shop.iops, 9000);
  });

  it("says which pods it could not see", () => {
    const { notes } = reportOf(...CLUSTER, inCluster("kubernetes:example.com/v1:Widget", "thing", {}));
    assert.match(notes[0] ?? "", /^Pods of thing are not counted: example\.com\/Widget has no expander/);
  });

  it("counts the servers of an Aurora cluster with readers, and connections by class", () => {
    const { all } = aurora("db", 4, "db.r8g.large");
    const shop = shopOf(aws, ...all);
    // 4 x 2 vCPU and 16 GiB; 16 GiB / 9,531,392 = 1,802 connections each
    assert.deepEqual(shop.managed, { vcpu: 8, memory: 64 * GIBIBYTE });
    assert.equal(shop.connections.limit, 4 * 1802);
    assert.equal(shop.storage, 0);
  });

  it("takes max_connections from the parameter group", () => {
    assert.equal(shopOf(aws, ...aurora("db", 2, "db.r8g.large", {}, 1000).all).connections.limit, 2000);
  });

  it("counts primaries and replicas of a cache in cluster mode", () => {
    const inputs = { nodeType: "cache.r7g.large", numNodeGroups: 3, replicasPerNodeGroup: 1 };
    const shop = shopOf(aws, inAws("aws:elasticache/replicationGroup:ReplicationGroup", "cache", inputs));
    assert.equal(shop.managed.vcpu, 12);
    assert.equal(shop.managed.memory, 6 * Math.round(13.07 * GIBIBYTE));
  });

  it("counts a broker's nodes by its deployment mode, and a database's own volume", () => {
    const broker = inAws("aws:mq/broker:Broker", "mq", {
      hostInstanceType: "mq.m7g.large",
      deploymentMode: "CLUSTER_MULTI_AZ",
    });
    const single = inAws("aws:rds/instance:Instance", "db", {
      instanceClass: "db.m7g.xlarge",
      allocatedStorage: 200,
      storageType: "gp2",
    });
    const shop = shopOf(aws, broker, single);
    assert.deepEqual(shop.managed, { vcpu: 3 * 2 + 4, memory: (3 * 8 + 16) * GIBIBYTE });
    assert.equal(shop.storage, 200 * GIBIBYTE);
    // 3 a GiB
    assert.equal(shop.iops, 600);
  });

  it("names a class that nobody knows, and goes on", () => {
    const { notes } = reportOf(aws, ...aurora("db", 1, "db.z9.huge").all);
    assert.ok(notes.some((note) => note.includes("db.z9.huge")));
  });

  it("counts a volume by what was provisioned or its type includes", () => {
    const volume = (name: string, inputs: object) => inAws("aws:ebs/volume:Volume", name, { size: 100, ...inputs });
    const shop = shopOf(
      aws,
      volume("a", { type: "gp3" }),
      volume("b", { type: "gp3", iops: 8000 }),
      volume("c", { type: "gp2" }),
      volume("d", { type: "st1" }),
    );
    assert.equal(shop.storage, 400 * GIBIBYTE);
    assert.equal(shop.iops, 3000 + 8000 + 300);
  });

  it("counts a StatefulSet's claims once for each replica", () => {
    const claims = [{ metadata: { name: "data" }, spec: { resources: { requests: { storage: "20Gi" } } } }];
    const spec = { replicas: 3, template: { spec: podSpec({}) }, volumeClaimTemplates: claims };
    assert.equal(shopOf(...CLUSTER, inCluster("kubernetes:apps/v1:StatefulSet", "store", spec)).storage, 60 * GIBIBYTE);
  });

  it("sees containers with numbers as replicas of one workload", () => {
    const size = { cpus: "1.5", memory: 1536, envs: ["PORT=8000"] };
    const shop = shopOf(docker, ...[1, 2, 3, 4].map((index) => container(`shop-scraper-${index}`, size)));
    assert.equal(shop.region, "host");
    assert.deepEqual(shop.workloads, [
      { name: "scraper", replicas: { min: 4, max: 4 }, vcpu: 1.5, memory: 1.5 * GIBIBYTE },
    ]);
    assert.deepEqual(shop.vcpu, { min: 6, max: 6 });
  });

  it("sees a Swarm service with a GPU, by what it reserves", () => {
    const reservation = {
      nanoCpus: 500_000_000,
      memoryBytes: 2 * GIBIBYTE,
      genericResources: { discreteResourcesSpecs: ["NVIDIA-GPU=1"] },
    };
    const service = resource(
      "docker:index/service:Service",
      "inference",
      {
        name: "shop-inference",
        labels: [{ label: "system", value: "shop" }],
        mode: { replicated: { replicas: 2 } },
        taskSpec: {
          containerSpec: { image: "x" },
          resources: { limits: { nanoCpus: 2e9, memoryBytes: 4 * GIBIBYTE }, reservation },
        },
      },
      { provider: docker.urn },
    );
    const shop = shopOf(docker, service);
    assert.deepEqual(shop.gpus, { min: 2, max: 2 });
    assert.deepEqual(shop.vcpu, { min: 1, max: 1 });
    assert.deepEqual(shop.memory, { min: 4 * GIBIBYTE, max: 4 * GIBIBYTE });
  });

  it("counts connections that workloads may open against what their databases take", () => {
    const environment = { PORT: "8000", PGHOST: "writer", PGHOST_READER: "reader", DATABASE_POOL_SIZE: "30" };
    const web = deployment("web", 3, { environment });
    const shop = shopOf(...CLUSTER, ...aurora("db", 2, "db.r8g.large", {}, 200).all, web, autoscaler("web", 2, 5));
    // 5 replicas with a pool for the writer and one for the readers
    assert.deepEqual(shop.connections, { wanted: 300, limit: 400 });
  });

  it("knows PostgreSQL in a container by its command", () => {
    const command = ["postgres", "-c", "max_connections=150"];
    const database = container("shop-postgres", { cpus: "1", memory: 1024, command });
    const api = container("shop-api-1", {
      cpus: "1",
      memory: 256,
      envs: ["PORT=8000", "PGHOST=shop-postgres", "DATABASE_POOL_SIZE=20"],
    });
    assert.deepEqual(shopOf(docker, database, api).connections, { wanted: 20, limit: 150 });
  });

  it("knows PostgreSQL of CloudNativePG by its parameters", () => {
    const cluster = (parameters: object) =>
      inCluster("kubernetes:postgresql.cnpg.io/v1:Cluster", "db", {
        instances: 3,
        storage: { size: "20Gi" },
        resources: { requests: { cpu: "1", memory: "2Gi" } },
        postgresql: { parameters },
      });
    assert.equal(shopOf(...CLUSTER, cluster({ max_connections: "300" })).connections.limit, 900);
    assert.equal(shopOf(...CLUSTER, cluster({})).connections.limit, 300);
  });

  it("reads the same amount in every unit", () => {
    const milli = fc.integer({ min: 1, max: 64_000 });
    fc.assert(
      fc.property(milli, fc.integer({ min: 1, max: 512 }), (cpu, gib) => {
        const written = shopOf(...CLUSTER, deployment("web", 2, { cpu: `${cpu}m`, memory: `${gib}Gi` }));
        const otherwise = shopOf(
          ...CLUSTER,
          deployment("web", 2, { cpu: String(cpu / 1000), memory: `${gib * 1024}Mi` }),
        );
        assert.deepEqual(otherwise, written);
        assert.equal(written.memory.max, 2 * gib * GIBIBYTE);
      }),
    );
  });

  it("is sound whatever is written where numbers belong", () => {
    const anything = fc.jsonValue({ maxDepth: 2 });
    const spec = fc.dictionary(
      fc.constantFrom(
        ...[
          "replicas",
          "minReplicas",
          "maxReplicas",
          "template",
          "scaleTargetRef",
          "limits",
          "hard",
          "minReplicaCount",
        ],
        ...["volumeClaimTemplates", "containers", "provider", "resources", "postgresql", "weight"],
      ),
      anything,
    );
    const kinds = [
      ...[
        "apps/v1:Deployment",
        "apps/v1:StatefulSet",
        "apps/v1:DaemonSet",
        "batch/v1:CronJob",
        "core/v1:ResourceQuota",
      ],
      ...["keda.sh/v1alpha1:ScaledObject", "autoscaling/v2:HorizontalPodAutoscaler", "karpenter.sh/v1:NodePool"],
      ...["core/v1:PersistentVolumeClaim", "postgresql.cnpg.io/v1:Cluster"],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...kinds), spec, (kind, written) => {
        assertSound(reportOf(...CLUSTER, inCluster(`kubernetes:${kind}`, "thing", written)));
      }),
      { numRuns: 300 },
    );
    const inputs = fc.dictionary(
      fc.constantFrom(
        ...[
          "instanceClass",
          "nodeType",
          "numNodeGroups",
          "replicasPerNodeGroup",
          "scalingConfig",
          "instanceTypes",
          "taints",
        ],
        ...[
          "labels",
          "size",
          "type",
          "iops",
          "allocatedStorage",
          "deploymentMode",
          "cpus",
          "memory",
          "envs",
          "command",
        ],
        ...["gpus", "mode", "taskSpec", "parameters", "tags"],
      ),
      anything,
    );
    const types = [
      ...["aws:rds/clusterInstance:ClusterInstance", "aws:rds/instance:Instance", "aws:rds/cluster:Cluster"],
      ...["aws:elasticache/replicationGroup:ReplicationGroup", "aws:mq/broker:Broker", "aws:ebs/volume:Volume"],
      ...["aws:eks/nodeGroup:NodeGroup", "docker:index/container:Container", "docker:index/service:Service"],
    ];
    fc.assert(
      fc.property(fc.constantFrom(...types), inputs, (type, written) => {
        assert.doesNotThrow(() =>
          reportOf(...CLUSTER, docker, resource(type, "thing", written, { provider: aws.urn })),
        );
      }),
      { numRuns: 300 },
    );
  });
});
