const ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The same sequence for the same seed, on every machine: mulberry32. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0, below 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  }

  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.below(list.length)];
    if (picked === undefined) throw new Error("nothing to pick from");
    return picked;
  }

  text(length: number, alphabet = ALNUM): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)] ?? "").join("");
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  hex(length: number): string {
    return this.text(length, "0123456789abcdef");
  }

  /** What `openssl genpkey` writes, without being a key: nobody can use it. */
  privateKey(kind = "PRIVATE KEY"): string {
    const head = kind.startsWith("OPENSSH") ? Buffer.from("openssh-key-v1\0") : Buffer.from([0x30, 0x82, 0x04, 0xa2]);
    const content = Buffer.concat([head, this.bytes(1_186)]).toString("base64");
    const lines = content.match(/.{1,64}/g) ?? [];
    return [`-----BEGIN ${kind}-----`, ...lines, `-----END ${kind}-----`].join("\n");
  }
}
