import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { parseConfig } from "../../stacks/config/parse.ts";
import type { CloudConfig } from "../../stacks/config/types.ts";

/** What a team writes in place of the file's placeholders. */
const FILLED_IN = {
  awsAccountId: "123456789012",
  cloudflareAccountId: "a".repeat(32),
  cloudflareZoneId: "b".repeat(32),
  domain: "example.com",
};

/** Pulumi.prod.yaml as the program reads it, with its placeholders filled in and some keys written otherwise. */
export function prodConfig(changes: Readonly<Record<string, unknown>> = {}): CloudConfig {
  const file = parse(readFileSync(join(groundworkRoot, "Pulumi.prod.yaml"), "utf8")) as {
    readonly config: Readonly<Record<string, unknown>>;
  };
  const own = Object.entries({ ...FILLED_IN, ...changes }).map(([key, value]) => [`groundwork:${key}`, value] as const);
  const values = Object.entries({ ...file.config, ...Object.fromEntries(own) }).map(
    ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  const config = parseConfig("groundwork", Object.fromEntries(values));
  if (config.target !== "cloud") throw new Error(`prod is for ${config.target}`);
  return config;
}
