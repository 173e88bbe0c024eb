import type { StateResource } from "../deployment.ts";
import type { LookUp, LookUpResult } from "../recover.ts";
import { awsLookUp } from "./aws.ts";
import { dockerLookUp } from "./docker.ts";
import { idFromInputs } from "./named.ts";

/**
 * Asks the real clouds whether a pending create took effect: by the tag that carries the URN where the cloud gives the
 * id, by the name where the name is the id. What is adopted by name is then read by the official provider, which drops
 * it from the state again when it does not exist.
 */
export function realLookUp(regionOf: (resource: StateResource) => string | undefined): LookUp {
  return async (resource, known) => {
    const named = idFromInputs(resource);
    if (named !== undefined) return { found: named };
    const ask = ASK[resource.type.split(":")[0] ?? ""];
    if (ask === undefined) return cannotTell(resource, "its cloud cannot be searched by tag");
    return ask(resource, known, regionOf);
  };
}

type Ask = (
  resource: StateResource,
  known: readonly string[],
  regionOf: (resource: StateResource) => string | undefined,
) => Promise<LookUpResult>;

const ASK: Readonly<Record<string, Ask>> = {
  aws: (resource, known, regionOf) => {
    const region = regionOf(resource);
    if (region === undefined) return Promise.resolve(cannotTell(resource, "its provider names no region"));
    return awsLookUp(resource, known, region);
  },
  docker: dockerLookUp,
  // they exist in the state only: what is not written down there never existed
  random: () => Promise.resolve({ found: undefined }),
  tls: () => Promise.resolve({ found: undefined }),
};

function cannotTell(resource: StateResource, why: string): LookUpResult {
  return {
    unknown: `${why}: look it up and run \`pulumi refresh --import-pending-creates '${resource.urn}' --import-pending-creates <id>\`, or \`--clear-pending-creates\` when it does not exist`,
  };
}
