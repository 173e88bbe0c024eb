import { at } from "../../framework/known.ts";
import { judge, judgeInherited, podOf, podPolicy, unknownIn, withValue } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

const FIELD = "securityContext.seccompProfile.type";

export const podHasSeccompProfile = podPolicy({
  name: "pod-has-seccomp-profile",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Every container runs under a seccomp profile: the runtime's own, or one of the node.",
  why: "Kubernetes runs containers unconfined unless told otherwise, so that each of some 300 system calls of the kernel can be tried.",
  fix: "Set `securityContext.seccompProfile: { type: RuntimeDefault }` for the pod.",
  control: podSecurity("restricted", "Seccomp", "5.7.2"),
  settings: {},
  checkPod(pod, _settings, report) {
    if (pod.windows) return;
    const fault = (value: unknown, path: string) => {
      if (value === "RuntimeDefault" || value === "Localhost") return undefined;
      const wrong = value === undefined ? "has no seccomp profile" : `has the seccomp profile ${JSON.stringify(value)}`;
      return `${wrong}; set ${value === undefined ? `${pod.path}.${FIELD}` : path} to "RuntimeDefault".`;
    };
    if (pod.containers.length === 0) judge(report, pod, FIELD, "the seccomp profile", fault);
    for (const container of pod.containers) {
      judgeInherited(report, pod, container, FIELD, "the seccomp profile", fault);
    }
  },
  remediate(resource) {
    const pod = podOf(resource);
    if (!pod || pod.windows || at(pod.fields, FIELD) !== undefined) return undefined;
    if (unknownIn(pod, "securityContext.seccompProfile", "containers") !== undefined) return undefined;
    if (pod.containers.every(({ fields }) => at(fields, FIELD) !== undefined)) return undefined;
    return withValue(resource.inputs, `${pod.path}.${FIELD}`, "RuntimeDefault");
  },
});
