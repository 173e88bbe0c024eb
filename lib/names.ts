import { createHash } from "node:crypto";

/** What Pulumi appends to a physical name that it makes up: `-` and seven hexadecimal digits. https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming */
const AUTO_NAME_SUFFIX = 8;

const HASH_LENGTH = 6;

/**
 * A name made of lower case letters, digits and single inner hyphens that starts with a letter and has at most `limit`
 * characters: what the strictest AWS services take. Any other text is cleaned, cut and
 * ends in a hash of the whole, so that two texts stay apart and the same text always gives the same name.
 */
export function boundedName(text: string, limit: number): string {
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  if (plain !== "" && plain === text && plain.length <= limit) return plain;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, HASH_LENGTH);
  const head = (plain || "x").slice(0, limit - HASH_LENGTH - 1).replace(/-+$/, "");
  return `${head}-${hash}`;
}

/** The longest logical name that still leaves room for Pulumi's suffix in a physical name of `limit` characters. */
export function autoNamed(text: string, limit: number): string {
  return boundedName(text, limit - AUTO_NAME_SUFFIX);
}
