import { BadInput } from "@groundwork/lib/errors";
import type { VaultLock } from "../../components/backup/aws.ts";
import type { Pooling } from "../../components/postgres/aurora-spec.ts";
import type { RegionRole } from "../systems/system.ts";
import type { Reader } from "./values.ts";
import { boolean, integer, list, object, oneOf, shown, text } from "./values.ts";

export interface DatabaseConfig {
  /** Aurora instance class of writer and readers, e.g. `db.r8g.large`. */
  readonly instanceClass: string;
  /** Reader instances by region role, beside the writer in the primary region. */
  readonly readers: Readonly<Record<RegionRole, number>>;
  /** What is in front of the writer. */
  readonly pooling: Pooling;
  /** Seconds between measurements of each instance's operating system; 0: none. */
  readonly monitoringSeconds: number;
  /** Database Insights: 7 days of query statistics, or 15 months for money. */
  readonly insights: "standard" | "advanced";
  /** Whether IAM identities may log in. */
  readonly iamAuthentication: boolean;
}

export interface CacheConfig {
  /** ElastiCache node type, e.g. `cache.r7g.large`. */
  readonly nodeType: string;
  /** Primaries, each with a share of the key space. */
  readonly shards: number;
  readonly replicasPerShard: number;
  /** Whether the regions' caches are one global datastore, which takes writes in one region. */
  readonly global: boolean;
}

/** AWS Backup and the buckets that backups are written to. */
export interface RecoveryConfig {
  readonly enabled: boolean;
  readonly dailyDays: number;
  readonly monthlyMonths: number;
  readonly lock: VaultLock;
  readonly restoreTests: boolean;
  /** Whether copies of objects are promised within 15 minutes. */
  readonly timeControl: boolean;
}

/** What an account has once, however many stacks it carries, and who is told. */
export interface AccountConfig {
  /** Whether this stack owns it: CloudTrail, GuardDuty, Access Analyzer, encryption and privacy by default. */
  readonly owner: boolean;
  /** Who is told of alarms and budgets. */
  readonly emails: readonly string[];
  readonly dataEvents: boolean;
  readonly runtimeMonitoring: boolean;
  /** Whether the bill is split by our tags; AWS takes it a day after they were first used. */
  readonly costTags: boolean;
}

const DATABASE: DatabaseConfig = {
  instanceClass: "db.r8g.large",
  readers: { primary: 3, failover: 1 },
  pooling: "rds-proxy",
  monitoringSeconds: 60,
  insights: "standard",
  iamAuthentication: false,
};
const CACHE: CacheConfig = { nodeType: "cache.r7g.large", shards: 3, replicasPerShard: 1, global: false };
const RECOVERY: RecoveryConfig = {
  enabled: true,
  dailyDays: 35,
  monthlyMonths: 12,
  lock: "none",
  restoreTests: true,
  timeControl: false,
};
const ACCOUNT: AccountConfig = {
  owner: true,
  emails: [],
  dataEvents: false,
  runtimeMonitoring: false,
  costTags: false,
};

const instanceType = (prefix: string, example: string) =>
  text(new RegExp(`^${prefix}[a-z][a-z0-9-]*\\.[a-z0-9]+$`), `an instance type such as "${example}"`);

const INTERVALS = [0, 1, 5, 10, 15, 30, 60];
const interval: Reader<number> = (value, key) => {
  const found = INTERVALS.find((each) => each === value);
  if (found !== undefined) return found;
  throw new BadInput(`${key} is ${shown(value)}; write one of ${INTERVALS.join(", ")}.`);
};

export const readDatabase: Reader<DatabaseConfig> = object<DatabaseConfig>({
  instanceClass: { read: instanceType("db\\.", DATABASE.instanceClass), fallback: DATABASE.instanceClass },
  readers: {
    read: object<DatabaseConfig["readers"]>({
      primary: { read: integer(0, 15), fallback: DATABASE.readers.primary },
      failover: { read: integer(0, 15), fallback: DATABASE.readers.failover },
    }),
    fallback: DATABASE.readers,
  },
  pooling: { read: oneOf("rds-proxy", "none"), fallback: DATABASE.pooling },
  monitoringSeconds: { read: interval, fallback: DATABASE.monitoringSeconds },
  insights: { read: oneOf("standard", "advanced"), fallback: DATABASE.insights },
  iamAuthentication: { read: boolean, fallback: DATABASE.iamAuthentication },
});

export const readCache: Reader<CacheConfig> = object<CacheConfig>({
  nodeType: { read: instanceType("cache\\.", CACHE.nodeType), fallback: CACHE.nodeType },
  shards: { read: integer(1, 500), fallback: CACHE.shards },
  replicasPerShard: { read: integer(0, 5), fallback: CACHE.replicasPerShard },
  global: { read: boolean, fallback: CACHE.global },
});

export const readRecovery: Reader<RecoveryConfig> = object<RecoveryConfig>({
  enabled: { read: boolean, fallback: RECOVERY.enabled },
  dailyDays: { read: integer(1, 35), fallback: RECOVERY.dailyDays },
  monthlyMonths: { read: integer(0, 120), fallback: RECOVERY.monthlyMonths },
  lock: { read: oneOf("none", "governance", "compliance"), fallback: RECOVERY.lock },
  restoreTests: { read: boolean, fallback: RECOVERY.restoreTests },
  timeControl: { read: boolean, fallback: RECOVERY.timeControl },
});

export const readAccount: Reader<AccountConfig> = object<AccountConfig>({
  owner: { read: boolean, fallback: ACCOUNT.owner },
  emails: {
    read: list(text(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "an address"), 'a list of addresses, e.g. ["ops@example.com"]'),
    fallback: ACCOUNT.emails,
  },
  dataEvents: { read: boolean, fallback: ACCOUNT.dataEvents },
  runtimeMonitoring: { read: boolean, fallback: ACCOUNT.runtimeMonitoring },
  costTags: { read: boolean, fallback: ACCOUNT.costTags },
});
