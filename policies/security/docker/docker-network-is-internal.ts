import { ownName } from "../../framework/docker.ts";
import { at, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";

const settings = {
  internal: patterns(
    [],
    "Networks, by name, with no way out, e.g. those of databases: `*-backend`; * stands for any text.",
  ),
};

export const dockerNetworkIsInternal = resourcePolicy({
  name: "docker-network-is-internal",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Networks that the config names have no way out of their host; none as long as it names none.",
  why: "A database that cannot reach the internet cannot send its data there.",
  fix: "Set `internal: true`, which makes the network again; what has to get out joins a second network.",
  control: {
    name: "Docker: networking, internal networks",
    url: "https://docs.docker.com/reference/cli/docker/network/create/#internal",
  },
  settings,
  types: ["docker:index/network:Network"],
  check(resource, { internal }, report) {
    const { inputs } = resource;
    const name = ownName(resource);
    if (!fits(name, internal)) return;
    const open = unknownAt(resource.unknown, "internal");
    if (open !== undefined) return report.undecided(open, `whether network ${name} has a way out`);
    if (at(inputs, "internal") === true) return;
    const driver = textAt(inputs, "driver") ?? "bridge";
    report.violation(`Network ${name} (${driver}) has a way out; set internal to true.`);
  },
});
