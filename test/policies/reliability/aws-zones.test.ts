import assert from "node:assert/strict";
import { brokerSpansZones } from "../../../policies/reliability/aws/broker-spans-zones.ts";
import { cacheSpansZones } from "../../../policies/reliability/aws/cache-spans-zones.ts";
import { dataSubnetsSpanZones } from "../../../policies/reliability/aws/data-subnets-span-zones.ts";
import { databaseSpansZones } from "../../../policies/reliability/aws/database-spans-zones.ts";
import { loadBalancerCrossesZones } from "../../../policies/reliability/aws/load-balancer-crosses-zones.ts";
import { natGatewayInEachZone } from "../../../policies/reliability/aws/nat-gateway-in-each-zone.ts";
import { nodesSpanZones } from "../../../policies/reliability/aws/nodes-span-zones.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, say, UNKNOWN } from "../harness.ts";

function subnet(name: string, availabilityZone: string): Fake {
  return { type: "aws:ec2/subnet:Subnet", name, props: { vpcId: UNKNOWN, availabilityZone }, from: { vpcId: ["net"] } };
}

const network: readonly Fake[] = [
  { type: "aws:ec2/vpc:Vpc", name: "net", props: { cidrBlock: "10.0.0.0/16" } },
  subnet("a", "eu-west-1a"),
  subnet("b", "eu-west-1b"),
];

/** In both subnets of the network by the graph, as in a preview. */
function inBoth(type: string, name: string, input: string, props: Record<string, unknown> = {}): Fake {
  return { type, name, props: { ...props, [input]: [UNKNOWN, UNKNOWN] }, from: { [input]: ["a", "b"] } };
}

describe("more than one zone", () => {
  describePolicy({
    policy: dataSubnetsSpanZones,
    compliant: [
      ...network,
      inBoth("aws:rds/subnetGroup:SubnetGroup", "databases", "subnetIds"),
      {
        type: "aws:elasticache/subnetGroup:SubnetGroup",
        name: "caches",
        props: { subnetIds: ["subnet-1", "subnet-2"] },
      },
    ],
    breaks: [
      {
        path: "b/availabilityZone",
        value: "eu-west-1a",
        says: /^Subnet group databases is in 1 zone, .*; add a subnet of another zone to subnetIds\.$/,
      },
      { path: "caches/subnetIds", value: ["subnet-1"], says: /^Subnet group caches is in 1 zone/ },
    ],
    passes: [{ path: "databases/subnetIds", value: [UNKNOWN, UNKNOWN, "subnet-elsewhere"] }],
    undecided: ["b/availabilityZone", "caches/subnetIds"],
  });

  describePolicy({
    policy: nodesSpanZones,
    compliant: [
      ...network,
      inBoth("aws:eks/nodeGroup:NodeGroup", "nodes", "subnetIds"),
      {
        type: "aws:eks/cluster:Cluster",
        name: "cluster",
        props: { vpcConfig: { subnetIds: ["subnet-1", "subnet-2"] } },
      },
      {
        type: "aws:autoscaling/group:Group",
        name: "workers",
        props: { availabilityZones: ["eu-west-1a", "eu-west-1b"] },
      },
    ],
    breaks: [
      { path: "a/availabilityZone", value: "eu-west-1b", says: /^Node group nodes is in 1 zone/ },
      {
        path: "cluster/vpcConfig/subnetIds",
        value: ["subnet-1"],
        says: /^Cluster cluster is in 1 zone, .* to vpcConfig\.subnetIds\.$/,
      },
    ],
    passes: [{ path: "workers/availabilityZones", value: undefined }],
    undecided: ["b/availabilityZone", "cluster/vpcConfig/subnetIds"],
  });
  describePolicy({
    policy: nodesSpanZones,
    compliant: [
      { type: "aws:autoscaling/group:Group", name: "workers", props: { vpcZoneIdentifiers: ["s-1", "s-2"] } },
    ],
    breaks: [{ path: "workers/vpcZoneIdentifiers", value: ["s-1"], says: /^Auto scaling group workers is in 1 zone/ }],
    undecided: ["workers/vpcZoneIdentifiers"],
  });

  const cluster = (name: string, props: Record<string, unknown>): Fake => ({
    type: "aws:rds/cluster:Cluster",
    name,
    props: { clusterIdentifier: name, engine: "aurora-postgresql", ...props },
  });
  const member = (name: string, of: string): Fake => ({
    type: "aws:rds/clusterInstance:ClusterInstance",
    name,
    props: { clusterIdentifier: of },
  });
  describePolicy({
    policy: databaseSpansZones,
    compliant: [
      { type: "aws:rds/instance:Instance", name: "shop", props: { engine: "postgres", multiAz: true } },
      { type: "aws:rds/instance:Instance", name: "copy", props: { replicateSourceDb: UNKNOWN } },
      cluster("orders", {}),
      member("orders-0", "orders"),
      member("orders-1", "orders"),
      cluster("world", { globalClusterIdentifier: UNKNOWN }),
      member("world-0", "world"),
      cluster("three", { dbClusterInstanceClass: "db.m6gd.large" }),
      cluster("small", { engineMode: "serverless" }),
    ],
    breaks: [
      { path: "shop/multiAz", value: undefined, says: /^Database shop is in one zone.*write multiAz: true\.$/ },
      {
        path: "orders-1/clusterIdentifier",
        value: "another",
        says: /^Database cluster orders has 1 instance, below the 2 of database-spans-zones\.instances/,
      },
      {
        path: "world-0/clusterIdentifier",
        value: "another",
        says: /^Database cluster world has 0 instances, below the 1 of database-spans-zones\.globalInstances/,
      },
      { path: "small/engineMode", value: "provisioned", says: /^Database cluster small has 0 instances/ },
    ],
    undecided: ["shop/multiAz", "orders-1/clusterIdentifier"],
  });

  describePolicy({
    policy: cacheSpansZones,
    compliant: [
      {
        type: "aws:elasticache/replicationGroup:ReplicationGroup",
        name: "sessions",
        props: { automaticFailoverEnabled: true, multiAzEnabled: true, numNodeGroups: 2, replicasPerNodeGroup: 1 },
      },
    ],
    breaks: [
      { path: "sessions/automaticFailoverEnabled", value: undefined, says: /does not fail over by itself/ },
      { path: "sessions/multiAzEnabled", value: false, says: /may have all of its nodes in one zone/ },
      { path: "sessions/replicasPerNodeGroup", value: 0, says: /has no replica/ },
    ],
    undecided: ["sessions/automaticFailoverEnabled", "sessions/multiAzEnabled", "sessions/replicasPerNodeGroup"],
  });

  it("cache-spans-zones finds what is certain, whatever else is not known", () => {
    const type = "aws:elasticache/replicationGroup:ReplicationGroup";
    const cache: Fake = {
      type,
      name: "sessions",
      props: { automaticFailoverEnabled: false, multiAzEnabled: UNKNOWN, numCacheClusters: UNKNOWN },
    };
    assert.match(say(cacheSpansZones, [cache])[0] ?? "", /^mandatory: The cache does not fail over by itself/);
  });

  describePolicy({
    policy: brokerSpansZones,
    compliant: [{ type: "aws:mq/broker:Broker", name: "jobs", props: { deploymentMode: "CLUSTER_MULTI_AZ" } }],
    breaks: [{ path: "jobs/deploymentMode", value: undefined, says: /^deploymentMode is SINGLE_INSTANCE/ }],
    undecided: ["jobs/deploymentMode"],
  });

  describePolicy({
    policy: loadBalancerCrossesZones,
    compliant: [
      { type: "aws:lb/loadBalancer:LoadBalancer", name: "pages", props: {} },
      {
        type: "aws:lb/loadBalancer:LoadBalancer",
        name: "packets",
        props: { loadBalancerType: "network", enableCrossZoneLoadBalancing: true },
      },
    ],
    breaks: [
      {
        path: "packets/enableCrossZoneLoadBalancing",
        value: undefined,
        says: /write enableCrossZoneLoadBalancing: true\.$/,
      },
    ],
    undecided: ["packets/enableCrossZoneLoadBalancing", "pages/loadBalancerType"],
  });

  const nat = (name: string, where: string, props: Record<string, unknown> = {}): Fake => ({
    type: "aws:ec2/natGateway:NatGateway",
    name,
    props: { subnetId: UNKNOWN, ...props },
    from: { subnetId: [where] },
  });
  describePolicy({
    policy: natGatewayInEachZone,
    compliant: [...network, nat("nat-a", "a"), nat("nat-b", "b")],
    breaks: [
      { path: "nat-b/connectivityType", value: "private", says: /^Network net has no NAT gateway in eu-west-1b, / },
    ],
    passes: [{ path: "b/availabilityZone", value: "eu-west-1c" }],
  });
});
