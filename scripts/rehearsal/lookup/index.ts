import type { StateResource } from "../deployment.ts";
import type { LookUp, LookUpResult } from "../recover.ts";
import { awsLookUp } from "./aws.ts";
import { dockerLookUp, isListed } from "./docker.ts";
import { idFromInputs } from "./named.ts";
import { urnTag } from "./tag.ts";

/**
 * Asks the real clouds whether a pending create took effect: by the name where the name is the id, else by the tag that
 * carries the URN. What is adopted by name is then read by the official provider, which drops it from the state again
 * when it does not exist.
 */
export function realLookUp(regionOf: (resource: StateResource) => string | undefined): LookUp {
  return async (resource, known) => {
    if (HARMLESS_TWICE.test(resource.type)) return { found: undefined };
    const named = idFromInputs(resource);
    if (named !== undefined) return { found: named };
    const cloud = resource.type.split(":")[0];
    if (cloud !== "aws" && !(cloud === "docker" && isListed(resource.type))) {
      return cannotTell(resource, "its cloud cannot be searched by tag");
    }
    if (urnTag(resource.inputs) === undefined) return cannotTell(resource, "it carries no tag with its URN");
    if (cloud === "docker") return dockerLookUp(resource, known);
    const region = regionOf(resource);
    return region === undefined
      ? cannotTell(resource, "its provider names no region")
      : awsLookUp(resource, known, region);
  };
}

/**
 * What creating it once more does not make a second one of: values that live in the state only (random, tls), images,
 * which are what they are whoever pulled, tagged or built them, the wait for a certificate, the value of a secret, which
 * only moves the same value one version back (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html),
 * and settings of a zone (https://developers.cloudflare.com/api/resources/zones/subresources/settings/methods/edit/).
 */
const HARMLESS_TWICE = new RegExp(
  "^(random:|tls:|docker-build:|docker:index/(remoteImage|registryImage|tag):" +
    "|aws:acm/certificateValidation:|aws:secretsmanager/secretVersion:|cloudflare:index/zoneSetting:)",
);

function cannotTell(resource: StateResource, why: string): LookUpResult {
  return {
    unknown: `${why}: look it up and run \`pulumi refresh --import-pending-creates '${resource.urn}' --import-pending-creates <id>\`, or \`--clear-pending-creates\` when it does not exist`,
  };
}
