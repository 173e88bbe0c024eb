import { listAt, textAt } from "../../framework/known.ts";
import { pathOf, podPolicy, unknownIn } from "../../framework/pod-specs.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { podSecurity } from "./standard.ts";

const settings = {
  allowed: patterns(
    [
      ...["kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"],
      ...["net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"],
      ...["net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"],
      ...["net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"],
    ],
    "Kernel parameters that a pod may set: those that hold for its own namespace alone.",
  ),
};

export const podSysctlsAreSafe = podPolicy({
  name: "pod-sysctls-are-safe",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Pods set only kernel parameters that stay within the pod.",
  why: "Other sysctls change the kernel for every pod of the node, or switch a protection off.",
  fix: "Take the parameter out of `securityContext.sysctls`; set it on nodes of their own where it is really needed.",
  control: podSecurity("baseline", "Sysctls"),
  settings,
  checkPod(pod, { allowed }, report) {
    const field = "securityContext.sysctls";
    const unsafe = listAt(pod.fields, field).flatMap((entry, index) => {
      const name = textAt(entry, "name");
      return name === undefined || fits(name, allowed) ? [] : [{ name, index }];
    });
    for (const { name, index } of unsafe) {
      report.violation(`${pod.name} sets the kernel parameter ${name}; take ${pathOf(pod, `${field}.${index}`)} away.`);
    }
    const unknown = unknownIn(pod, `${field}[].name`);
    if (unknown !== undefined) report.undecided(unknown, `the kernel parameters of ${pod.name}`);
  },
});
