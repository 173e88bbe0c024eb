import { counted } from "./counted.ts";
import type { Drift } from "./finding.ts";

/** How many secrets are in step, or are not; of what nobody has seen neither is said. */
export function verdictOf(secrets: number, drifts: readonly Pick<Drift, "secret">[], unknown: number): string {
  const drifted = new Set(drifts.map(({ secret }) => secret)).size;
  const all = counted(secrets, "secret");
  const rest = unknown === 0 ? "" : `, ${unknown} unknown`;
  if (drifted > 0) return `${drifted} of ${all} not in step${rest}`;
  return unknown === 0 ? `${all} in step` : `${secrets - unknown} of ${all} in step${rest}`;
}
