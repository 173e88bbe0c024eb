import { DOCKER_TYPES, taskOf } from "../../framework/docker.ts";
import { at, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerLogsAreLimited = resourcePolicy({
  name: "docker-logs-are-limited",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "The logs of every container of Docker have a greatest size.",
  why: "Docker's default driver keeps everything for ever: one chatty container fills the disk of the host and stops all others.",
  fix: "Set `logOpts: { max-size: 10m, max-file: 3 }`, or the driver `local`, which rotates by itself.",
  control: {
    name: "Docker: configure logging drivers",
    url: "https://docs.docker.com/engine/logging/drivers/json-file/",
  },
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const { name, isService } = taskOf(resource);
    const [driver, options] = isService
      ? (["taskSpec.logDriver.name", "taskSpec.logDriver.options"] as const)
      : (["logDriver", "logOpts"] as const);
    const used = textAt(resource.inputs, driver) ?? "json-file";
    const unknown = unknownAt(resource.unknown, driver, `${options}.max-size`);
    if (unknown !== undefined) return report.undecided(unknown, `the size of the logs of ${name}`);
    const size = plainAt(resource.inputs, options)["max-size"];
    if (used !== "json-file" || (typeof size === "string" && size !== "-1")) return;
    const how = at(resource.inputs, driver) === undefined ? `set ${driver} and ${options}` : `set ${options}`;
    report.violation(`The logs of ${name} grow without end; ${how}, e.g. with max-size 10m and max-file 3.`);
  },
});
