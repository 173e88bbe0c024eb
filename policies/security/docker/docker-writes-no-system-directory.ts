import { cisDocker, DOCKER_TYPES, hostMounts, isSystemDirectory, taskOf } from "../../framework/docker.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flag } from "../../framework/settings.ts";

const settings = {
  reads: flag(false, "Whether mounting a system directory read-only is a violation too."),
};

export const dockerWritesNoSystemDirectory = resourcePolicy({
  name: "docker-writes-no-system-directory",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No container can write to a system directory of its host.",
  why: "A line in the host's /etc, or a file in its /usr, makes the container's user the host's root.",
  fix: "Mount the directory with `readOnly: true`, or a volume in its place.",
  control: cisDocker("https://docs.docker.com/engine/storage/bind-mounts/", "5.6"),
  settings,
  types: DOCKER_TYPES,
  check(resource, { reads }, report) {
    const task = taskOf(resource);
    for (const { source, readOnly, path } of hostMounts(task, report)) {
      if (!isSystemDirectory(source) || (readOnly && !reads)) continue;
      const does = readOnly ? "reads" : "can write to";
      const how = readOnly ? `take ${path} away` : `set ${path}.readOnly to true`;
      report.violation(`${task.name} ${does} ${source} of its host; ${how}.`);
    }
  },
});
