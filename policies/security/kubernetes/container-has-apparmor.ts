import { judge, judgeInherited, podPolicy } from "../../framework/pod-specs.ts";
import { plainAt } from "../../framework/known.ts";
import { podLabelsPath } from "../../framework/kubernetes.ts";
import { podSecurity } from "./standard.ts";

/** Before Kubernetes 1.30 the profile stood in an annotation for each container. */
const ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

export const containerHasApparmor = podPolicy({
  name: "container-has-apparmor",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "No pod switches AppArmor off.",
  why: "Unconfined, a container may use the kernel in ways that the runtime's profile forbids on every host that has AppArmor.",
  fix: "Leave `appArmorProfile` out, or set its type to `RuntimeDefault` or `Localhost`.",
  control: podSecurity("baseline", "AppArmor"),
  settings: {},
  checkPod(pod, _settings, report) {
    const fault = (value: unknown, path: string) =>
      value === undefined || value === "RuntimeDefault" || value === "Localhost"
        ? undefined
        : `has the AppArmor profile ${JSON.stringify(value)}; set ${path} to "RuntimeDefault" or leave it out.`;
    const field = "securityContext.appArmorProfile.type";
    if (pod.containers.length === 0) judge(report, pod, field, "the AppArmor profile", fault);
    for (const container of pod.containers) {
      judgeInherited(report, pod, container, field, "the AppArmor profile", fault);
    }
    const annotations = podLabelsPath(pod.resource.type).replace(/labels$/, "annotations");
    for (const [name, value] of Object.entries(plainAt(pod.resource.inputs, annotations))) {
      if (!name.startsWith(ANNOTATION) || value === "" || value === "runtime/default") continue;
      if (typeof value === "string" && value.startsWith("localhost/")) continue;
      report.violation(`${pod.name} has the annotation ${name}: ${JSON.stringify(value)}; take it away.`);
    }
  },
});
