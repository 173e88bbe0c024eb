import { isUnexpanded } from "@groundwork/lib/expanders/expand";
import { HIDING_TYPES, hiddenBy, MANAGED_ADDON, RELEASE } from "../framework/hidden.ts";
import { kindOf, label } from "../framework/kubernetes.ts";
import { textAt, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { fits, patterns } from "../framework/settings.ts";

const settings = {
  accepted: patterns(
    [],
    "Charts, EKS add-ons and custom kinds whose pods nobody needs to count, e.g. `my-chart`, `Widget`; * stands for any text.",
  ),
};

export const hiddenPodsAreKnown = resourcePolicy({
  name: "hidden-pods-are-known",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description: "The pods of each Helm release, EKS add-on and custom resource can be told from its inputs.",
  why: "What the engine does not see counts for no quota and no node: an environment that fits on paper stays pending.",
  fix: "Add an expander for the chart or kind in lib/expanders, or accept it in the policy config.",
  control: {
    name: "AWS EKS best practices: multi-tenancy quotas",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/tenant-isolation.html",
  },
  settings,
  types: HIDING_TYPES,
  check(resource, { accepted }, report) {
    const hidden = hiddenBy(resource);
    if (hidden === undefined || !isUnexpanded(hidden) || fits(nameOf(resource), accepted)) return;
    const unknown = unknownAt(resource.unknown, "chart", "addonName");
    if (unknown !== undefined) return report.undecided(unknown, `which pods ${label(resource)} makes`);
    report.violation(
      `Nobody can tell which pods ${label(resource)} makes: ${hidden.unknown}, or accept ${nameOf(resource)} in hidden-pods-are-known.accepted.`,
    );
  },
});

/** What the config calls it by. */
function nameOf({ type, inputs }: Resource): string {
  if (type === RELEASE) return textAt(inputs, "chart")?.split("/").at(-1) ?? "";
  return type === MANAGED_ADDON ? (textAt(inputs, "addonName") ?? "") : kindOf(type);
}
