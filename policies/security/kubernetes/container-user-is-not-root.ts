import { judge, judgeInherited, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

const FIELD = "securityContext.runAsUser";

export const containerUserIsNotRoot = podPolicy({
  name: "container-user-is-not-root",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No pod or container names root, user 0, as its user.",
  why: "Root in a container is root on the node as soon as it gets out; beside runAsNonRoot such a pod never starts.",
  fix: "Set `securityContext.runAsUser` to the image's own user, or leave it out.",
  control: podSecurity("restricted", "Running as Non-root user", "5.2.7"),
  settings: {},
  subject: "the users of the containers",
  checkPod(pod, _settings, report) {
    const fault = (value: unknown, path: string) =>
      value === 0 ? `runs as user 0, root; set ${path} to another user.` : undefined;
    if (pod.containers.length === 0) judge(report, pod, FIELD, "the user", fault);
    for (const container of pod.containers) judgeInherited(report, pod, container, FIELD, "the user", fault);
  },
});
