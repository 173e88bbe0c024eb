const GIBIBYTE = 2 ** 30;

/**
 * I/O operations a second of an EBS volume: what was provisioned, else what its type includes. 0 for types that are
 * measured by throughput, and for those that nobody knows.
 * https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html
 */
export function includedIops(type: string, bytes: number, provisioned?: number): number {
  if (provisioned !== undefined) return provisioned;
  if (type === "gp3") return 3000;
  // 3 for each GiB, from 100 to 16,000
  if (type === "gp2") return Math.min(16_000, Math.max(100, Math.floor((3 * bytes) / GIBIBYTE)));
  // about 100 on average. https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html
  return type === "standard" ? 100 : 0;
}
