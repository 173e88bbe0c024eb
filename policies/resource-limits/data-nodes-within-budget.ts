import { counted } from "@groundwork/lib/counted";
import { numberAt, textAt, unknownAt } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";
import type { Stack } from "../framework/stack.ts";

const RDS_CLUSTER = "aws:rds/cluster:Cluster";
const RDS_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

const settings = {
  databaseInstances: number(5, "Most instances of one Aurora cluster: the writer and its readers.", 1, 16),
  cacheNodes: number(12, "Most nodes of one ElastiCache replication group: shards times (replicas + 1).", 1),
};

export const dataNodesWithinBudget = stackPolicy({
  name: "data-nodes-within-budget",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description: "Database readers and cache nodes stay within the environment's budget.",
  why: "Each reader costs as much as the writer, and a shard costs its replicas too: two small numbers multiply.",
  fix: "Take away readers, shards or replicas, or raise the limit for this stack in the policy config.",
  control: {
    ids: ["AWS Well-Architected COST02-BP05"],
    name: "Implement cost controls",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: [RDS_CLUSTER, RDS_CLUSTER_INSTANCE, REPLICATION_GROUP],
  checkStack(stack, { databaseInstances, cacheNodes }, report) {
    checkDatabases(stack, databaseInstances, report);
    for (const group of stack.ofType(REPLICATION_GROUP)) checkCache(group, cacheNodes, report);
  },
});

function checkDatabases(stack: Stack, limit: number, report: Report): void {
  const counts = new Map<string, number>();
  for (const instance of stack.ofType(RDS_CLUSTER_INSTANCE)) {
    const [through] = stack.nearest(instance.urn, RDS_CLUSTER, "clusterIdentifier");
    const key = through ?? textAt(instance.inputs, "clusterIdentifier") ?? instance.urn;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) {
    if (count <= limit) continue;
    const cluster = stack.ofType(RDS_CLUSTER).find(({ urn }) => urn === key);
    report.violation(
      `Database cluster ${cluster?.name ?? key} has ${counted(count, "instance")}, above the ${limit} of data-nodes-within-budget.databaseInstances; take away readers or raise that limit.`,
      cluster?.urn,
    );
  }
}

function checkCache(group: Resource, limit: number, report: Report): void {
  const shards = numberAt(group.inputs, "numNodeGroups") ?? 1;
  const replicas = numberAt(group.inputs, "replicasPerNodeGroup");
  const nodes =
    replicas === undefined ? (numberAt(group.inputs, "numCacheClusters") ?? shards) : shards * (replicas + 1);
  const unknown = unknownAt(group.unknown, "numNodeGroups", "replicasPerNodeGroup", "numCacheClusters");
  if (nodes > limit) {
    report.violation(
      `Replication group ${group.name} has ${counted(nodes, "node")}, above the ${limit} of data-nodes-within-budget.cacheNodes; take away shards or replicas or raise that limit.`,
      group.urn,
    );
  } else if (unknown !== undefined)
    report.undecided(unknown, "whether the cache nodes are within the budget", group.urn);
}
