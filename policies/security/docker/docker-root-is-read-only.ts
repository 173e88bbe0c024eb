import { cisDocker, DOCKER_TYPES, judgeTask, ownName, taskOf } from "../../framework/docker.ts";
import { listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";

const settings = {
  writable: patterns([], "Containers, by name, that may write to their root file system; * stands for any text."),
};

export const dockerRootIsReadOnly = resourcePolicy({
  name: "docker-root-is-read-only",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "The root file system of every container of Docker is read-only, but of those that have uploads.",
  why: "Who gets into a container cannot leave tools or a changed program behind, and what it writes is where it is limited and kept.",
  fix: "Set `readOnly: true` and mount a `tmpfs` or volume where the process writes.",
  control: cisDocker("https://docs.docker.com/reference/cli/docker/container/run/#read-only", "5.13"),
  settings,
  types: DOCKER_TYPES,
  check(resource, { writable }, report) {
    // the engine refuses to copy files into a read-only root, and uploads are how a lone container gets its secrets
    if (listAt(resource.inputs, "uploads").length > 0 || fits(ownName(resource), writable)) return;
    const field = { container: "readOnly", service: "taskSpec.containerSpec.readOnly" };
    judgeTask(report, taskOf(resource), field, "the root file system", (value, path) =>
      value === true ? undefined : `can write to its root file system; set ${path} to true.`,
    );
  },
});
