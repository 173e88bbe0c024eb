import { cisDocker, DOCKER_TYPES, judgeTask, taskOf } from "../../framework/docker.ts";
import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const OFF = /^(?:seccomp|apparmor|systempaths)[:=]unconfined$|^label[:=]disable$/;

export const dockerKeepsKernelProfiles = resourcePolicy({
  name: "docker-keeps-kernel-profiles",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No container of Docker switches seccomp, AppArmor or SELinux off.",
  why: "These profiles keep a container from the system calls and files that break-outs use.",
  fix: "Take the option out of `securityOpts`, or name a profile of your own.",
  control: cisDocker("https://docs.docker.com/engine/security/seccomp/", "5.2", "5.3", "5.22"),
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const task = taskOf(resource);
    judgeTask(report, task, { container: "securityOpts" }, "the security options", (value, path) => {
      const off = (Array.isArray(value) ? value : []).filter(
        (option) => typeof option === "string" && OFF.test(option),
      );
      return off.length === 0 ? undefined : `runs with ${listed(off.map(String))}; take it out of ${path}.`;
    });
    const disable = "taskSpec.containerSpec.privileges.seLinuxContext.disable";
    judgeTask(report, task, { service: disable }, "the SELinux context", (value, path) =>
      value === true ? `runs without SELinux; take ${path} away.` : undefined,
    );
  },
});
