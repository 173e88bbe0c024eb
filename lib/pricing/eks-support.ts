import { KUBERNETES_VERSIONS } from "../kubernetes-versions.ts";

/**
 * Last day of EKS's standard support of versions that a cluster of Groundwork cannot have any more.
 * https://endoflife.date/amazon-eks, read on 2026-11-21
 */
const BEFORE: readonly (readonly [version: string, until: string])[] = [
  ["1.29", "2025-03-23"],
  ["1.30", "2025-07-23"],
  ["1.31", "2025-11-26"],
  ["1.32", "2026-03-23"],
  ["1.33", "2026-07-29"],
  ["1.34", "2026-12-02"],
];

const UNTIL: ReadonlyMap<string, string> = new Map([
  ...BEFORE,
  ...KUBERNETES_VERSIONS.flatMap(({ version, standardSupportUntil }) =>
    standardSupportUntil === undefined ? [] : [[version, standardSupportUntil] as const],
  ),
]);

/** Whether a control plane is paid with the price of extended support on a day; one without a version has the newest. */
export function isExtended(version: string | undefined, day: string): boolean {
  if (version === undefined) return false;
  const until = UNTIL.get(version);
  return until === undefined ? minor(version) < minor("1.29") : until < day;
}

function minor(version: string): number {
  return Number(/^1\.(\d+)/.exec(version)?.[1] ?? NaN);
}
