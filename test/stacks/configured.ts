import { parseConfig } from "../../stacks/config/parse.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";

export const REGIONS = [
  { name: "us-west-2", role: "primary", cidr: "10.0.0.0/16" },
  { name: "us-east-1", role: "failover", cidr: "10.1.0.0/16" },
];

/** A stack of finai-nexus in two regions, with these keys beside the least that it must say. */
export function configured(
  values: Readonly<Record<string, unknown>> = {},
  secrets: readonly string[] = [],
): CloudConfig {
  const given: Record<string, unknown> = {
    target: "cloud",
    systems: ["finai-nexus"],
    awsAccountId: "123456789012",
    cloudflareAccountId: "a".repeat(32),
    cloudflareZoneId: "b".repeat(32),
    domain: "example.com",
    regions: REGIONS,
    ...values,
  };
  const texts = Object.entries(given).map(([name, value]): [string, string] => [
    `groundwork:${name}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  const isSecret = (name: string) => secrets.some((secret) => name === `groundwork:${secret}`);
  return parseConfig("groundwork", Object.fromEntries(texts), isSecret) as CloudConfig;
}
