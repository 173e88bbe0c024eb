import { DOCKER_TYPES, endsByItself, judgeTask, taskOf } from "../../framework/docker.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";

const settings = {
  seconds: number(10, "Fewest seconds between the signal to stop and the kill.", 1),
};

const GRACE = { container: "destroyGraceSeconds", service: "taskSpec.containerSpec.stopGracePeriod" };

export const dockerStopsGracefully = resourcePolicy({
  name: "docker-stops-gracefully",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "Containers of Docker have time to end what they are doing when they are replaced.",
  why: "The provider kills a container that it replaces unless it is given seconds of grace: requests break off and databases recover at the next start.",
  fix: "Set `destroyGraceSeconds` (Swarm: `taskSpec.containerSpec.stopGracePeriod`, e.g. `30s`).",
  control: {
    name: "Docker: stopping containers; Pulumi Docker: destroyGraceSeconds",
    url: "https://www.pulumi.com/registry/packages/docker/api-docs/container/",
  },
  settings,
  types: DOCKER_TYPES,
  check(resource, { seconds }, report) {
    const task = taskOf(resource);
    if (endsByItself(task)) return;
    judgeTask(report, task, GRACE, "the time to stop", (value, path) => {
      const given = typeof value === "string" ? duration(value) : value;
      // a service's own default is 10 seconds
      const grace = typeof given === "number" ? given : task.isService ? 10 : 0;
      if (grace >= seconds) return undefined;
      return `has ${grace} s to stop, where ${seconds} s are wanted; set ${path} to ${task.isService ? `"${seconds}s"` : seconds}.`;
    });
  },
});

/** Seconds of Go's notation of a duration, `1m30s`. https://pkg.go.dev/time#ParseDuration */
function duration(text: string): number {
  const units: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 0.001 };
  return [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)].reduce(
    (sum, [, amount = "0", unit = "s"]) => sum + Number(amount) * (units[unit] ?? 0),
    0,
  );
}
