import type * as aws from "@pulumi/aws";
import type { Input } from "@pulumi/pulumi";
import type { PostgresSpec } from "./spec.ts";

/** A region's place for the database. */
export interface AuroraPlace {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
  readonly vpcId: Input<string>;
  /** In two zones at least, with no way to the internet. */
  readonly subnetIds: readonly Input<string>[];
  /** The security group of those who may connect. */
  readonly clientGroupId: Input<string>;
  /** ARN of the region's key; storage, snapshots and the proxy's secret are encrypted with it. */
  readonly keyArn: Input<string>;
  /** Reader instances; in the primary region beside the writer. */
  readonly readers: number;
  /** SNS topic of the region that alarms go to. Default: they only change colour. */
  readonly alarmTopicArn?: Input<string>;
}

/** What is in front of the writer. */
export type Pooling = "rds-proxy" | "none";

/** What is measured beside CloudWatch's own metrics. */
export interface AuroraMonitoring {
  /**
   * Seconds between measurements of each instance's operating system (enhanced monitoring): 0 (off), 1, 5, 10, 15, 30 or
   * 60. They are log lines: at 60 about US$ 1 a month an instance. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.html
   */
  readonly interval: number;
  /**
   * Database Insights: `standard` keeps 7 days of query statistics free of charge, `advanced` 15 months for about US$ 9 a
   * month a vCPU. https://aws.amazon.com/cloudwatch/pricing/
   */
  readonly insights: "standard" | "advanced";
}

export interface AuroraGlobalArgs {
  readonly spec: PostgresSpec;
  /** Identifier of the global database, unique in the account; at most 63 letters, digits and hyphens. */
  readonly identifier: string;
  /** Instance class of writer and readers, e.g. `db.r8g.large` (about US$ 200 a month each); burstable classes cannot be global. */
  readonly instanceClass: string;
  /** The primary first; each other one follows it within about a second and can take over. */
  readonly places: readonly [AuroraPlace, ...AuroraPlace[]];
  /**
   * The region through whose provider the global database was made. It stays the same when another region becomes the
   * primary one: a resource that changes its provider is replaced. Default: the first place's.
   */
  readonly home?: string;
  /** Default `none`. A proxy costs about US$ 11 a month for each vCPU of the primary region's instances. https://aws.amazon.com/rds/proxy/pricing/ */
  readonly pooling?: Pooling;
  /** Default: no enhanced monitoring, standard insights. */
  readonly monitoring?: AuroraMonitoring;
  /** Whether IAM identities may log in with a token beside the password. Default false. */
  readonly iamAuthentication?: boolean;
  /** On what is paid for (clusters, instances, proxy), so that the bill can be split by them. Default none. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Beside them on the primary's cluster, which a backup plan selects by them. Default none. */
  readonly backupTags?: Readonly<Record<string, string>>;
  /** Whether database, clusters and the first instance refuse deletion. */
  readonly protect: boolean;
}
