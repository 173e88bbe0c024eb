import { awsZones } from "@groundwork/lib/regions";

const DIRECTIONS: Readonly<Record<string, string>> = { northeast: "ne", southeast: "se" };

/** `us-west-2` to `usw2`, as zone ids and cache endpoints begin. */
export const regionCode = (region: string): string => {
  const [area = "", direction = "", number = ""] = region.split("-");
  return `${area}${DIRECTIONS[direction] ?? direction.slice(0, 1)}${number}`;
};

/** `us-west-2b` to `usw2-az2`: the zone's number is its place in the list, as in accounts made since November 2025. */
export const zoneId = (zone: string): string => {
  const region = zone.slice(0, -1);
  return `${regionCode(region)}-az${awsZones(region).indexOf(zone) + 1}`;
};
