import sodium from "libsodium-wrappers";
import type { SecretValue } from "../secret-value.ts";

/** The public key of a scope, as GitHub gives it. */
export interface SealingKey {
  readonly key_id: string;
  /** In base64. */
  readonly key: string;
}

/**
 * The value in a box that only GitHub opens, in base64; nothing when the key is none.
 * https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
 */
export async function seal(value: SecretValue, { key }: SealingKey): Promise<string | undefined> {
  await sodium.ready;
  const bytes = Buffer.from(key, "base64");
  if (bytes.length !== sodium.crypto_box_PUBLICKEYBYTES) return undefined;
  const box = sodium.crypto_box_seal(Buffer.from(value.reveal(), "utf8"), bytes);
  return Buffer.from(box).toString("base64");
}
