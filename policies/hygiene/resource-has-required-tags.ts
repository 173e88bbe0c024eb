import { isLabelled, isTagged } from "@groundwork/lib/taggable";
import { listed } from "../framework/format.ts";
import { at, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { patterns } from "../framework/settings.ts";
import { isUndecided } from "../security/values.ts";
import { defaultTags, ownTags } from "./tags.ts";

const settings = {
  tags: patterns([], "Keys that each taggable resource has, e.g. owner; none where the list is empty."),
};

export const resourceHasRequiredTags = resourcePolicy({
  name: "resource-has-required-tags",
  family: "hygiene",
  severity: "low",
  level: "mandatory",
  description: "Each AWS resource and each Docker object carries the tags or labels that the team requires.",
  why: "A resource without an owner is paid for and left open until somebody dares to ask whose it is.",
  fix: "Write the tag, or put it into defaultTags of the provider; switched on by a list of keys in the policy config.",
  control: {
    ids: ["AWS Config required-tags"],
    name: "required-tags",
    url: "https://docs.aws.amazon.com/config/latest/developerguide/required-tags.html",
  },
  settings,
  types: [/^aws:/, /^docker:/],
  check(resource, { tags }, report) {
    if (tags.length === 0 || !(isTagged(resource.type) || isLabelled(resource.type))) return;
    const present = new Set([...ownTags(resource), ...defaultTags(resource)].map(([key]) => key));
    const missing = tags.filter((tag) => !present.has(tag));
    if (missing.length === 0) return;
    const property = isTagged(resource.type) ? "tags" : "labels";
    // a tag that is yet to get its value is there
    const coming = missing.filter((tag) => unknownAt(resource.unknown, `${property}.${tag}`) !== undefined);
    const wholly = at(resource.inputs, property) === undefined;
    if (wholly && isUndecided(resource, report, "which tags it has", property)) return;
    const lacking = missing.filter((tag) => !coming.includes(tag));
    if (lacking.length === 0) return;
    report.violation(
      `${property} lack ${listed(lacking)} of resource-has-required-tags.tags; write ${example(resource, lacking)}.`,
    );
  },
});

function example({ type }: Resource, [first = ""]: readonly string[]): string {
  return isTagged(type)
    ? `tags: { ${JSON.stringify(first)}: … }`
    : `labels: [{ label: ${JSON.stringify(first)}, value: … }]`;
}
