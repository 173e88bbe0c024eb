import { instanceType } from "../instances.ts";

/** What a managed server of a class brings. */
export interface ServerClass {
  readonly vcpu: number;
  /** Bytes. */
  readonly memory: number;
}

const GIBIBYTE = 2 ** 30;

/**
 * Classes of databases and brokers are EC2 sizes by another name: `db.r8g.large` has the cores and memory of `r8g.large`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.Summary.html
 * https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rmq-broker-instance-types.html
 */
export function serverClass(name: string): ServerClass | undefined {
  const [service = "", family = "", size = ""] = name.split(".");
  const base = instanceType(`${family}.${size}`);
  if (base === undefined) return undefined;
  const cache = service === "cache" ? cacheMemory(family, size) : undefined;
  return { vcpu: base.vcpu, memory: cache ?? base.memory };
}

/** GiB that a cache node leaves to the engine, by family letter and size; less than the machine has. */
const CACHE_GIB: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  t: { micro: 0.5, small: 1.37, medium: 3.09 },
  m: {
    large: 6.38,
    xlarge: 12.93,
    "2xlarge": 26.04,
    "4xlarge": 52.26,
    "8xlarge": 103.68,
    "12xlarge": 157.12,
    "16xlarge": 209.55,
  },
  r: {
    large: 13.07,
    xlarge: 26.32,
    "2xlarge": 52.82,
    "4xlarge": 105.81,
    "8xlarge": 209.55,
    "12xlarge": 317.77,
    "16xlarge": 419.09,
  },
};

/** https://aws.amazon.com/elasticache/pricing/ (memory of each node type) */
function cacheMemory(family: string, size: string): number | undefined {
  const sizes = CACHE_GIB[family.charAt(0)];
  const gib = sizes && Object.hasOwn(sizes, size) ? sizes[size] : undefined;
  return gib === undefined ? undefined : Math.round(gib * GIBIBYTE);
}

/**
 * PostgreSQL's `max_connections` where no parameter group sets it: memory over 9,531,392, at most 5,000.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Managing.html
 */
export function defaultConnections({ memory }: ServerClass): number {
  return Math.min(5000, Math.floor(memory / 9_531_392));
}

/** ElastiCache's own `maxclients`, which nobody can change. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html */
export const CACHE_CONNECTIONS = 65_000;
