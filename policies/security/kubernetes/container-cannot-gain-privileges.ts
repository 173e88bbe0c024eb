import { at, listAt } from "../../framework/known.ts";
import { judge, podOf, podPolicy, unknownIn, withValue } from "../../framework/pod-specs.ts";
import type { Container } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

const FIELD = "securityContext.allowPrivilegeEscalation";

export const containerCannotGainPrivileges = podPolicy({
  name: "container-cannot-gain-privileges",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No process of a container can gain more privileges than its parent.",
  why: "Allowed, which is the default, a set-uid binary in the image makes root of any user.",
  fix: "Set `securityContext.allowPrivilegeEscalation: false`.",
  control: podSecurity("restricted", "Privilege Escalation", "5.2.6"),
  settings: {},
  subject: "the privilege escalation in the containers",
  checkPod({ containers, windows }, _settings, report) {
    if (windows) return;
    for (const container of containers) {
      judge(report, container, FIELD, "the privilege escalation", (value, path) =>
        value === false ? undefined : `may gain privileges; set ${path} to false.`,
      );
    }
  },
  remediate(resource) {
    const pod = podOf(resource);
    const open = pod?.containers.filter(
      (container) => at(container.fields, FIELD) !== false && unknownIn(container, FIELD) === undefined,
    );
    const mendable = open?.filter((container) => !mustEscalate(container)) ?? [];
    if (mendable.length === 0 || pod?.windows === true) return undefined;
    return mendable.reduce((inputs, { path }) => withValue(inputs, `${path}.${FIELD}`, false), resource.inputs);
  },
});

/**
 * The API server refuses a container that must not escalate and is privileged or has CAP_SYS_ADMIN; what is not known yet
 * may turn out so. https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
 */
function mustEscalate(container: Container): boolean {
  const { fields } = container;
  const added = listAt(fields, "securityContext.capabilities.add");
  return (
    at(fields, "securityContext.privileged") === true ||
    added.some((capability) => capability === "CAP_SYS_ADMIN" || capability === "SYS_ADMIN") ||
    unknownIn(container, "securityContext.privileged", "securityContext.capabilities.add") !== undefined
  );
}
