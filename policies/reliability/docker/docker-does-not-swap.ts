import { DOCKER_CONTAINER, judgeTask, taskOf } from "../../framework/docker.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const dockerDoesNotSwap = resourcePolicy({
  name: "docker-does-not-swap",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "A container with a memory limit has no swap beyond it.",
  why: "By default Docker gives as much swap as memory: a container over its limit slows down, and its host with it, where it should be started again.",
  fix: "Set `memorySwap` to the value of `memory`.",
  control: {
    name: "Docker: resource constraints, --memory-swap",
    url: "https://docs.docker.com/engine/containers/resource_constraints/#--memory-swap-details",
  },
  settings: {},
  types: [DOCKER_CONTAINER],
  check(resource, _settings, report) {
    const memory = numberAt(resource.inputs, "memory") ?? 0;
    if (memory <= 0) return;
    judgeTask(report, taskOf(resource), { container: "memorySwap" }, "the swap", (value, path) => {
      const limit = numberAt({ value }, "value") ?? 0;
      if (limit > 0 && limit <= memory) return undefined;
      const swap = limit < 0 ? "any amount of" : `${limit === 0 ? memory : limit - memory} MiB of`;
      return `may use ${swap} swap beside its ${memory} MiB of memory; set ${path} to ${memory}.`;
    });
  },
  remediate({ inputs, unknown }) {
    const memory = numberAt(inputs, "memory") ?? 0;
    const limit = numberAt(inputs, "memorySwap") ?? 0;
    const isOpen = unknownAt(unknown, "memory", "memorySwap") !== undefined;
    if (isOpen || memory <= 0 || (limit > 0 && limit <= memory)) return undefined;
    return { ...inputs, memorySwap: memory };
  },
});
