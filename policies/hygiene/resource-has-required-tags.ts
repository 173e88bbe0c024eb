import { isLabelled, isTagged } from "@groundwork/lib/taggable";
import { listed } from "../framework/format.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { patterns } from "../framework/settings.ts";
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
    const lacking = missing.filter((tag) => !isComing(resource, property, tag));
    if (lacking.length === 0) return;
    const unknown = unknownKeys(resource, property);
    if (unknown !== undefined) return report.undecided(unknown, "which tags it has");
    report.violation(
      `${property} lack ${listed(lacking)} of resource-has-required-tags.tags; write ${example(resource, lacking)}.`,
    );
  },
});

/** A tag that is yet to get its value is there. Keys have dots in them, so that no path is made of one. */
function isComing({ unknown, provider }: Resource, property: string, tag: string): boolean {
  return (
    unknown.some(([first, key]) => first === property && key === tag) ||
    provider?.unknown.some(([first, tags, key]) => first === "defaultTags" && tags === "tags" && key === tag) === true
  );
}

/** What may hold any key while it is not known. */
function unknownKeys({ unknown, provider }: Resource, property: string): string | undefined {
  const isOpen = unknown.some(
    ([first, index, field]) =>
      first === property &&
      (index === undefined || (typeof index === "number" && (field === undefined || field === "label"))),
  );
  if (isOpen) return property;
  const isOpenByDefault = provider?.unknown.some(
    ([first, tags, key]) => first === "defaultTags" && (tags === undefined || (tags === "tags" && key === undefined)),
  );
  return isOpenByDefault === true ? "defaultTags of the provider" : undefined;
}

function example({ type }: Resource, [first = ""]: readonly string[]): string {
  return isTagged(type)
    ? `tags: { ${JSON.stringify(first)}: … }`
    : `labels: [{ label: ${JSON.stringify(first)}, value: … }]`;
}
