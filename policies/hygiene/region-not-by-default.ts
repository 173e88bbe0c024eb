import { ACCOUNT_WIDE } from "@groundwork/lib/placement";
import { listed } from "../framework/format.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { flag } from "../framework/settings.ts";
import type { Stack } from "../framework/stack.ts";
import { textAt } from "../framework/known.ts";
import { isDefaultProvider, regionOf } from "./providers.ts";

const settings = {
  always: flag(false, "Whether the default provider is refused in a stack with one region too."),
};

/**
 * Where CloudFront looks for its certificates, web ACLs and functions, wherever all the rest is.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-at-edge-function-restrictions.html
 */
const EDGE_HOME = "us-east-1";
const CERTIFICATE = /^aws:acm\//;
const WEB_ACL = /^aws:wafv2\//;
const FUNCTION = "aws:lambda/function:Function";
const DISTRIBUTION = "aws:cloudfront/distribution:Distribution";
const BEHAVIORS = ["defaultCacheBehavior", "orderedCacheBehaviors"];

export const regionNotByDefault = stackPolicy({
  name: "region-not-by-default",
  family: "hygiene",
  severity: "medium",
  level: "mandatory",
  description: "In a stack with several AWS regions each regional resource names its region or its provider.",
  why: "A forgotten provider option puts the resource into the default region, where nothing else of its cluster is.",
  fix: "Pass the region's provider: { provider }, or { providers } to its component, or write region.",
  control: {
    name: "Pulumi: default providers",
    url: "https://www.pulumi.com/docs/iac/concepts/resources/providers/#disabling-default-providers",
  },
  settings,
  types: [/^aws:/],
  checkStack(stack, { always }, report) {
    const regions = regionsIn(stack);
    if (regions.size < 2 && !always) return;
    const among = [...regions].sort();
    for (const { urn, type, inputs, provider } of stack.resources) {
      const isNamed =
        provider === undefined || !isDefaultProvider(provider.urn) || textAt(inputs, "region") !== undefined;
      if (isNamed || ACCOUNT_WIDE.test(type)) continue;
      report.violation(
        `The resource falls back to the default provider in a stack with ${among.length > 1 ? `the regions ${listed(among)}` : "a provider of its own"}; pass the provider of its region.`,
        urn,
      );
    }
  },
});

/** The regions that the program works in: not those that it only goes to because the service is nowhere else. */
function regionsIn(stack: Stack): ReadonlySet<string> {
  const atEdge = new Set(
    stack.ofType(DISTRIBUTION).flatMap(({ urn }) => BEHAVIORS.flatMap((each) => stack.nearest(urn, FUNCTION, each))),
  );
  const regions = stack.resources.flatMap((resource) => {
    const region = regionOf(resource);
    if (region === undefined || ACCOUNT_WIDE.test(resource.type)) return [];
    return region === EDGE_HOME && (isForEdge(resource) || atEdge.has(resource.urn)) ? [] : region;
  });
  return new Set(regions);
}

/** What belongs to a web ACL has no scope of its own. */
function isForEdge({ type, inputs }: Resource): boolean {
  return CERTIFICATE.test(type) || (WEB_ACL.test(type) && textAt(inputs, "scope") !== "REGIONAL");
}
