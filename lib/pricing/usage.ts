import type { CloudflarePlan } from "../cloudflare-plans.ts";

/** What is used and no resource tells: an amount a month. */
interface UsageDefault {
  readonly default: number;
  /** What the number counts, as it follows it in a sentence. */
  readonly what: string;
}

/**
 * What is taken for granted where nobody says otherwise. Starting points for a system of some thousand users, to be
 * replaced by what a bill or a dashboard shows: none of them is a measurement.
 */
export const USAGE = {
  balancerUnits: { default: 1, what: "capacity units of each load balancer on average" },
  internetGb: { default: 500, what: "GB a month from each load balancer out to the internet" },
  natGb: { default: 100, what: "GB a month through each NAT gateway" },
  endpointGb: { default: 10, what: "GB a month through each interface endpoint" },
  crossZoneGb: { default: 500, what: "GB a month between the zones of each cluster, counted in both directions" },
  traceMillions: { default: 0, what: "million traces a month from each cluster" },
  databaseGb: { default: 50, what: "GB of data in each Aurora cluster" },
  databaseIoMillions: { default: 50, what: "million I/O requests a month of each Aurora cluster" },
  databaseBackupGb: { default: 50, what: "GB of backups of each Aurora cluster beyond its own size" },
  databaseLogGb: { default: 2, what: "GB of logs a month from each Aurora cluster that exports them" },
  replicatedWriteMillions: { default: 10, what: "million writes a month that each secondary Aurora cluster receives" },
  replicatedGb: {
    default: 20,
    what: "GB a month that each secondary cluster, bucket or backup plan sends to another region",
  },
  monitoringLogGb: { default: 0.3, what: "GB of enhanced monitoring a month from each database instance" },
  vaultGb: { default: 200, what: "GB of backups in each vault" },
  logGb: { default: 10, what: "GB a month into each log group" },
  logMonths: { default: 12, what: "months for which logs without a retention are counted as kept" },
  bucketGb: { default: 50, what: "GB in each bucket" },
  bucketPutThousands: { default: 100, what: "thousand writes a month to each bucket" },
  bucketGetThousands: { default: 1000, what: "thousand reads a month from each bucket" },
  imageGb: { default: 5, what: "GB of images in each repository" },
  keyRequests: { default: 100_000, what: "requests a month to each KMS key" },
  secretRequests: { default: 10_000, what: "requests a month for each secret" },
  queueMillions: { default: 0.1, what: "million requests a month to each queue" },
  threatEventMillions: { default: 1, what: "million management events a month that GuardDuty reads in each region" },
  threatFlowGb: { default: 20, what: "GB of flow logs and DNS queries a month that GuardDuty reads in each region" },
  threatObjectMillions: { default: 1, what: "million data events of S3 a month that GuardDuty reads in each region" },
  threatAuditMillions: { default: 5, what: "million audit events of EKS a month that GuardDuty reads in each region" },
  auditEvents: { default: 1_000_000, what: "data events a month of each trail that records them" },
  brokerGb: { default: 20, what: "GB of messages on each broker" },
  cdnGb: { default: 500, what: "GB a month through Argo Smart Routing of each zone" },
} as const satisfies Readonly<Record<string, UsageDefault>>;

export type UsageKey = keyof typeof USAGE;

export const USAGE_KEYS = Object.keys(USAGE) as readonly UsageKey[];

/** Amounts of one system in one stack; what is absent is looked up further out, then has its default. */
export type UsageValues = Readonly<Partial<Record<UsageKey, number>>> & {
  /** What each Cloudflare zone has booked: no resource tells it. Default `pro`. */
  readonly cloudflarePlan?: CloudflarePlan;
};

/** Of one stack, by system (`shared` for what serves all); `default` holds for every system that does not say it itself. */
export type UsageAssumptions = Readonly<Record<string, UsageValues>>;

/** One amount, and who said it. */
export interface Assumed<T> {
  readonly value: T;
  /** Key that said it, below `usage`; absent for a default. */
  readonly key?: string;
}

/** The amount for one system: its own, the stack's, else the default. */
export function assumedUsage(usage: UsageAssumptions, system: string, key: UsageKey): Assumed<number> {
  return find(usage, system, key, (values) => values[key]) ?? { value: USAGE[key].default };
}

/** The plan of the stack's Cloudflare zones, which serve all systems. */
export function assumedPlan(usage: UsageAssumptions): Assumed<CloudflarePlan> {
  return find(usage, "shared", "cloudflarePlan", (values) => values.cloudflarePlan) ?? { value: "pro" };
}

function find<T>(
  usage: UsageAssumptions,
  system: string,
  key: string,
  read: (values: UsageValues) => T | undefined,
): Assumed<T> | undefined {
  for (const place of [system, "default"]) {
    const value = Object.hasOwn(usage, place) ? read(usage[place] ?? {}) : undefined;
    if (value !== undefined) return { value, key: `${place}.${key}` };
  }
  return undefined;
}

/** As a reader is told it, with the key that changes it. */
export function assumptionText(stack: string, key: UsageKey, { value, key: said }: Assumed<number>): string {
  const amount = `${value.toLocaleString("en-US")} ${USAGE[key].what}`;
  return said === undefined
    ? `${amount} (nobody says otherwise: ${stack}.usage.<system>.${key} in capacity.yaml).`
    : `${amount} (${stack}.usage.${said} in capacity.yaml).`;
}
