import type { Input } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Steering } from "./spec.ts";

interface Pool {
  /** AWS's name of the region that it stands for. */
  readonly region: string;
  readonly pool: Input<string>;
}

/** Cloudflare's part of the world by AWS's. https://developers.cloudflare.com/load-balancing/reference/region-mapping-api/ */
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^us-west-/, "WNAM"],
  [/^(us-east-|ca-)/, "ENAM"],
  [/^mx-/, "NSAM"],
  [/^sa-/, "SSAM"],
  [/^eu-(west|central|south|north)-/, "WEU"],
  [/^(me|il)-/, "ME"],
  [/^af-/, "SAF"],
  [/^ap-south-/, "SAS"],
  [/^ap-southeast-(2|4|6)$/, "OC"],
  [/^ap-southeast-/, "SEAS"],
  [/^ap-(northeast|east)-/, "NEAS"],
];

const POLICIES = { off: "off", geo: "geo", dynamic: "dynamic_latency", leastOutstanding: "least_outstanding_requests" };

/**
 * `off` goes by order alone, so that the failover regions stay idle until they are needed; `geo` prefers the region in
 * the visitor's own part of the world, and elsewhere the order; `dynamic` the one that answers health checks fastest;
 * `leastOutstanding` the one with the fewest requests under way.
 */
export function steered(steering: Steering, pools: readonly Pool[]) {
  const steeringPolicy = POLICIES[steering];
  if (steering !== "geo") return { steeringPolicy };
  const parts = new Set(pools.map(({ region }) => partOf(region)));
  const regionPools = Object.fromEntries(
    [...parts].map((part) => [part, nearFirst(part, pools).map(({ pool }) => pool)]),
  );
  return { steeringPolicy, regionPools };
}

/** Healthy regions of that part first, the others after them in the usual order. */
function nearFirst(part: string, pools: readonly Pool[]): readonly Pool[] {
  const isNear = ({ region }: Pool) => partOf(region) === part;
  return [...pools.filter(isNear), ...pools.filter((pool) => !isNear(pool))];
}

/** What the other checks come from, after the region's own part: where most of the internet's users are, first. https://www.itu.int/itu-d/reports/statistics/facts-figures-2025/ */
const PREFERRED = [
  ...["ENAM", "WEU", "WNAM", "NEAS", "SEAS", "SAS", "SSAM", "EEU", "OC", "ME", "NSAM", "SAF", "NAF"],
] as const;

/** How many parts of the world there are to check from. */
export const CHECK_REGIONS = PREFERRED.length;

/** From where a region's health is checked: its own part of the world, then from where its users may come. */
export function checkedFrom(region: string, count: number): string[] {
  const own = partOf(region);
  return [own, ...PREFERRED.filter((part) => part !== own)].slice(0, count);
}

export function partOf(region: string): string {
  const part = PARTS.find(([pattern]) => pattern.test(region))?.[1];
  if (part !== undefined) return part;
  throw new BadInput(
    `cdn: Cloudflare's part of the world for ${region} is not known; write another region, or add it to components/cdn/steering.ts.`,
  );
}
