/** A family that AWS has followed up, and what is as large, and costs less or does more. */
export interface Successor {
  readonly family: string;
  readonly source: string;
}

const EC2 = "https://docs.aws.amazon.com/ec2/latest/instancetypes/pg.html";
const RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Types.html";
const CACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html";

const FAMILIES: Readonly<Record<string, string>> = {
  t1: "t4g",
  t2: "t4g",
  m1: "m7g",
  m2: "r7g",
  m3: "m7g",
  m4: "m7g",
  a1: "m7g",
  c1: "c7g",
  c3: "c7g",
  c4: "c7g",
  r3: "r7g",
  r4: "r7g",
  i2: "i4g",
  g2: "g6",
  g3: "g6",
};

/** Families of databases and caches; others of EC2 never were there. */
const MANAGED: ReadonlySet<string> = new Set(["t1", "t2", "m1", "m2", "m3", "m4", "r3", "r4"]);

/** What follows the family of `m4.large`, `db.r4.xlarge` or `cache.t2.small`; `undefined` where it is a present one. */
export function successorOf(name: string): Successor | undefined {
  const [, service = "", family = ""] = /^(db\.|cache\.)?([a-z0-9-]+)\./.exec(name) ?? [];
  const next = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  if (next === undefined || (service !== "" && !MANAGED.has(family))) return undefined;
  return { family: `${service}${next}`, source: service === "" ? EC2 : service === "db." ? RDS : CACHE };
}

/** Disks whose successor costs less for the same: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html#vol-type-prev */
export const PREVIOUS_DISKS: Readonly<Record<string, string>> = { gp2: "gp3", standard: "gp3", io1: "io2" };
