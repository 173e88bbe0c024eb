import { cisDocker, DOCKER_CONTAINER, judgeTask, taskOf } from "../../framework/docker.ts";
import { listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerHasNetworkOfItsOwn = resourcePolicy({
  name: "docker-has-network-of-its-own",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Containers are in networks of their own and not in Docker's default bridge.",
  why: "On the default bridge every container that nobody placed reaches every other.",
  fix: "Make a `docker.Network` and name it in `networksAdvanced`, or set `networkMode: none`.",
  control: cisDocker("https://docs.docker.com/engine/network/drivers/bridge/", "5.30"),
  settings: {},
  types: [DOCKER_CONTAINER],
  check(resource, _settings, report) {
    if (listAt(resource.inputs, "networksAdvanced").length > 0) return;
    judgeTask(report, taskOf(resource), { container: "networksAdvanced" }, "the networks", () => undefined);
    if (resource.unknown.some(([first]) => first === "networksAdvanced")) return;
    judgeTask(report, taskOf(resource), { container: "networkMode" }, "the network", (mode) =>
      mode === undefined || mode === "bridge" || mode === "default"
        ? "is in Docker's default bridge; name a network of its own in networksAdvanced."
        : undefined,
    );
  },
});
