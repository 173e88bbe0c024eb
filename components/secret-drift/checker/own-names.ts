/** The property of the source that keys the fingerprints. */
export const FINGERPRINT_KEY = "groundwork-fingerprint-key";

/** What the checker keeps for itself in the source, by any path that ends there: the key, the records, what was overwritten. */
const OWN = /(?:^|[^\w-])groundwork-(?:fingerprint-key|records|overwritten)(?![^\W_])/;

/** Whether a name is one of the checker's own: somebody who gave it a value would take away what all comparisons rest on. */
export function isOwnName(name: string): boolean {
  return OWN.test(name);
}
