import { counted } from "@groundwork/lib/counted";
import { listed } from "../framework/format.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { fits, patterns } from "../framework/settings.ts";
import { textAt } from "../framework/known.ts";
import { regionOf } from "./providers.ts";

const settings = {
  regions: patterns([], "AWS regions that may be used, e.g. eu-*; every region where the list is empty."),
};

export const regionAllowed = stackPolicy({
  name: "region-allowed",
  family: "hygiene",
  severity: "medium",
  level: "mandatory",
  description: "AWS resources are only in regions that the team allows.",
  why: "Data in a region that nobody watches breaks contracts, and what runs there is found on the bill.",
  fix: "Name an allowed region in the provider or the resource, or allow this one for the stack in the policy config.",
  control: {
    name: "AWS Control Tower: region deny",
    url: "https://docs.aws.amazon.com/controltower/latest/controlreference/primary-region-deny-policy.html",
  },
  settings,
  types: [/^aws:/],
  checkStack(stack, { regions }, report) {
    if (regions.length === 0) return;
    const byProvider = new Map<string, Resource[]>();
    for (const resource of stack.resources) {
      const region = textAt(resource.inputs, "region");
      if (region === undefined) {
        const key = resource.provider?.urn ?? "";
        byProvider.set(key, [...(byProvider.get(key) ?? []), resource]);
      } else if (!fits(region, regions)) {
        report.violation(`region is ${region}, which is none of ${listed(regions)}; name one of these.`, resource.urn);
      }
    }
    for (const [urn, made] of byProvider) {
      const [first] = made;
      const region = first && regionOf(first);
      const name = urn.split("::").at(-1) || "the default provider";
      if (region === undefined) report.undecided(`region of ${name}`, "whether the region is allowed", first?.urn);
      else if (!fits(region, regions)) {
        report.violation(
          `Provider ${name} puts ${counted(made.length, "resource")} into ${region}, which is none of ${listed(regions)} of region-allowed.regions; name one of these.`,
          urn === "" ? first?.urn : urn,
        );
      }
    }
  },
});
