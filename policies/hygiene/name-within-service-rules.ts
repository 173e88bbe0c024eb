import { resourcePolicy } from "../framework/policy.ts";
import { isUndecided } from "../security/values.ts";
import { givenName, NAMED, nameRule } from "./names.ts";

export const nameWithinServiceRules = resourcePolicy({
  name: "name-within-service-rules",
  family: "hygiene",
  severity: "medium",
  level: "mandatory",
  description: "Names that a program gives are such as the service takes.",
  why: "A name that is too long or has a wrong character is refused in the middle of an update, when half of it is done.",
  fix: "Shorten the name, or leave it out and let Pulumi make one.",
  control: {
    name: "Pulumi: resource names",
    url: "https://www.pulumi.com/docs/iac/concepts/resources/names/",
  },
  settings: {},
  types: NAMED,
  check(resource, _settings, report) {
    const rule = nameRule(resource.type);
    if (!rule || isUndecided(resource, report, "whether the service takes the name", rule.path)) return;
    const { path, shortest, longest, pattern, words, source } = rule;
    const name = givenName(resource);
    if (name === undefined) return;
    if (name.length > longest || name.length < shortest) {
      report.violation(
        `${path} has ${name.length} characters, where ${shortest} to ${longest} are allowed (${source}); choose another name, or leave it out.`,
      );
    } else if (!pattern.test(name)) {
      report.violation(`${path} is ${JSON.stringify(name)}; use ${words} (${source}).`);
    }
  },
});
