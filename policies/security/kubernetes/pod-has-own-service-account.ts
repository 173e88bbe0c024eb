import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { hardening } from "./standard.ts";

export const podHasOwnServiceAccount = podPolicy({
  name: "pod-has-own-service-account",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "No pod uses the default service account of its namespace with its token.",
  why: "All pods without an account share the default one: what one of them is allowed, every other may do as well.",
  fix: "Make a ServiceAccount and name it in `serviceAccountName`, or set `automountServiceAccountToken: false`.",
  control: hardening(
    "protecting Pod service account tokens",
    "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",
    "5.1.5",
  ),
  settings: {},
  checkPod(pod, _settings, report) {
    if (pod.fields.automountServiceAccountToken === false) return;
    judge(report, pod, "serviceAccountName", "the service account", (value, path) =>
      value === undefined || value === "default" || value === ""
        ? `uses the namespace's default service account; set ${path} to one of its own.`
        : undefined,
    );
  },
});
