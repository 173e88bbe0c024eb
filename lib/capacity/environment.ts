import { at, list, plain, text } from "../expanders/read.ts";
import { DOCKER_CONTAINER, DOCKER_SERVICE, WORKLOAD, podSpecPath } from "./kinds.ts";

type Plain = Readonly<Record<string, unknown>>;
type Variables = Readonly<Record<string, string>>;

/**
 * The environment variables of a workload's containers; the first container that sets one wins. What is not known yet, or
 * comes from a secret, is empty.
 */
export function environmentOf(type: string, inputs: Plain): Variables {
  if (type === DOCKER_CONTAINER) return pairs(list(inputs["envs"]).map((line) => text(line)));
  if (type === DOCKER_SERVICE) return texts(at(inputs, "taskSpec", "containerSpec", "env"));
  if (!WORKLOAD.test(type) && !type.endsWith(":Rollout")) return {};
  const { containers } = at(inputs, ...podSpecPath(type).split("."));
  return Object.fromEntries(
    list(containers)
      .toReversed()
      .flatMap((container) => list(plain(container)["env"]))
      .flatMap((variable) => {
        const { name, value } = plain(variable);
        return typeof name === "string" ? [[name, text(value)]] : [];
      }),
  );
}

function pairs(lines: readonly string[]): Variables {
  return Object.fromEntries(
    lines
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}

function texts(values: Plain): Variables {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, text(value)]));
}
