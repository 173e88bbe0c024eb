import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { overrideFile, readOverrides } from "@groundwork/lib/runtime-override";
import type { EnvironmentConfig } from "./config.ts";
import { readConfig } from "./config.ts";
import { tagWithUrn } from "@groundwork/lib/urn-tags";

/** The rehearsal recognises bad input by this beginning of the message and exits with 2. */
const BAD_INPUT = "bad input: ";

// The SDK's launcher looks each line of each stack trace up in source maps, and the SDK takes a trace for each promise: a
// third of the program's time. Node strips the types in place, so that lines are right without them.
Reflect.deleteProperty(Error, "prepareStackTrace");

export default async function program(): Promise<object> {
  try {
    const config = readConfig();
    tagWithUrn();
    return await environment(config);
  } catch (error) {
    if (error instanceof BadInput) throw new pulumi.RunError(BAD_INPUT + error.message);
    throw error;
  }
}

/** Each target is loaded when it is asked for: the SDKs of the other one take a second to load. */
async function environment(config: EnvironmentConfig): Promise<object> {
  if (config.target !== "cloud") {
    const overrides = readOverrides(overrideFile(process.cwd(), pulumi.getStack()));
    return (await import("./docker.ts")).dockerEnvironment(config, overrides);
  }
  return (await import("./cloud.ts")).cloudEnvironment(config);
}
