/** What a kind of saving takes off, where it is a share of a sum. */
export interface Rate {
  /** From 0 to 1. */
  readonly share: number;
  readonly source: string;
}

export const RATES = {
  /**
   * Three years of a Compute Savings Plan, nothing upfront, for general machines; the page tells "up to 66 %" for the best
   * case. The exact rate of a machine is on it.
   */
  compute: { share: 0.4, source: "https://aws.amazon.com/savingsplans/compute-pricing/" },
  /** A year of reserved instances, nothing upfront: up to 30 %, as a commitment brief of March 2026 has it. */
  database: { share: 0.3, source: "https://aws.amazon.com/rds/reserved-instances/" },
  /** A year of reserved nodes, nothing upfront: 0.203 instead of 0.297 an hour for cache.m6g.xlarge in us-west-2. */
  cache: { share: 0.316, source: "https://aws.amazon.com/elasticache/reserved-cache-nodes/" },
  /** Half of the objects are seldom read after 90 days, and cost half in Standard-Infrequent Access. */
  tiering: { share: 0.25, source: "https://aws.amazon.com/s3/storage-classes/" },
  /** What of the traffic through NAT gateways goes to S3: images' layers, backups, logs. */
  endpoints: { share: 0.2, source: "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html" },
} as const satisfies Readonly<Record<string, Rate>>;
