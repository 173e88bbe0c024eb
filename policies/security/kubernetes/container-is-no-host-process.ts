import { judge, judgeInherited, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

const FIELD = "securityContext.windowsOptions.hostProcess";

export const containerIsNoHostProcess = podPolicy({
  name: "container-is-no-host-process",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No Windows container runs as a process of its node.",
  why: "A HostProcess container runs on the Windows node itself, with access to all of it.",
  fix: "Leave `securityContext.windowsOptions.hostProcess` out.",
  control: podSecurity("baseline", "HostProcess", "5.2.11"),
  settings: {},
  checkPod(pod, _settings, report) {
    const fault = (value: unknown, path: string) =>
      value === true ? `runs as a process of its node; take ${path} away.` : undefined;
    if (pod.containers.length === 0) judge(report, pod, FIELD, "the process isolation", fault);
    for (const container of pod.containers) {
      judgeInherited(report, pod, container, FIELD, "the process isolation", fault);
    }
  },
});
