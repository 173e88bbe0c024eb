import { cisDocker, DOCKER_CONTAINER, ownName, taskOf } from "../../framework/docker.ts";
import { at, listAt, numberAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";

const settings = {
  open: patterns([], "Containers, by name, whose ports may be open on every address of the host, e.g. `*-gateway`."),
};

export const dockerPortHasAddress = resourcePolicy({
  name: "docker-port-has-address",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Published ports are bound to one address of the host.",
  why: "Docker opens a published port on every address, past the host's own firewall rules.",
  fix: "Set `ports[].ip`, e.g. to `127.0.0.1`, or name the container in `open`.",
  control: cisDocker("https://docs.docker.com/engine/network/port-publishing/", "5.14"),
  settings,
  types: [DOCKER_CONTAINER],
  check(resource, { open }, report) {
    if (fits(ownName(resource), open)) return;
    const { name } = taskOf(resource);
    const unknown = unknownAt(resource.unknown, "ports[].ip");
    if (unknown !== undefined) return report.undecided(unknown, `the addresses of the ports of ${name}`);
    listAt(resource.inputs, "ports").forEach((port, index) => {
      const address = textAt(port, "ip");
      if (address !== undefined && !["0.0.0.0", "::", "[::]"].includes(address)) return;
      const number = numberAt(port, "external") ?? numberAt(port, "internal");
      report.violation(`${name} opens port ${number ?? "?"} on every address of its host; set ports[${index}].ip.`);
    });
    if (at(resource.inputs, "publishAllPorts") === true) {
      report.violation(`${name} publishes all ports of its image on every address; take publishAllPorts away.`);
    }
  },
});
