import { resourcePolicy } from "../framework/policy.ts";
import { DEPRECATED, replacementOf } from "./deprecated-types.ts";

export const typeNotDeprecated = resourcePolicy({
  name: "type-not-deprecated",
  family: "hygiene",
  severity: "low",
  level: "mandatory",
  description: "No resource is of a type that its provider or its cloud has given up.",
  why: "The next version of the provider, or of Kubernetes, does not know the type any more, and then it is urgent.",
  fix: "Take the type that the message names, with an alias so that nothing is replaced.",
  control: {
    name: "Kubernetes: deprecated API migration guide",
    url: "https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
  },
  settings: {},
  types: DEPRECATED,
  check({ type }, _settings, report) {
    const instead = replacementOf(type);
    if (instead === undefined) return;
    report.violation(`${type} is out of use; take ${instead}, with an alias so that nothing is replaced.`);
  },
});
