import { listed } from "../framework/format.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { fits, patterns } from "../framework/settings.ts";
import { isUndecided } from "../security/values.ts";
import { givenName, NAMED, nameRule } from "./names.ts";

const settings = {
  allowed: patterns([], "Patterns of which each given name fits one, e.g. shop-*; any name where the list is empty."),
};

export const nameFollowsPattern = resourcePolicy({
  name: "name-follows-pattern",
  family: "hygiene",
  severity: "low",
  level: "advisory",
  description: "Names that a program gives follow the team's pattern.",
  why: "Whoever sees a bill, an alarm or a list of buckets can tell from the name whose it is.",
  fix: "Rename the resource with an alias, or leave the name out; switched on by patterns in the policy config.",
  control: {
    name: "AWS: naming and tagging conventions",
    url: "https://docs.aws.amazon.com/whitepapers/latest/tagging-best-practices/tagging-best-practices.html",
  },
  settings,
  types: NAMED,
  check(resource, { allowed }, report) {
    const rule = nameRule(resource.type);
    if (!rule || allowed.length === 0) return;
    if (isUndecided(resource, report, "whether the name follows the pattern", rule.path)) return;
    const name = givenName(resource);
    if (name === undefined || fits(name, allowed)) return;
    report.violation(
      `${rule.path} is ${name}, which fits none of ${listed(allowed)} of name-follows-pattern.allowed; rename it.`,
    );
  },
});
