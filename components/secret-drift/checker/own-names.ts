/** The property of the source that keys the fingerprints. */
export const FINGERPRINT_KEY = "groundwork-fingerprint-key";
/** The property of the source that holds what was written last to places whose values cannot be read back. */
export const RECORDS = "groundwork-records";
/** How the properties of the source begin that hold what healing has overwritten. */
export const OVERWRITTEN = "groundwork-overwritten";

/** By any path that ends there. */
const OWN = new RegExp(`(?:^|[^\\w-])(?:${[FINGERPRINT_KEY, RECORDS, OVERWRITTEN].join("|")})(?![^\\W_])`);

/** Whether a name is one of the checker's own: somebody who gave it a value would take away what all comparisons rest on. */
export function isOwnName(name: string): boolean {
  return OWN.test(name);
}

/** Whether it is one as it is, and not below a path that already says where. */
export function isBareOwnName(name: string): boolean {
  return OWN.exec(name)?.index === 0;
}
