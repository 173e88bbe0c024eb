import { DOCKER_SERVICE, judgeTask, ownName, taskOf } from "../../framework/docker.ts";
import { at } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, number, patterns } from "../../framework/settings.ts";

const settings = {
  least: number(2, "Fewest tasks of a service.", 1),
  single: patterns(
    [],
    "Services, by name, that may have fewer, e.g. those with a GPU of their own; * stands for any text.",
  ),
};

export const dockerServiceHasSpareReplica = resourcePolicy({
  name: "docker-service-has-spare-replica",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "Every replicated service of a Swarm has at least two tasks.",
  why: "With one task every host that fails, and every update that stops first, is an outage of the service.",
  fix: "Set `mode.replicated.replicas` to 2 or more, or name the service in `single`.",
  control: {
    name: "Docker: how Swarm services work, replicated and global services",
    url: "https://docs.docker.com/engine/swarm/how-swarm-mode-works/services/",
  },
  settings,
  types: [DOCKER_SERVICE],
  check(resource, { least, single }, report) {
    if (at(resource.inputs, "mode.global") === true || fits(ownName(resource), single)) return;
    judgeTask(
      report,
      taskOf(resource),
      { service: "mode.replicated.replicas" },
      "the number of tasks",
      (value, path) => {
        const tasks = typeof value === "number" ? value : 1;
        return tasks >= least
          ? undefined
          : `has ${tasks} of the ${least} tasks that are wanted; set ${path} to ${least}.`;
      },
    );
  },
});
