import { DOCKER_TYPES, endsByItself, judgeTask, taskOf } from "../../framework/docker.ts";
import { at, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const RESTART = { container: "restart", service: "taskSpec.restartPolicy.condition" };

export const dockerRestarts = resourcePolicy({
  name: "docker-restarts",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Docker starts every lasting container again when it ends or the host starts.",
  why: "Without a restart policy a crash, or the next start of the host, is an outage until somebody sees it.",
  fix: "Set `restart: unless-stopped` (or `always`, `on-failure`), in Swarm a condition other than `none`; `mustRun: false` marks what ends by itself.",
  control: {
    ids: ["CIS Docker 5.15"],
    name: "Docker: start containers automatically",
    url: "https://docs.docker.com/engine/containers/start-containers-automatically/",
  },
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const task = taskOf(resource);
    if (endsByItself(task)) return;
    judgeTask(report, task, RESTART, "the restart policy", (value, path) => {
      // a service restarts its tasks unless told otherwise
      if (task.isService) return value === "none" ? `never restarts a task; set ${path} to "any".` : undefined;
      return isLasting(value) ? undefined : `is not started again when it ends; set ${path} to "unless-stopped".`;
    });
  },
  remediate(resource) {
    const task = taskOf(resource);
    if (task.isService || endsByItself(task) || unknownAt(resource.unknown, "restart", "mustRun") !== undefined) {
      return undefined;
    }
    return isLasting(at(resource.inputs, "restart")) ? undefined : { ...resource.inputs, restart: "unless-stopped" };
  },
});

function isLasting(value: unknown): boolean {
  return value === "always" || value === "unless-stopped" || value === "on-failure";
}
