import { createHmac } from "node:crypto";
import { InvalidMapping } from "./reader.ts";
import type { SecretValue } from "./secret-value.ts";

/**
 * What may be written down in place of a value. It is keyed, so that who has fingerprints alone cannot try passwords
 * against them, and 128 bits of it are kept: enough that two values never share one.
 */
export type Fingerprint = string & { readonly __fingerprint: never };

const BYTES = 16;
/** Of the key, in bytes: as long as the hash. https://www.rfc-editor.org/rfc/rfc2104#section-3 */
const LEAST_KEY_BYTES = 32;

export class Fingerprints {
  readonly #key: Buffer;

  /** @throws InvalidMapping when the key is shorter than the hash that it keys */
  constructor(key: Buffer) {
    if (key.length < LEAST_KEY_BYTES)
      throw new InvalidMapping(
        `the key of the fingerprints in the source has ${key.length} bytes: put the one of ${LEAST_KEY_BYTES} bytes back that was there`,
      );
    this.#key = key;
  }

  of(value: SecretValue): Fingerprint {
    const digest = createHmac("sha256", this.#key).update(value.reveal(), "utf8").digest();
    return digest.subarray(0, BYTES).toString("hex") as Fingerprint;
  }
}
