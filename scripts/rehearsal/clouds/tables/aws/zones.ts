/**
 * The commercial regions and the letters of their zones.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 * https://github.com/jsonmaur/aws-regions (letters; an old account may see others in ap-northeast-1 and us-west-1)
 */
const LETTERS: Readonly<Record<string, string>> = {
  "us-east-1": "abcdef",
  "us-east-2": "abc",
  "us-west-1": "ac",
  "us-west-2": "abcd",
  "ca-central-1": "abd",
  "ca-west-1": "abc",
  "mx-central-1": "abc",
  "sa-east-1": "abc",
  "eu-central-1": "abc",
  "eu-central-2": "abc",
  "eu-north-1": "abc",
  "eu-south-1": "abc",
  "eu-south-2": "abc",
  "eu-west-1": "abc",
  "eu-west-2": "abc",
  "eu-west-3": "abc",
  "il-central-1": "abc",
  "me-central-1": "abc",
  "me-south-1": "abc",
  "af-south-1": "abc",
  "ap-east-1": "abc",
  "ap-east-2": "abc",
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ap-northeast-3": "abc",
  "ap-south-1": "abc",
  "ap-south-2": "abc",
  "ap-southeast-1": "abc",
  "ap-southeast-2": "abc",
  "ap-southeast-3": "abc",
  "ap-southeast-4": "abc",
  "ap-southeast-5": "abc",
  "ap-southeast-6": "abc",
  "ap-southeast-7": "abc",
};

export const regions: readonly string[] = Object.keys(LETTERS);

/** `us-west-2` to `us-west-2a` and so on; empty for an unknown region. */
export const zonesOf = (region: string): readonly string[] =>
  [...(LETTERS[region] ?? "")].map((letter) => region + letter);

const DIRECTIONS: Readonly<Record<string, string>> = { northeast: "ne", southeast: "se" };

/** `us-west-2` to `usw2`, as zone ids and cache endpoints begin. */
export const regionCode = (region: string): string => {
  const [area = "", direction = "", number = ""] = region.split("-");
  return `${area}${DIRECTIONS[direction] ?? direction.slice(0, 1)}${number}`;
};

/** `us-west-2b` to `usw2-az2`: the zone's number is its place in the list, as in accounts made since November 2025. */
export const zoneId = (zone: string): string => {
  const region = zone.slice(0, -1);
  return `${regionCode(region)}-az${zonesOf(region).indexOf(zone) + 1}`;
};
