import { containerDropsCapabilities } from "../../../../policies/security/kubernetes/container-drops-capabilities.ts";
import { containerHasApparmor } from "../../../../policies/security/kubernetes/container-has-apparmor.ts";
import { containerHasNoHostPort } from "../../../../policies/security/kubernetes/container-has-no-host-port.ts";
import { containerIsNoHostProcess } from "../../../../policies/security/kubernetes/container-is-no-host-process.ts";
import { containerMasksProc } from "../../../../policies/security/kubernetes/container-masks-proc.ts";
import { containerNotPrivileged } from "../../../../policies/security/kubernetes/container-not-privileged.ts";
import { containerProbesNoOtherHost } from "../../../../policies/security/kubernetes/container-probes-no-other-host.ts";
import { podKeepsSelinuxType } from "../../../../policies/security/kubernetes/pod-keeps-selinux-type.ts";
import { podMountsNoHostPath } from "../../../../policies/security/kubernetes/pod-mounts-no-host-path.ts";
import { podSharesNoHostNamespace } from "../../../../policies/security/kubernetes/pod-shares-no-host-namespace.ts";
import { podSysctlsAreSafe } from "../../../../policies/security/kubernetes/pod-sysctls-are-safe.ts";
import { describePolicy } from "../../cases.ts";
import { deployment, workloads } from "../../kubernetes-fixtures.ts";

const compliant = [deployment, ...workloads];
const POD = "web/spec/template/spec";
const API = `${POD}/containers/0`;
const NIGHTLY = "nightly/spec/jobTemplate/spec/template/spec/containers/0";

describePolicy({
  policy: containerNotPrivileged,
  compliant,
  passes: [{ path: `${API}/securityContext/privileged`, value: false }],
  breaks: [
    {
      path: `${API}/securityContext/privileged`,
      value: true,
      says: /^Container api of Deployment web is privileged; take spec\.template\.spec\.containers\[0\]\.securityContext\.privileged away\.$/,
    },
    { path: `${NIGHTLY}/securityContext/privileged`, value: true, says: /of CronJob nightly is privileged/ },
    { path: "once/spec/containers/0/securityContext/privileged", value: true, says: /take spec\.containers\[0\]/ },
    {
      path: "release/spec/template/spec/containers/0/securityContext/privileged",
      value: true,
      says: /of Rollout release/,
    },
    {
      path: "patch/spec/template/spec/containers/0/securityContext/privileged",
      value: true,
      says: /of Deployment patch/,
    },
    {
      path: "burst/spec/jobTargetRef/template/spec/containers/0/securityContext/privileged",
      value: true,
      says: /ScaledJob/,
    },
    {
      path: `${POD}/initContainers`,
      value: [{ name: "setup", securityContext: { privileged: true } }],
      says: /^Container setup of Deployment web is privileged; take spec\.template\.spec\.initContainers\[0\]/,
    },
  ],
  undecided: [`${API}/securityContext/privileged`, `${API}/securityContext`, `${POD}/containers`, POD],
});

describePolicy({
  policy: podSharesNoHostNamespace,
  compliant,
  passes: [{ path: `${POD}/hostNetwork`, value: false }],
  breaks: [
    {
      path: `${POD}/hostNetwork`,
      value: true,
      says: /^Deployment web shares the network namespace of its node; take spec\.template\.spec\.hostNetwork away\.$/,
    },
    { path: `${POD}/hostPID`, value: true, says: /the process namespace/ },
    { path: "agent/spec/template/spec/hostIPC", value: true, says: /DaemonSet agent shares the IPC namespace/ },
  ],
  undecided: [`${POD}/hostNetwork`],
});

describePolicy({
  policy: containerIsNoHostProcess,
  compliant,
  breaks: [
    {
      path: `${API}/securityContext/windowsOptions`,
      value: { hostProcess: true },
      says: /^Container api of Deployment web runs as a process of its node/,
    },
    {
      path: `${POD}/securityContext/windowsOptions`,
      value: { hostProcess: true },
      says: /take spec\.template\.spec\.securityContext\.windowsOptions\.hostProcess away/,
    },
  ],
  undecided: [`${API}/securityContext/windowsOptions`, `${POD}/securityContext/windowsOptions`],
});

describePolicy({
  policy: containerDropsCapabilities,
  compliant,
  config: { mayAdd: ["NET_BIND_SERVICE", "AUDIT_*"] },
  passes: [
    { path: `${API}/securityContext/capabilities/add`, value: ["AUDIT_WRITE"] },
    { path: `${API}/securityContext/capabilities/add`, value: ["NET_BIND_SERVICE"] },
    { path: `${POD}/os`, value: { name: "windows" } },
    { path: "patch/spec/template/spec/containers/0/securityContext/capabilities", value: undefined },
  ],
  breaks: [
    {
      path: `${API}/securityContext/capabilities/add`,
      value: ["NET_BIND_SERVICE", "SYS_ADMIN", "NET_RAW"],
      says: /adds SYS_ADMIN and NET_RAW, where only NET_BIND_SERVICE and AUDIT_\* may be added; take them out of .*capabilities\.add\.$/,
    },
    {
      path: `${API}/securityContext/capabilities/drop`,
      value: ["NET_RAW"],
      says: /does not drop all capabilities; set .*\.drop to \["ALL"\]/,
    },
    { path: `${API}/securityContext/capabilities`, value: undefined, says: /does not drop all capabilities/ },
    { path: `${API}/securityContext`, value: undefined, says: /does not drop all capabilities/ },
  ],
  undecided: [`${API}/securityContext/capabilities/drop`, `${API}/securityContext`],
});

describePolicy({
  policy: podMountsNoHostPath,
  compliant,
  config: { allowed: ["/var/log/*"] },
  passes: [{ path: `${POD}/volumes/0`, value: { name: "logs", hostPath: { path: "/var/log/pods" } } }],
  breaks: [
    {
      path: `${POD}/volumes/0`,
      value: { name: "host", hostPath: { path: "/" } },
      says: /^Deployment web mounts \/ of its node; use another kind of volume than spec\.template\.spec\.volumes\[0\]\.hostPath\.$/,
    },
  ],
  undecided: [`${POD}/volumes`],
});

describePolicy({
  policy: containerHasNoHostPort,
  compliant,
  passes: [{ path: `${API}/ports/0/hostPort`, value: 0 }],
  breaks: [
    {
      path: `${API}/ports/0/hostPort`,
      value: 80,
      says: /takes port 80 of its node; take .*ports\[0\]\.hostPort away and use a Service/,
    },
  ],
  undecided: [`${API}/ports/0/hostPort`, `${API}/ports`],
});

describePolicy({
  policy: containerProbesNoOtherHost,
  compliant,
  passes: [{ path: `${API}/livenessProbe/httpGet/host`, value: "" }],
  breaks: [
    {
      path: `${API}/livenessProbe/httpGet/host`,
      value: "169.254.169.254",
      says: /calls the host 169\.254\.169\.254; take .*livenessProbe\.httpGet\.host away/,
    },
    { path: `${API}/startupProbe/tcpSocket`, value: { host: "db", port: 1 }, says: /calls the host db/ },
    { path: `${API}/lifecycle/preStop/httpGet`, value: { host: "db" }, says: /lifecycle\.preStop\.httpGet\.host/ },
  ],
  undecided: [`${API}/livenessProbe/httpGet/host`],
});

describePolicy({
  policy: containerHasApparmor,
  compliant,
  passes: [
    { path: `${POD}/securityContext/appArmorProfile`, value: { type: "RuntimeDefault" } },
    { path: `${API}/securityContext/appArmorProfile`, value: { type: "Localhost", localhostProfile: "strict" } },
    {
      path: "web/spec/template/metadata/annotations",
      value: { "container.apparmor.security.beta.kubernetes.io/api": "runtime/default", other: "unconfined" },
    },
  ],
  breaks: [
    {
      path: `${POD}/securityContext/appArmorProfile`,
      value: { type: "Unconfined" },
      says: /has the AppArmor profile "Unconfined"; set spec\.template\.spec\.securityContext/,
    },
    {
      path: `${API}/securityContext/appArmorProfile`,
      value: { type: "Unconfined" },
      says: /set spec\.template\.spec\.containers\[0\]/,
    },
    {
      path: "web/spec/template/metadata/annotations",
      value: { "container.apparmor.security.beta.kubernetes.io/api": "unconfined" },
      says: /has the annotation container\.apparmor.*: "unconfined"; take it away/,
    },
  ],
  undecided: [`${POD}/securityContext/appArmorProfile`, `${API}/securityContext/appArmorProfile`],
});

describePolicy({
  policy: podKeepsSelinuxType,
  compliant,
  passes: [{ path: `${POD}/securityContext/seLinuxOptions`, value: { type: "container_init_t", level: "s0:c1" } }],
  breaks: [
    {
      path: `${POD}/securityContext/seLinuxOptions`,
      value: { type: "spc_t" },
      says: /^Deployment web has the SELinux type "spc_t"; take .*seLinuxOptions\.type away/,
    },
    {
      path: `${API}/securityContext/seLinuxOptions`,
      value: { user: "system_u" },
      says: /^Container api .* has an SELinux user of its own/,
    },
    { path: `${API}/securityContext/seLinuxOptions`, value: { role: "sysadm_r" }, says: /an SELinux role of its own/ },
  ],
  undecided: [`${POD}/securityContext/seLinuxOptions`, `${API}/securityContext/seLinuxOptions`],
});

describePolicy({
  policy: containerMasksProc,
  compliant,
  passes: [{ path: `${API}/securityContext/procMount`, value: "Default" }],
  breaks: [
    {
      path: `${API}/securityContext/procMount`,
      value: "Unmasked",
      says: /has the \/proc mount "Unmasked"; take .*procMount away/,
    },
  ],
  undecided: [`${API}/securityContext/procMount`],
});

describePolicy({
  policy: podSysctlsAreSafe,
  compliant,
  config: { allowed: ["net.ipv4.*"] },
  passes: [{ path: `${POD}/securityContext/sysctls`, value: [{ name: "net.ipv4.tcp_keepalive_time", value: "60" }] }],
  breaks: [
    {
      path: `${POD}/securityContext/sysctls`,
      value: [{ name: "net.ipv4.tcp_syncookies" }, { name: "kernel.msgmax", value: "1" }],
      says: /^Deployment web sets the kernel parameter kernel\.msgmax; take spec\.template\.spec\.securityContext\.sysctls\[1\] away\.$/,
    },
  ],
  undecided: [`${POD}/securityContext/sysctls`],
});
