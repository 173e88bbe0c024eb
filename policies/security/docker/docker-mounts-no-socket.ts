import {
  cisDocker,
  DOCKER_TYPES,
  hostMounts,
  isEngineSocket,
  leadsToEngineSocket,
  ownName,
  taskOf,
} from "../../framework/docker.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";

const settings = {
  allowed: patterns(
    [],
    "Containers, by name, that may have the socket: those that measure or start containers, e.g. `*-cadvisor`; * stands for any text.",
  ),
};

export const dockerMountsNoSocket = resourcePolicy({
  name: "docker-mounts-no-socket",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "No container has the socket of the container engine, but those that are named.",
  why: "Who may speak to the engine can start a privileged container and owns the host; mounting the socket read-only does not change what may be asked through it.",
  fix: "Take the mount away; put a proxy that lets only the wanted calls through in front of it, or name the container in `allowed`.",
  control: cisDocker("https://docs.docker.com/engine/security/#docker-daemon-attack-surface", "5.32"),
  settings,
  types: DOCKER_TYPES,
  check(resource, { allowed }, report) {
    if (fits(ownName(resource), allowed)) return;
    const task = taskOf(resource);
    for (const { source, path } of hostMounts(task, report)) {
      if (!leadsToEngineSocket(source)) continue;
      const what = isEngineSocket(source) ? `the engine's socket ${source}` : `the engine's socket through ${source}`;
      report.violation(`${task.name} has ${what}; take ${path} away or name the container in allowed.`);
    }
  },
});
