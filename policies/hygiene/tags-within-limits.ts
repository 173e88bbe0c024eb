import { isTagged } from "@groundwork/lib/taggable";
import { resourcePolicy } from "../framework/policy.ts";
import { defaultTags, ownTags } from "./tags.ts";

/** https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
const MOST_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

export const tagsWithinLimits = resourcePolicy({
  name: "tags-within-limits",
  family: "hygiene",
  severity: "medium",
  level: "mandatory",
  description: "Tags of AWS resources are such as AWS takes: at most 50, none too long, none that begins with aws:.",
  why: "One tag too long stops an update in the middle, when half of it is done.",
  fix: "Shorten or drop the tag; long texts belong into a description.",
  control: {
    name: "AWS: tag naming limits and requirements",
    url: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
  },
  settings: {},
  types: [/^aws:/],
  check(resource, _settings, report) {
    if (!isTagged(resource.type)) return;
    const tags = new Map([...defaultTags(resource), ...ownTags(resource)]);
    if (tags.size > MOST_TAGS)
      report.violation(`There are ${tags.size} tags, where AWS takes ${MOST_TAGS}; drop some.`);
    for (const [key, value] of tags) {
      if (key.length > LONGEST_KEY) {
        report.violation(
          `The tag ${key.slice(0, 20)}… has a key of ${key.length} characters; write at most ${LONGEST_KEY}.`,
        );
      }
      if (/^aws:/i.test(key))
        report.violation(`The tag ${key} begins with aws:, which AWS keeps for itself; rename it.`);
      if (typeof value === "string" && value.length > LONGEST_VALUE) {
        report.violation(`The tag ${key} has a value of ${value.length} characters; write at most ${LONGEST_VALUE}.`);
      }
    }
  },
});
