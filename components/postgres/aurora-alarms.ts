import * as aws from "@pulumi/aws";
import type { Input, Resource } from "@pulumi/pulumi";

interface AlarmArgs {
  /** Identifier of the region's cluster. */
  readonly cluster: Input<string>;
  readonly isPrimary: boolean;
  /** Where alarms go; undefined: nowhere, they only change colour. */
  readonly topicArn: Input<string> | undefined;
}

interface Alarm {
  readonly name: string;
  readonly metric: string;
  readonly description: string;
  readonly threshold: number;
  /** Minutes that it lasts before anybody is told. */
  readonly minutes: number;
}

/**
 * US$ 0.10 a month each. The lags are in milliseconds.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
 */
const EVERYWHERE: readonly Alarm[] = [
  {
    name: "replica-lag",
    metric: "AuroraReplicaLagMaximum",
    description: "Readers of the region are seconds behind its writer: reads are old, a failover takes longer",
    threshold: 5000,
    minutes: 5,
  },
  {
    name: "cpu",
    metric: "CPUUtilization",
    description: "The instances compute at their limit: choose a larger class or read from more readers",
    threshold: 90,
    minutes: 15,
  },
];

const SECONDARY: Alarm = {
  name: "global-lag",
  metric: "AuroraGlobalDBReplicationLag",
  description: "The region is far behind the primary one: what is not here yet is lost when the primary region is",
  threshold: 10_000,
  minutes: 5,
};

/** What somebody must know of a region's cluster although no workload fails yet. */
export function createAlarms(name: string, args: AlarmArgs, parent: Resource): void {
  const alarms = args.isPrimary ? EVERYWHERE : [...EVERYWHERE, SECONDARY];
  for (const alarm of alarms) createAlarm(name, alarm, args, parent);
}

function createAlarm(name: string, alarm: Alarm, { cluster, topicArn }: AlarmArgs, parent: Resource): void {
  const actions = topicArn === undefined ? {} : { alarmActions: [topicArn], okActions: [topicArn] };
  new aws.cloudwatch.MetricAlarm(
    `${name}-${alarm.name}`,
    {
      alarmDescription: alarm.description,
      namespace: "AWS/RDS",
      metricName: alarm.metric,
      dimensions: { DBClusterIdentifier: cluster },
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: alarm.threshold,
      period: 60,
      evaluationPeriods: alarm.minutes,
      // A cluster with no reader has no lag to measure.
      treatMissingData: "notBreaching",
      ...actions,
    },
    { parent },
  );
}
