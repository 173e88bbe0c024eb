import { isDeepStrictEqual } from "node:util";
import type { Ctx, Properties } from "../../table.ts";
import { list, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { PROVIDER, SERVICE } from "./rules.ts";

/** Cores where nobody says how many the host has: enough for the largest documented environment (26 cores). */
export const HOST_CPUS = 32;
/** GPUs where nobody says how many the host offers: what sophia asks for. */
const HOST_GPUS = 1;
const GPU = "NVIDIA-GPU";

const NANO = 1e9;
const SOURCE = `${PROVIDER}/resource_docker_service_funcs.go`;
const RESERVATION = "taskSpec.resources.reservation";
const GENERIC = `${RESERVATION}.genericResources.discreteResourcesSpecs`;

/** Amounts by resource: `nanoCpus`, `memoryBytes` and kinds of generic resources. */
type Amounts = ReadonlyMap<string, number>;

interface Obstacle {
  readonly path: string;
  /** In Swarm's words, as `docker service ps` shows them. */
  readonly error: string;
  readonly detail: string;
}

/**
 * Why a service that `up` waits for would never run: the simulated swarm is one node, a manager on Linux that has every label
 * that is asked for. Without `convergeConfig` the provider does not wait, and tasks stay pending in silence.
 */
export function unschedulable(ctx: Ctx): SourcedFailure | undefined {
  const { convergeConfig } = ctx.inputs;
  if (convergeConfig === undefined) return undefined;
  const obstacle = misplaced(ctx.inputs) ?? crowded(ctx.inputs) ?? tooLarge(ctx);
  if (obstacle === undefined) return undefined;
  const timeout = text(plain(convergeConfig).timeout) || "3m";
  const reason = `the service would not converge after ${timeout}: no suitable node (${obstacle.error} on 1 node): ${obstacle.detail}`;
  return { path: obstacle.path, reason, source: SOURCE };
}

const FACTS: Readonly<Record<string, string>> = { "node.role": "manager", "node.platform.os": "linux" };

function misplaced({ taskSpec }: Properties): Obstacle | undefined {
  for (const [index, each] of list(plain(plain(taskSpec).placement).constraints).entries()) {
    const [, key = "", operator, value] = /^\s*(\S+?)\s*(==|!=)\s*(.*)$/.exec(text(each)) ?? [];
    const fact = FACTS[key.toLowerCase()];
    if (isUnheardOf(key) || (fact !== undefined && (fact === value) !== (operator === "=="))) {
      const detail =
        fact === undefined ? `nodes have no ${key}` : `its ${key} is ${fact}; write a constraint that holds`;
      return {
        path: `taskSpec.placement.constraints[${index}]`,
        error: "scheduling constraints not satisfied",
        detail,
      };
    }
  }
  return undefined;
}

/** https://docs.docker.com/reference/cli/docker/service/create/#constraint */
function isUnheardOf(key: string): boolean {
  return !/^(node\.(id|hostname|ip|role|platform\.(os|arch)|labels\..+)|engine\.labels\..+)$/i.test(key);
}

/** Several replicas on the one node that cannot be side by side. */
function crowded({ taskSpec, mode, endpointSpec }: Properties): Obstacle | undefined {
  const replicas = replicasOf(mode);
  const most = Number(plain(plain(taskSpec).placement).maxReplicas ?? 0);
  if (most > 0 && replicas > most) {
    const detail = `${replicas} replicas on one node; write at most ${most}`;
    return { path: "mode.replicated.replicas", error: "max replicas per node limit exceed", detail };
  }
  const index = list(plain(endpointSpec).ports).findIndex((each) => {
    const { publishMode, publishedPort } = plain(each);
    return publishMode === "host" && Number(publishedPort ?? 0) > 0;
  });
  if (index < 0 || replicas < 2) return undefined;
  const detail = `${replicas} replicas on one node; write ingress, or one replica`;
  return { path: `endpointSpec.ports[${index}].publishMode`, error: "host-mode port already in use", detail };
}

function replicasOf(mode: unknown): number {
  const { global, replicated } = plain(mode);
  return global === true ? 1 : Number(plain(replicated).replicas ?? 1);
}

function tooLarge(ctx: Ctx): Obstacle | undefined {
  const others = ctx.all(SERVICE).filter(({ id }) => id !== ctx.old?.id);
  const taken = sum(others.map(({ inputs }) => times(reservation(inputs), replicasOf(inputs.mode))));
  const tasks = replicasOf(ctx.inputs.mode) + surge(ctx);
  for (const [resource, each] of reservation(ctx.inputs)) {
    const has = capacity(ctx, resource);
    const wanted = each * tasks;
    const rest = has - (taken.get(resource) ?? 0);
    if (wanted <= rest) continue;
    const path = resource === "nanoCpus" || resource === "memoryBytes" ? `${RESERVATION}.${resource}` : GENERIC;
    const updating = surge(ctx) > 0 ? " while it updates start-first" : "";
    const amounts = `${tasks} tasks${updating} reserve ${shown(resource, wanted)}, and of the node's ${shown(resource, has)} others leave ${shown(resource, rest)}`;
    return { path, error: "insufficient resources", detail: `${amounts}; reserve less or have fewer replicas` };
  }
  return undefined;
}

/** Tasks beside the old ones while a changed service is rolled out start-first. */
function surge({ inputs, old }: Ctx): number {
  const { order, parallelism = 1 } = plain(inputs.updateConfig);
  if (old === undefined || order !== "start-first") return 0;
  if (isDeepStrictEqual(old.inputs.taskSpec, inputs.taskSpec)) return 0;
  const replicas = replicasOf(inputs.mode);
  return parallelism === 0 ? replicas : Math.min(replicas, Number(parallelism));
}

function reservation({ taskSpec }: Properties): Amounts {
  const { nanoCpus, memoryBytes, genericResources } = plain(plain(plain(taskSpec).resources).reservation);
  const { discreteResourcesSpecs, namedResourcesSpecs } = plain(genericResources);
  const discrete = list(discreteResourcesSpecs).map((each) => text(each).split("="));
  const named = list(namedResourcesSpecs).map((each) => [text(each).split("=")[0] ?? "", "1"]);
  const generic = [...discrete, ...named].map(([kind = "", amount]) => new Map([[kind, Number(amount)]]));
  return sum([
    new Map([
      ["nanoCpus", Number(nanoCpus ?? 0)],
      ["memoryBytes", Number(memoryBytes ?? 0)],
    ]),
    ...generic,
  ]);
}

function capacity({ host }: Ctx, resource: string): number {
  if (resource === "nanoCpus") return (host?.cpus ?? HOST_CPUS) * NANO;
  if (resource === "memoryBytes") return host?.memoryBytes ?? Infinity;
  return resource === GPU ? (host?.gpus ?? HOST_GPUS) : 0;
}

function sum(all: readonly Amounts[]): Amounts {
  const total = new Map<string, number>();
  for (const amounts of all) for (const [name, each] of amounts) total.set(name, (total.get(name) ?? 0) + each);
  return total;
}

function times(amounts: Amounts, factor: number): Amounts {
  return new Map([...amounts].map(([name, each]) => [name, each * factor]));
}

function shown(resource: string, amount: number): string {
  if (resource === "nanoCpus") return `${Math.round(amount / 1e6) / 1000} CPUs`;
  if (resource === "memoryBytes") return `${Math.round(amount / 2 ** 20)} MiB`;
  return `${amount} ${resource}`;
}
