import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "./config/parse.ts";
import type { EnvironmentConfig } from "./config/types.ts";

export { parseConfig } from "./config/parse.ts";
export type * from "./config/types.ts";

/** The stack's configuration, checked and typed; throws one BadInput for the first thing that is wrong with it. */
export function readConfig(): EnvironmentConfig {
  const secrets = secretKeys();
  return parseConfig(pulumi.getProject(), pulumi.runtime.allConfig(), (key) => secrets.has(key));
}

/** The engine names the encrypted keys in this variable; the SDK has no public way to ask. */
function secretKeys(): ReadonlySet<string> {
  const keys: unknown = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]");
  return new Set(Array.isArray(keys) ? keys.map(String) : []);
}
