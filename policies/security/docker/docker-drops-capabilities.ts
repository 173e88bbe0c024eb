import { cisDocker, DOCKER_TYPES, judgeTask, taskOf } from "../../framework/docker.ts";
import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";

const settings = {
  mayAdd: patterns(["NET_BIND_SERVICE"], "Capabilities that a container may add, without the prefix CAP_."),
};

const ADDS = { container: "capabilities.adds", service: "taskSpec.containerSpec.capAdds" };
const DROPS = { container: "capabilities.drops", service: "taskSpec.containerSpec.capDrops" };

export const dockerDropsCapabilities = resourcePolicy({
  name: "docker-drops-capabilities",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Every container of Docker drops all capabilities of Linux and adds none but those that are named.",
  why: "The fourteen capabilities that Docker leaves to root by default let it forge packets, change owners of files and make devices.",
  fix: 'Set `capabilities: { drops: ["ALL"] }` (Swarm: `taskSpec.containerSpec.capDrops`); add only what the process cannot do without.',
  control: cisDocker("https://docs.docker.com/engine/security/#linux-kernel-capabilities", "5.4"),
  settings,
  types: DOCKER_TYPES,
  check(resource, { mayAdd }, report) {
    const task = taskOf(resource);
    judgeTask(report, task, ADDS, "the added capabilities", (value, path) => {
      const added = names(value).filter((name) => !fits(name, mayAdd));
      return added.length === 0
        ? undefined
        : `adds ${listed(added)}; take ${added.length === 1 ? "it" : "them"} out of ${path}.`;
    });
    judgeTask(report, task, DROPS, "the dropped capabilities", (value, path) =>
      names(value).includes("ALL") ? undefined : `does not drop all capabilities; set ${path} to ["ALL"].`,
    );
  },
});

/** Docker takes names with and without their prefix. */
function names(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  return texts.map((text) => text.toUpperCase().replace(/^CAP_/, ""));
}
