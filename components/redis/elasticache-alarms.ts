import * as aws from "@pulumi/aws";
import type { Input, Output, Resource } from "@pulumi/pulumi";

export interface CacheAlarmArgs {
  /** Identifiers of the group's nodes, as many as `nodes` says. */
  readonly members: Output<string[]>;
  readonly nodes: number;
  /** Where alarms go; undefined: nowhere, they only change colour. */
  readonly topicArn: Input<string> | undefined;
}

interface Alarm {
  readonly name: string;
  readonly metric: string;
  readonly description: string;
  readonly statistic: "Maximum" | "Minimum" | "Sum";
  readonly threshold: number;
  /** The worst node decides: the highest above the threshold, or the lowest below it. */
  readonly worst: "MAX" | "MIN";
  /** Minutes that it lasts before anybody is told. */
  readonly minutes: number;
}

/**
 * US$ 0.10 a month each, and for each node in it. CloudWatch has the metrics by node only.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html,
 * thresholds: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
 */
const ALARMS: readonly Alarm[] = [
  {
    name: "cpu",
    metric: "EngineCPUUtilization",
    description: "A node computes at its limit, and it has one core for commands: add shards, or replicas for reads",
    ...{ statistic: "Maximum", worst: "MAX", threshold: 90, minutes: 5 },
  },
  {
    name: "memory",
    metric: "DatabaseMemoryUsagePercentage",
    description: "A node is full: with an LRU policy it evicts, with noeviction writes fail",
    ...{ statistic: "Maximum", worst: "MAX", threshold: 90, minutes: 5 },
  },
  {
    name: "evictions",
    metric: "Evictions",
    // 10 a second, as RedisEvicting on Docker
    description: "A node throws keys away: the hit ratio falls, and the databases behind get the load",
    ...{ statistic: "Sum", worst: "MAX", threshold: 600, minutes: 10 },
  },
  {
    name: "replication",
    metric: "MasterLinkHealthStatus",
    description: "A replica gets no more data: if its primary fails now, its newest writes are lost",
    ...{ statistic: "Minimum", worst: "MIN", threshold: 1, minutes: 2 },
  },
];

/** Metrics of one alarm. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MOST_METRICS = 10;

/** What somebody must know of a region's cache although no workload fails yet; failovers are told by ElastiCache itself. */
export function createCacheAlarms(name: string, args: CacheAlarmArgs, parent: Resource): void {
  const all = Array.from({ length: args.nodes }, (_, index) => index);
  const parts = Math.ceil(all.length / MOST_METRICS);
  for (const alarm of ALARMS)
    for (let part = 0; part < parts; part += 1) {
      const nodes = all.slice(part * MOST_METRICS, (part + 1) * MOST_METRICS);
      createAlarm(`${name}-${alarm.name}${part === 0 ? "" : `-${part + 1}`}`, alarm, nodes, args, parent);
    }
}

function createAlarm(
  name: string,
  { metric, description, statistic, worst, threshold, minutes }: Alarm,
  nodes: readonly number[],
  { members, topicArn }: CacheAlarmArgs,
  parent: Resource,
): void {
  const actions = topicArn === undefined ? {} : { alarmActions: [topicArn], okActions: [topicArn] };
  new aws.cloudwatch.MetricAlarm(
    name,
    {
      alarmDescription: description,
      metricQueries: [
        { id: "worst", expression: `${worst}([${nodes.map((node) => `n${node}`).join(", ")}])`, returnData: true },
        ...nodes.map((node) => ({
          id: `n${node}`,
          metric: {
            namespace: "AWS/ElastiCache",
            metricName: metric,
            dimensions: { CacheClusterId: members.apply((ids) => ids[node] ?? "") },
            period: 60,
            stat: statistic,
          },
        })),
      ],
      comparisonOperator: worst === "MAX" ? "GreaterThanThreshold" : "LessThanThreshold",
      threshold,
      evaluationPeriods: minutes,
      // a primary says nothing of the link that only replicas have
      treatMissingData: "notBreaching",
      ...actions,
    },
    { parent },
  );
}
