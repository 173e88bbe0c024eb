import type { Ctx, QuotaName, QuotaUse } from "../../table.ts";

/**
 * vCPUs of an EC2 instance type, from its size; the exceptions are the metal sizes and the burstable families.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html
 */

/** https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-type-specifications.html */
const METAL: Readonly<Record<string, number>> = {
  a1: 16,
  c5: 96,
  c5d: 96,
  c5n: 72,
  c6a: 192,
  c6g: 64,
  c6gd: 64,
  c6i: 128,
  c6id: 128,
  c6in: 128,
  c7g: 64,
  c7gd: 64,
  i3: 72,
  i3en: 96,
  i4i: 128,
  m5: 96,
  m5d: 96,
  m5dn: 96,
  m5n: 96,
  m5zn: 48,
  m6a: 192,
  m6g: 64,
  m6gd: 64,
  m6i: 128,
  m6id: 128,
  m6idn: 128,
  m6in: 128,
  m7g: 64,
  m7gd: 64,
  r5: 96,
  r5b: 96,
  r5d: 96,
  r5dn: 96,
  r5n: 96,
  r6a: 192,
  r6g: 64,
  r6gd: 64,
  r6i: 128,
  r6id: 128,
  r6idn: 128,
  r6in: 128,
  r7g: 64,
  r7gd: 64,
  z1d: 48,
};

/** Sizes that do not follow from their name. */
const EXCEPTIONS: Readonly<Record<string, number>> = {
  "t2.nano": 1,
  "t2.micro": 1,
  "t2.small": 1,
  "c4.8xlarge": 36,
  "d2.8xlarge": 36,
};

/** `m7g.2xlarge`, `c6id.metal`, `r8g.metal-24xl`: what follows the first digit names processor and features. */
export const INSTANCE_TYPE =
  /^([a-z]+)\d{1,2}[a-z0-9-]*\.(nano|micro|small|medium|large|xlarge|(?:[2-9]|[1-9]\d|1\d\d)xlarge|metal|metal-\d{1,3}xl)$/;

/** vCPUs of `m7g.xlarge`: 4; `undefined` for something that is no instance type. */
export const vcpus = (type: string): number | undefined => {
  if (!INSTANCE_TYPE.test(type)) return undefined;
  const [family = "", size = ""] = type.split(".");
  const times = /^(?:metal-)?(\d+)xl/.exec(size)?.[1];
  if (times !== undefined) return EXCEPTIONS[type] ?? 4 * Number(times);
  if (size === "metal") return METAL[family];
  if (size === "xlarge") return 4;
  if (size === "medium") return family.startsWith("t") ? 2 : 1;
  return EXCEPTIONS[type] ?? 2;
};

/**
 * Whether a type counts toward "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances".
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */
export const isStandard = (type: string): boolean => /^(a|c|d|h|i|im|is|m|r|t|z)\d/.test(type);

/** Cards for graphics and transcoding have a quota of their own, which a new account has none of. The same source. */
const isGraphics = (type: string): boolean => /^(g|gr|vt)\d/.test(type);

/** The quota that a machine of this type counts toward; undefined for the rarer ones (F, Inf, P, Trn, X, DL, HPC, U). */
export function vcpuQuota(type: string, isSpot: boolean): QuotaName | undefined {
  if (isStandard(type)) return isSpot ? "standardSpotVcpus" : "standardVcpus";
  if (isGraphics(type)) return isSpot ? "gpuSpotVcpus" : "gpuVcpus";
  return undefined;
}

export interface Machines {
  /** EC2 instance type. */
  readonly type: string;
  readonly count: number;
  readonly isSpot: boolean;
}

const VCPU_QUOTAS = ["standardVcpus", "standardSpotVcpus", "gpuVcpus", "gpuSpotVcpus"] as const;

/** What machines use of the quotas in vCPUs. */
export const vcpuQuotas = (machinesOf: (ctx: Ctx) => Machines): readonly QuotaUse[] =>
  VCPU_QUOTAS.map((quota) => ({
    quota,
    count: (ctx) => {
      const { type, count, isSpot } = machinesOf(ctx);
      return vcpuQuota(type, isSpot) === quota ? count * (vcpus(type) ?? 0) : 0;
    },
  }));
