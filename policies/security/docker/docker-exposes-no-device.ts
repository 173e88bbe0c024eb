import { cisDocker, DOCKER_CONTAINER, judgeTask, taskOf } from "../../framework/docker.ts";
import { listed } from "../../framework/format.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerExposesNoDevice = resourcePolicy({
  name: "docker-exposes-no-device",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Containers have no devices of their host.",
  why: "Who has a disk as a device reads and writes all of it, past every permission of its files.",
  fix: "Take `devices` away; a GPU is given with `gpus` or `deviceRequests`.",
  control: cisDocker("https://docs.docker.com/reference/cli/docker/container/run/#device", "5.18"),
  settings: {},
  types: [DOCKER_CONTAINER],
  check(resource, _settings, report) {
    judgeTask(report, taskOf(resource), { container: "devices" }, "the devices", (value, path) => {
      const devices = Array.isArray(value) ? value.map((device) => textAt(device, "hostPath") ?? "one") : [];
      return devices.length === 0 ? undefined : `has ${listed(devices)} of its host; take ${path} away.`;
    });
  },
});
