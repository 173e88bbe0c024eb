/** IPv4 blocks as numbers: the first address and how many there are. */
export interface Block {
  readonly first: number;
  readonly size: number;
  readonly prefix: number;
  /** Whether the address is the network's own, with no host bits set. */
  readonly aligned: boolean;
}

/** `10.1.0.0/16` as a block; `undefined` when it is not IPv4 CIDR notation. */
export const block = (value: unknown): Block | undefined => {
  const match =
    typeof value === "string" ? /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(value) : null;
  const parts = match?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, prefix = 0] = parts;
  if ([a, b, c, d].some((octet) => octet > 255) || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return { first, size, prefix, aligned: first === address };
};

export const overlaps = (one: Block, other: Block): boolean =>
  one.first < other.first + other.size && other.first < one.first + one.size;

export const contains = (outer: Block, inner: Block): boolean =>
  outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size;

/** The nth address of a block, e.g. for a believable private IP. */
export const address = (within: Block, n: number): string => {
  const value = within.first + (n % within.size);
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
};
