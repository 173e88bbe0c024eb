import { textAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
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
  check(resource, _settings, report) {
    const { type } = resource;
    const { instead, since } = replacementOf(type) ?? {};
    if (instead === undefined) return;
    if (since === undefined || majorOf(resource) >= since) {
      report.violation(`${type} is out of use; take ${instead}, with an alias so that nothing is replaced.`);
    } else {
      report.advice(
        `${type} is out of use from version ${since} of its provider on; with that version take ${instead}, with an alias so that nothing is replaced.`,
      );
    }
  },
});

/** The engine writes the version of a provider's plugin among its inputs; 0 where it does not tell. */
function majorOf({ provider }: Resource): number {
  return Number(/^v?(\d+)\./.exec(textAt(provider?.properties, "version") ?? "")?.[1] ?? 0);
}
