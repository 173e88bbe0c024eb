import { NAMESPACE } from "../../framework/kubernetes.ts";
import { plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { EXEMPT } from "../../framework/pod-specs.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits } from "../../framework/settings.ts";
import type { Setting } from "../../framework/settings.ts";

const LABEL = "pod-security.kubernetes.io/enforce";
const PROFILES = ["privileged", "baseline", "restricted"];

const profile: Setting<string> = {
  default: "baseline",
  schema: {
    type: "string",
    enum: PROFILES,
    default: "baseline",
    description: "The least strict profile that a namespace may enforce.",
  },
};

export const namespaceEnforcesPodSecurity = resourcePolicy({
  name: "namespace-enforces-pod-security",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Every namespace that the stack makes enforces a profile of the Pod Security Standards.",
  why: "Policies see what this program declares; the label holds for every pod, also for those that an operator or a person makes.",
  fix: "Label the namespace with `pod-security.kubernetes.io/enforce: restricted` (or `baseline`).",
  control: {
    ids: ["CIS Kubernetes 5.2.1"],
    name: "Kubernetes: Pod Security Admission",
    url: "https://kubernetes.io/docs/concepts/security/pod-security-admission/",
  },
  settings: { profile, exempt: EXEMPT },
  types: [NAMESPACE],
  check({ inputs, unknown, name: logical }, settings, report) {
    const name = textAt(inputs, "metadata.name") ?? logical;
    if (fits(name, settings.exempt)) return;
    const enforced = plainAt(inputs, "metadata.labels")[LABEL];
    const open =
      unknownAt(unknown, "metadata.name") ??
      (unknown.some((path) => path.includes(LABEL)) ? `metadata.labels["${LABEL}"]` : undefined) ??
      (enforced === undefined ? unknownLabels(unknown) : undefined);
    const least = PROFILES.indexOf(settings.profile);
    if (PROFILES.indexOf(String(enforced)) >= least) return;
    if (open !== undefined) return report.undecided(open, `the pod security of namespace ${name}`);
    const wrong =
      enforced === undefined
        ? "enforces no profile of the Pod Security Standards"
        : `enforces ${JSON.stringify(enforced)}, which is less than ${settings.profile}`;
    report.violation(`Namespace ${name} ${wrong}; set the label ${LABEL} to "${settings.profile}" or stricter.`);
  },
});

/** Labels that are not known at all; a single one that is not known is another label. */
function unknownLabels(unknown: readonly (readonly (string | number)[])[]): string | undefined {
  return unknown
    .find((path) => path.length < 3 && path.every((key, depth) => key === ["metadata", "labels"][depth]))
    ?.join(".");
}
