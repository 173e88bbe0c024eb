import { BadInput } from "./errors.ts";

/** An IPv4 block: its first address as a 32-bit number, and how many leading bits it fixes. */
export interface Cidr {
  readonly base: number;
  readonly prefix: number;
}

export type SubnetTier = "public" | "private" | "isolated";

/** One subnet of a plan. */
export interface SubnetPlan {
  readonly zone: string;
  readonly tier: SubnetTier;
  readonly cidr: string;
}

/** A VPC is between /16 and /28. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html */
const VPC_LARGEST = 16;

/** The smallest VPC whose smallest planned subnet (an extra 5 bits) is still a /28, AWS's smallest. https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
export const VPC_SMALLEST = 23;

/** Room is kept for this many zones, so that one can be added without moving a subnet, which would replace it. */
const ZONE_SLOTS = 4;

/**
 * Where each tier's first subnet starts, in thirty-seconds of the VPC, and how many it takes a zone. Pods get addresses
 * of the private subnets, so those are the largest: half of the VPC in all. The last quarter stays free.
 */
const LAYOUT: Readonly<Record<SubnetTier, { readonly start: number; readonly size: number }>> = {
  private: { start: 0, size: 4 },
  public: { start: 16, size: 1 },
  isolated: { start: 20, size: 1 },
};
const LAYOUT_BITS = 5;

const NOTATION = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/;

/** The block that a text in CIDR notation is or lies in, and whether it is the block itself, with no host bits set. */
export function readCidr(text: unknown): (Cidr & { readonly aligned: boolean }) | undefined {
  const match = typeof text === "string" ? NOTATION.exec(text) : null;
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const prefix = Number(match?.[5]);
  if (match === null || prefix > 32 || octets.some((octet) => octet > 255)) return undefined;
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const base = address - (address % blockSize(prefix));
  return { base, prefix, aligned: base === address };
}

/** Reads `10.0.0.0/16`; `key` names the setting in the error. */
export function parseCidr(text: string, key = "cidr"): Cidr {
  const found = readCidr(text);
  if (found === undefined) {
    throw new BadInput(`${key} is "${text}"; write an IPv4 block in CIDR notation, e.g. "10.0.0.0/16".`);
  }
  const { base, prefix, aligned } = found;
  if (!aligned) {
    throw new BadInput(
      `${key} is "${text}", an address inside a block; write the block itself, "${format({ base, prefix })}".`,
    );
  }
  return { base, prefix };
}

/** The inverse of {@link parseCidr}. */
export function format({ base, prefix }: Cidr): string {
  return `${dottedQuad(base)}/${prefix}`;
}

/** A 32-bit number as an IPv4 address. */
export function dottedQuad(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
}

/** The nth address of a block, which begins anew behind its last. */
export function addressIn({ base, prefix }: Cidr, n: number): string {
  return dottedQuad(base + (n % blockSize(prefix)));
}

/** How many addresses a block of this prefix has. */
export function blockSize(prefix: number): number {
  return 2 ** (32 - prefix);
}

export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + blockSize(b.prefix) && b.base < a.base + blockSize(a.prefix);
}

export function contains(outer: Cidr, inner: Cidr): boolean {
  return outer.prefix <= inner.prefix && overlaps(outer, inner);
}

/** Reads the CIDR of a VPC and refuses sizes that AWS or the plan cannot take. */
export function parseVpcCidr(text: string, key = "cidr"): Cidr {
  const cidr = parseCidr(text, key);
  if (cidr.prefix < VPC_LARGEST || cidr.prefix > VPC_SMALLEST) {
    throw new BadInput(
      `${key} is "${text}"; write a block between /${VPC_LARGEST} and /${VPC_SMALLEST}, which has room for the subnets of ${ZONE_SLOTS} zones.`,
    );
  }
  return cidr;
}

/**
 * A public, a private and an isolated subnet in each zone. A zone's subnets depend on its position alone, so a zone
 * added at the end moves none of the others.
 */
export function planSubnets(vpc: string, zones: readonly string[], key = "cidr"): SubnetPlan[] {
  const { base, prefix } = parseVpcCidr(vpc, key);
  if (zones.length < 1 || zones.length > ZONE_SLOTS || new Set(zones).size !== zones.length) {
    throw new BadInput(
      `the zones of ${vpc} are ${zones.join(", ") || "none"}; name 1 to ${ZONE_SLOTS} different ones.`,
    );
  }
  const unit = blockSize(prefix + LAYOUT_BITS);
  return zones.flatMap((zone, index) =>
    (["public", "private", "isolated"] as const).map((tier) => {
      const { start, size } = LAYOUT[tier];
      const subnet = { base: base + (start + index * size) * unit, prefix: prefix + LAYOUT_BITS - Math.log2(size) };
      return { zone, tier, cidr: format(subnet) };
    }),
  );
}
