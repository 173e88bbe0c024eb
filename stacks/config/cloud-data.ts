import { BadInput } from "@groundwork/lib/errors";
import type { VaultLock } from "../../components/backup/aws.ts";
import type { Pooling } from "../../components/postgres/aurora-spec.ts";
import { MANAGED } from "../systems/managed.ts";
import type { CacheSize, DatabaseEngine, DatabaseSize } from "../systems/managed.ts";
import { bySystem } from "./cloud-tiers.ts";
import type { Reader } from "./values.ts";
import { boolean, integer, list, memory, object, oneOf, partial, shown, text } from "./values.ts";

export type { CacheSize, DatabaseEngine, DatabaseSize } from "../systems/managed.ts";

/** What one system has otherwise. */
export interface SystemDatabase extends DatabaseChoices {
  /** In the cluster: what the demoted primary gave out, for the one `up` of a planned promotion. */
  readonly promotionToken?: string;
}

/** What is left out is the system's own, else the default. */
type DatabaseChoices = Partial<Omit<DatabaseSize, "readers">> & {
  readonly readers?: Partial<DatabaseSize["readers"]>;
};

/** What holds for all databases of Aurora. */
interface AuroraChoices {
  /** What is in front of the writer. In the cluster it is always PgBouncer. */
  readonly pooling: Pooling;
  /** Seconds between measurements of each instance's operating system; 0: none. */
  readonly monitoringSeconds: number;
  /** Database Insights: 7 days of query statistics, or 15 months for money. */
  readonly insights: "standard" | "advanced";
  /** Whether IAM identities may log in. */
  readonly iamAuthentication: boolean;
}

export interface DatabaseConfig extends DatabaseChoices, AuroraChoices {
  /** By system, in place of what is written for all. Default none. */
  readonly systems?: Readonly<Record<string, SystemDatabase>>;
}

export interface CacheConfig extends Partial<CacheSize> {
  /** Whether the regions' caches are one global datastore, which takes writes in one region. */
  readonly global: boolean;
  /** By system, in place of what is written for all. Default none. */
  readonly systems?: Readonly<Record<string, Partial<CacheSize>>>;
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

const DATABASE: DatabaseSize = {
  engine: "aurora",
  instanceClass: "db.r8g.large",
  readers: { primary: 3, failover: 1 },
  storage: "20Gi",
};
const AURORA: AuroraChoices = {
  pooling: "rds-proxy",
  monitoringSeconds: 60,
  insights: "standard",
  iamAuthentication: false,
};
const CACHE: CacheSize = { nodeType: "cache.r7g.large", shards: 3, replicasPerShard: 1 };
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

const databaseChoices = {
  engine: oneOf<DatabaseEngine>("aurora", "cloudnative-pg"),
  instanceClass: instanceType("db\\.", DATABASE.instanceClass),
  readers: partial<Partial<DatabaseSize["readers"]>>({ primary: integer(0, 15), failover: integer(0, 15) }),
  storage: memory,
};
const ownDatabase = partial<SystemDatabase>({
  ...databaseChoices,
  promotionToken: text(/^[A-Za-z0-9+/=]{16,}$/, "the token that the demoted primary gave out"),
});
const givenDatabase = partial<Partial<DatabaseConfig>>({
  ...databaseChoices,
  pooling: oneOf("rds-proxy", "none"),
  monitoringSeconds: interval,
  insights: oneOf("standard", "advanced"),
  iamAuthentication: boolean,
  systems: bySystem(ownDatabase),
});
export const readDatabase: Reader<DatabaseConfig> = (value, key) => ({ ...AURORA, ...givenDatabase(value, key) });

const cacheChoices = {
  nodeType: instanceType("cache\\.", CACHE.nodeType),
  shards: integer(1, 500),
  replicasPerShard: integer(0, 5),
};
const givenCache = partial<Partial<CacheConfig>>({
  ...cacheChoices,
  global: boolean,
  systems: bySystem(partial<Partial<CacheSize>>(cacheChoices)),
});
export const readCache: Reader<CacheConfig> = (value, key) => ({ global: false, ...givenCache(value, key) });

/** A system's database: its own choices, then those for all, then what the system usually has. */
export function databaseOf(
  { systems = {}, ...all }: DatabaseConfig,
  system: string,
): DatabaseSize & AuroraChoices & Pick<SystemDatabase, "promotionToken"> {
  const [usual, own] = [MANAGED[system]?.database, systems[system]];
  const { engine } = { ...DATABASE, ...usual, ...all, ...own };
  // Aurora puts another server in the place of one that is lost; in a cluster somebody has to take over
  const spare = engine === "cloudnative-pg" ? { failover: 2 } : {};
  const readers = { ...DATABASE.readers, ...usual?.readers, ...spare, ...all.readers, ...own?.readers };
  return { ...DATABASE, ...usual, ...all, ...own, readers };
}

/** Burstable nodes cannot be part of a global datastore. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html */
const BURSTABLE = /^cache\.t\d/;

/** A system's cache, likewise. */
export function cacheOf({ systems = {}, global, ...all }: CacheConfig, system: string): CacheSize {
  const { nodeType = CACHE.nodeType, ...usual } = MANAGED[system]?.cache ?? {};
  const able = global && BURSTABLE.test(nodeType) ? CACHE.nodeType : nodeType;
  return { ...CACHE, ...usual, nodeType: able, ...all, ...systems[system] };
}

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
