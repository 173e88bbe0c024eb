import { cisDocker, DOCKER_CONTAINER, judgeTask, taskOf } from "../../framework/docker.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerIsNotPrivileged = resourcePolicy({
  name: "docker-is-not-privileged",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "No container of Docker is privileged.",
  why: "A privileged container has every capability and device of the host: it can mount the host's disks and load modules into its kernel.",
  fix: "Leave `privileged` out, and give the container the one device or capability that it needs.",
  control: cisDocker("https://docs.docker.com/reference/cli/docker/container/run/#privileged", "5.5"),
  settings: {},
  types: [DOCKER_CONTAINER],
  check(resource, _settings, report) {
    judgeTask(report, taskOf(resource), { container: "privileged" }, "the privileges", (value, path) =>
      value === true ? `is privileged; take ${path} away.` : undefined,
    );
  },
});
