import { BadInput } from "./errors.ts";

/**
 * The zone letters of AWS's commercial regions in which both EKS and Aurora can be used. A zone code is the region code
 * and a letter: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
 * Left out are the zones that EKS refuses (us-east-1 `use1-az3`, nearly always `e`; us-west-1 `usw1-az2`; ca-central-1
 * `cac1-az3`): https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
 * In accounts older than November 2025 the letters are shuffled for each account, so `regions[].zones` can choose among them.
 */
const ZONE_LETTERS: Readonly<Record<string, string>> = {
  "af-south-1": "abc",
  "ap-east-1": "abc",
  "ap-northeast-1": "acd",
  "ap-northeast-2": "abcd",
  "ap-northeast-3": "abc",
  "ap-south-1": "abc",
  "ap-south-2": "abc",
  "ap-southeast-1": "abc",
  "ap-southeast-2": "abc",
  "ap-southeast-3": "abc",
  "ap-southeast-4": "abc",
  "ca-central-1": "abd",
  "ca-west-1": "abc",
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
  "sa-east-1": "abc",
  "us-east-1": "abcdf",
  "us-east-2": "abc",
  "us-west-1": "ac",
  "us-west-2": "abcd",
};

/** Three: etcd-like quorums, Aurora's storage and EKS's control plane all spread over three. */
export const DEFAULT_ZONES = 3;

export const REGIONS: readonly string[] = Object.keys(ZONE_LETTERS);

/** Every usable zone of a region, e.g. `us-west-2a`. `key` names the setting in the error. */
export function zonesOf(region: string, key = "region"): string[] {
  const letters = Object.hasOwn(ZONE_LETTERS, region) ? ZONE_LETTERS[region] : undefined;
  if (letters === undefined) {
    throw new BadInput(`${key} is "${region}", which is no AWS region known here; write one of ${REGIONS.join(", ")}.`);
  }
  return [...letters].map((letter) => region + letter);
}

/** The zones to use where none are named: the first three, or two in a region that has no more. */
export function defaultZones(region: string, key = "region"): string[] {
  return zonesOf(region, key).slice(0, DEFAULT_ZONES);
}
