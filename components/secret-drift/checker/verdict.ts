import { counted } from "./counted.ts";
import type { Drift } from "./finding.ts";

/** How many secrets are in step, or are not; of what nobody has seen neither is said. A name too many is no secret of the mapping. */
export function verdictOf(secrets: number, drifts: readonly Pick<Drift, "kind" | "secret">[], unknown: number): string {
  const own = drifts.filter(({ kind }) => kind !== "extra");
  const drifted = new Set(own.map(({ secret }) => secret)).size;
  const strangers = drifts.length - own.length;
  const all = counted(secrets, "secret");
  const rest = unknown === 0 ? "" : `, ${unknown} unknown`;
  const also = strangers === 0 ? "" : `, and ${counted(strangers, "name")} too many`;
  if (drifted > 0) return `${drifted} of ${all} not in step${rest}${also}`;
  return unknown === 0 ? `${all} in step${also}` : `${secrets - unknown} of ${all} in step${rest}${also}`;
}
