import { DOCKER_SERVICE, judgeTask, taskOf } from "../../framework/docker.ts";
import { at, numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerServiceRollsBack = resourcePolicy({
  name: "docker-service-rolls-back",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "A Swarm service goes back to its last version when an update fails, and is never updated all at once.",
  why: "By default a failed update pauses, half old and half new; with a parallelism of 0 all tasks stop together.",
  fix: "Set `updateConfig: { failureAction: rollback, parallelism: 1, monitor: 30s }` and a `rollbackConfig`.",
  control: {
    name: "Docker: service updates and rollbacks",
    url: "https://docs.docker.com/engine/swarm/services/#roll-back-to-the-previous-version-of-a-service",
  },
  settings: {},
  types: [DOCKER_SERVICE],
  check(resource, _settings, report) {
    const task = taskOf(resource);
    judgeTask(report, task, { service: "updateConfig.failureAction" }, "the failure action", (value, path) =>
      value === "rollback"
        ? undefined
        : `does not go back when an update fails (${JSON.stringify(value ?? "pause")}); set ${path} to "rollback".`,
    );
    judgeTask(report, task, { service: "updateConfig.parallelism" }, "the parallelism", (value, path) =>
      value === 0 ? `updates all its tasks at once; set ${path} to 1.` : undefined,
    );
    if (
      at(resource.inputs, "rollbackConfig") === undefined &&
      unknownAt(resource.unknown, "rollbackConfig") === undefined
    ) {
      report.violation(`${task.name} does not say how it goes back; set rollbackConfig, e.g. with parallelism 1.`);
    } else if (numberAt(resource.inputs, "rollbackConfig.parallelism") === 0) {
      report.violation(`${task.name} goes back with all its tasks at once; set rollbackConfig.parallelism to 1.`);
    }
  },
});
