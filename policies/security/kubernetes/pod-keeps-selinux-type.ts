import { at } from "../../framework/known.ts";
import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ (container_engine_t since 1.31) */
const TYPES: readonly unknown[] = [
  undefined,
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
];

export const podKeepsSelinuxType = podPolicy({
  name: "pod-keeps-selinux-type",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "No pod has an SELinux type other than those of containers, or an SELinux user or role of its own.",
  why: "With another type, `spc_t` for one, SELinux no longer keeps the container from the files and processes of its node.",
  fix: "Leave `seLinuxOptions.user` and `role` out and `type` too, or set it to `container_t`.",
  control: podSecurity("baseline", "SELinux"),
  settings: {},
  checkPod(pod, _settings, report) {
    for (const part of [pod, ...pod.containers]) {
      judge(report, part, "securityContext.seLinuxOptions", "the SELinux options", (value, path) => {
        const type = at(value, "type");
        if (!TYPES.includes(type)) return `has the SELinux type ${JSON.stringify(type)}; take ${path}.type away.`;
        const own = ["user", "role"].find((field) => ![undefined, ""].includes(at(value, field) as string | undefined));
        return own === undefined ? undefined : `has an SELinux ${own} of its own; take ${path}.${own} away.`;
      });
    }
  },
});
