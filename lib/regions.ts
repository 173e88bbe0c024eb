import { BadInput } from "./errors.ts";

/**
 * AWS's commercial regions and the letters of their zones; a zone code is the region code and a letter.
 * https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 * https://github.com/jsonmaur/aws-regions (letters; an account older than November 2025 may see others)
 */
const ZONE_LETTERS: Readonly<Record<string, string>> = {
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

/**
 * Left out of what is offered: the regions opened since August 2024, where not every service of the cloud target has
 * been looked up yet.
 */
const NOT_OFFERED = ["mx-central-1", "ap-east-2", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"];

/**
 * EKS refuses `use1-az3`, which is `e` in nearly every account. It also refuses `usw1-az2` and `cac1-az3`, which no new
 * account sees. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 */
const REFUSED_BY_EKS = ["us-east-1e"];

/** Three: etcd-like quorums, Aurora's storage and EKS's control plane all spread over three. */
const DEFAULT_ZONES = 3;

export const AWS_REGIONS: readonly string[] = Object.keys(ZONE_LETTERS);

/** The regions that a stack may name. */
export const REGIONS: readonly string[] = AWS_REGIONS.filter((region) => !NOT_OFFERED.includes(region)).sort();

/** Every zone of a region, e.g. `us-west-2a`; empty for an unknown region. */
export function awsZones(region: string): string[] {
  const letters = Object.hasOwn(ZONE_LETTERS, region) ? ZONE_LETTERS[region] : undefined;
  return [...(letters ?? "")].map((letter) => region + letter);
}

/**
 * The zones of a region in which a cluster can stand. `key` names the setting in the error. An older account's letters
 * are shuffled, so `regions[].zones` can choose among them.
 */
export function zonesOf(region: string, key = "region"): string[] {
  if (!REGIONS.includes(region)) {
    throw new BadInput(`${key} is "${region}", which is no AWS region known here; write one of ${REGIONS.join(", ")}.`);
  }
  return awsZones(region).filter((zone) => !REFUSED_BY_EKS.includes(zone));
}

/** The zones to use where none are named: the first three, or two in a region that has no more. */
export function defaultZones(region: string, key = "region"): string[] {
  return zonesOf(region, key).slice(0, DEFAULT_ZONES);
}
