import { DOCKER_TYPES, endsByItself, judgeTask, taskOf } from "../../framework/docker.ts";
import { listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const CHECK = { container: "healthcheck", service: "taskSpec.containerSpec.healthcheck" };

export const dockerHasHealthCheck = resourcePolicy({
  name: "docker-has-health-check",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "Every lasting container of Docker has a health check that the program names.",
  why: "A process that hangs still runs: only a check tells that it no longer answers, and what an image brings along can change.",
  fix: "Set `healthcheck.tests` (Swarm: `taskSpec.containerSpec.healthcheck`) with interval, timeout, retries and start period.",
  control: {
    ids: ["CIS Docker 4.6", "CIS Docker 5.27"],
    name: "CIS Docker Benchmark 1.6",
    url: "https://docs.docker.com/reference/dockerfile/#healthcheck",
  },
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const task = taskOf(resource);
    if (endsByItself(task)) return;
    judgeTask(report, task, CHECK, "the health check", (value, path) => {
      const [kind] = listAt(value, "tests");
      if (kind === undefined) return `has no health check; set ${path}.tests.`;
      return kind === "NONE" ? `switches its health check off; set ${path}.tests.` : undefined;
    });
  },
});
