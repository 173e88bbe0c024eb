import assert from "node:assert/strict";
import { objectivesOf } from "../../../scripts/drill/objectives.ts";
import { replicasOf } from "../../../scripts/drill/replicas.ts";
import { asPulumiPaths, carryOut, isForLater } from "../../../scripts/drill/steps.ts";
import { trafficOf } from "../../../scripts/drill/traffic.ts";
import type { CloudRegions } from "../../../scripts/rehearsal/clouds/simulator.ts";
import type { StateResource } from "../../../scripts/rehearsal/deployment.ts";

type Plain = Readonly<Record<string, unknown>>;

const thing = (type: string, id: string, outputs: Plain, rest: Partial<StateResource> = {}): StateResource => ({
  urn: `urn:pulumi:prod::shop::${type}::${id}`,
  type,
  id,
  custom: true,
  inputs: outputs,
  outputs,
  ...rest,
});

const WEST = "us-west-2";
const EAST = "us-east-1";
const arn = (service: string, region: string) => `arn:aws:${service}:${region}:123456789012:thing/1`;

function edge(monitor: Plain = {}, pools: readonly string[] = [WEST, EAST], balancer: Plain = {}): StateResource[] {
  return [
    ...pools.flatMap((region) => [
      thing("aws:lb/loadBalancer:LoadBalancer", `lb-${region}`, {
        dnsName: `${region}.example.net`,
        arn: arn("elasticloadbalancing", region),
      }),
      thing("cloudflare:index/loadBalancerPool:LoadBalancerPool", `pool-${region}`, {
        monitor: "monitor",
        origins: [{ address: `${region}.example.net` }],
      }),
    ]),
    thing("cloudflare:index/loadBalancerMonitor:LoadBalancerMonitor", "monitor", monitor),
    thing("cloudflare:index/loadBalancer:LoadBalancer", "balancer", {
      name: "shop.example.com",
      proxied: true,
      defaultPools: pools.map((region) => `pool-${region}`),
      ...balancer,
    }),
  ];
}

function cluster(region: string, replicas: readonly [least: number, most: number], quota?: string): StateResource[] {
  const endpoint = `https://${region}.eks.amazonaws.com`;
  const provider = thing("pulumi:providers:kubernetes", `provider-${region}`, {
    kubeconfig: `{"server":"${endpoint}"}`,
  });
  const inCluster = { provider: `${provider.urn}::${provider.id}` };
  const metadata = { name: "api", namespace: "shop" };
  const containers = [{ name: "api", image: "api", resources: { requests: { cpu: "2" } } }];
  return [
    provider,
    thing("aws:eks/cluster:Cluster", `cluster-${region}`, { endpoint, arn: arn("eks", region) }),
    thing("aws:eks/nodeGroup:NodeGroup", `nodes-${region}`, {
      arn: arn("eks", region),
      scalingConfig: { maxSize: 3 },
      instanceTypes: ["m7i.xlarge"],
    }),
    thing(
      "kubernetes:apps/v1:Deployment",
      `api-${region}`,
      { metadata, spec: { template: { spec: { containers } } } },
      inCluster,
    ),
    thing(
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      `hpa-${region}`,
      {
        metadata,
        spec: {
          minReplicas: replicas[0],
          maxReplicas: replicas[1],
          scaleTargetRef: { kind: "Deployment", name: "api" },
        },
      },
      inCluster,
    ),
    ...(quota === undefined
      ? []
      : [
          thing(
            "kubernetes:core/v1:ResourceQuota",
            `quota-${region}`,
            { metadata, spec: { hard: { "requests.cpu": quota } } },
            inCluster,
          ),
        ]),
  ];
}

describe("what a drill computes from the state", () => {
  it("is when Cloudflare moves the traffic, by the monitor's interval, timeout, retries and rounds", () => {
    const [usual] = trafficOf(edge(), WEST);
    assert.deepEqual([usual?.from, usual?.to, usual?.seconds], [WEST, EAST, { least: 15, most: 75 }]);
    const [slow] = trafficOf(edge({ interval: 30, timeout: 2, retries: 0, consecutiveDown: 3 }), WEST);
    assert.deepEqual(slow?.seconds, { least: 62, most: 92 });
    const [alone] = trafficOf(edge({}, [WEST]), WEST);
    assert.equal(alone?.to, null);
    assert.deepEqual(trafficOf(edge({}, [EAST]), WEST), []);
    const [bound] = trafficOf(edge({}, undefined, { sessionAffinity: "cookie", proxied: false }), WEST);
    assert.match(bound?.affinity ?? "", /^cookie: clients bound to the lost region are bound anew/);
    assert.equal(bound?.proxied, false);
  });

  it("is whether the other region carries both, by autoscalers, quota and nodes", () => {
    const fits = replicasOf([...cluster(WEST, [2, 4]), ...cluster(EAST, [1, 4])], WEST, EAST);
    assert.deepEqual(fits[0]?.workloads, [{ name: "api", lost: 2, least: 1, most: 4, fits: true }]);
    assert.deepEqual(fits[0]?.cpu, { needed: 6, quota: null, nodes: 11.76 });
    const narrow = replicasOf([...cluster(WEST, [4, 4]), ...cluster(EAST, [1, 4], "8")], WEST, EAST);
    assert.equal(narrow[0]?.fits, false);
    assert.equal(narrow[0].why, "api would need 5 replicas and has at most 4; the quota allows 8 of 10 cores");
    const full = replicasOf([...cluster(WEST, [6, 9]), ...cluster(EAST, [1, 9])], WEST, EAST);
    assert.equal(full[0]?.why, "the nodes have 11.76 of 14 cores at most");
  });

  it("is whether a region that stood by carries what the lost one did", () => {
    const balancer = thing("cloudflare:index/loadBalancer:LoadBalancer", "lb", { steeringPolicy: "off" });
    const [space] = replicasOf([balancer, ...cluster(WEST, [4, 4]), ...cluster(EAST, [1, 4], "8")], WEST, EAST);
    assert.deepEqual(space?.cpu, { needed: 8, quota: 8, nodes: 11.76 });
    assert.equal(space.why, "autoscalers, quota and nodes leave room for the lost region's replicas");
    const geo = thing("cloudflare:index/loadBalancer:LoadBalancer", "lb", { steeringPolicy: "geo" });
    const [busy] = replicasOf([geo, ...cluster(WEST, [4, 4]), ...cluster(EAST, [1, 4], "8")], WEST, EAST);
    assert.equal(busy?.fits, false);
  });

  it("is so for what a queue scales and for what Argo Rollouts releases, too", () => {
    const kinds: Readonly<Record<string, string>> = {
      "kubernetes:apps/v1:Deployment": "kubernetes:argoproj.io/v1alpha1:Rollout",
      "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": "kubernetes:keda.sh/v1alpha1:ScaledObject",
    };
    const queued = [...cluster(WEST, [2, 4]), ...cluster(EAST, [1, 4])].map((resource): StateResource => {
      const type = kinds[resource.type] ?? resource.type;
      const scaleTargetRef = { kind: "Rollout", name: "api" };
      const spec = { minReplicaCount: resource.id === `hpa-${WEST}` ? 2 : 0, maxReplicaCount: 4, scaleTargetRef };
      return type.endsWith(":ScaledObject")
        ? { ...resource, type, inputs: { ...resource.inputs, spec } }
        : { ...resource, type };
    });
    const [space] = replicasOf(queued, WEST, EAST);
    assert.deepEqual(space?.workloads, [{ name: "api", lost: 2, least: 0, most: 4, fits: true }]);
  });

  it("is RTO and RPO by system, each number with a source", () => {
    const database = thing("aws:rds/globalCluster:GlobalCluster", "groundwork-prod-shop", {});
    const metadata = { name: "mongodb", namespace: "shop-mongodb" };
    const documents = thing("kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB", "documents", {
      metadata,
      spec: { backup: { pitr: { oplogSpanMin: 1 } } },
    });
    const traffic = trafficOf(edge(), WEST);
    const [leading] = objectivesOf([database], traffic, true);
    assert.deepEqual([leading?.rtoReads, leading?.rtoWrites, leading?.rpo], [75, 75 + 900 + 60 + 900, 1]);
    const [following] = objectivesOf([database], traffic, false);
    assert.deepEqual([following?.rtoWrites, following?.rpo], [75, 0]);
    const [own] = objectivesOf([database, documents], traffic, false);
    assert.equal(own?.rpo, 16 * 60, "MongoDB is a region's own, whether it leads or not");
  });
});

describe("the steps of a drill", () => {
  it("name elements of a list by one of their values", () => {
    const configured = () => [{ name: WEST }, { name: EAST }];
    assert.deepEqual(asPulumiPaths({ [`regions[name=${EAST}].role`]: "primary", "a.b": 1 }, configured), {
      "regions[1].role": "primary",
      "a.b": 1,
    });
    assert.throws(
      () => asPulumiPaths({ "regions[name=nowhere].role": "primary" }, configured),
      /names no element of regions/,
    );
  });

  it("run AWS's commands in the simulated clouds, and leave the others to people", () => {
    const asked: string[] = [];
    const regions = {
      promoteDatabase: (name: string, region: string) => void asked.push(`${name} ${region}`),
      promoteDatastore: () => "InvalidParameterValue: no",
    } as unknown as CloudRegions;
    const failover = `aws rds failover-global-cluster --region ${EAST} --global-cluster-identifier shop --target-db-cluster-identifier <arn of the cluster in ${EAST}> --allow-data-loss`;
    assert.deepEqual(carryOut(failover, regions), { done: true });
    assert.deepEqual(asked, [`shop ${EAST}`]);
    const cache = `aws elasticache failover-global-replication-group --region ${EAST} --global-replication-group-id <id that ends in shop> --primary-region ${EAST} --primary-replication-group-id <id of the group in ${EAST}>`;
    assert.deepEqual(carryOut(cache, regions), { done: true, reason: "InvalidParameterValue: no" });
    assert.deepEqual(carryOut("kubectl get pods", regions), { done: false });
    assert.ok(isForLater({ order: 1, what: "When it is back: go on.", how: { command: "true" }, loses: "nothing" }));
  });
});
