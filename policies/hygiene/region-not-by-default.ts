import { ACCOUNT_WIDE } from "@groundwork/lib/placement";
import { listed } from "../framework/format.ts";
import { stackPolicy } from "../framework/policy.ts";
import { flag } from "../framework/settings.ts";
import { textAt } from "../framework/known.ts";
import { isDefaultProvider, regionOf } from "./providers.ts";

const settings = {
  always: flag(false, "Whether the default provider is refused in a stack with one region too."),
};

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
    const regions = new Set(stack.resources.flatMap((resource) => regionOf(resource) ?? []));
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
