import { cisDocker, DOCKER_TYPES, judgeTask, taskOf } from "../../framework/docker.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const USER = { container: "user", service: "taskSpec.containerSpec.user" };

export const dockerRunsAsNonRoot = resourcePolicy({
  name: "docker-runs-as-non-root",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Every container of Docker runs as a user that is named and is not root.",
  why: "Root in a container is root on the host as soon as it gets out, and what user an image has can change with its next version.",
  fix: "Set `user` (Swarm: `taskSpec.containerSpec.user`) to the image's own user and group, e.g. `1000:1000`.",
  control: cisDocker("https://docs.docker.com/reference/cli/docker/container/run/#user", "4.1"),
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    judgeTask(report, taskOf(resource), USER, "the user", (value, path) => {
      const user = typeof value === "string" ? (value.split(":", 1)[0] ?? "") : "";
      if (user === "") return `names no user and so runs as the image's, which is mostly root; set ${path}.`;
      return /^(?:0+|root)$/.test(user)
        ? `runs as root (${JSON.stringify(value)}); set ${path} to another user.`
        : undefined;
    });
  },
});
