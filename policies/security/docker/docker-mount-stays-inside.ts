import { cisDocker, DOCKER_TYPES, hostMounts, taskOf } from "../../framework/docker.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerMountStaysInside = resourcePolicy({
  name: "docker-mount-stays-inside",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "What a container mounts below a directory of its host does not appear on the host.",
  why: "With shared propagation a container mounts file systems into the host itself.",
  fix: "Leave `bindOptions.propagation` out, or set it to `rprivate` or `rslave`.",
  control: cisDocker("https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation", "5.20"),
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const task = taskOf(resource);
    for (const { source, propagation, path } of hostMounts(task, report)) {
      if (propagation !== "shared" && propagation !== "rshared") continue;
      report.violation(
        `${task.name} shares what it mounts below ${source} with its host (${propagation}); take ${path}.bindOptions.propagation away.`,
      );
    }
  },
});
