import { createHash } from "node:crypto";
import type { Created, Ctx, Properties, ResourceType, Rule } from "../../table.ts";
import { ifKnown } from "../../values.ts";
import { atLeast, list, matches, oneOf, plain, text } from "../values.ts";
import type { SourcedFailure } from "../values.ts";
import { missingImage } from "./container.ts";
import { BUILT_IN_NETWORKS } from "./network.ts";
import { portClash } from "./ports.ts";
import { BUILT_IMAGE, duration, ENGINE, imageReference, NETWORK, PROVIDER, SERVICE, TAG } from "./rules.ts";
import { SWARM_NAME, SWARM_NAME_LIMIT, SWARM_NAME_RULE } from "./rules.ts";
import { shortDuration } from "./durations.ts";
import { unschedulable } from "./scheduling.ts";
import { CONFIG, SECRET } from "./swarm-data.ts";

const SCHEMA = `${PROVIDER}/resource_docker_service.go`;
const MAPPING = `${PROVIDER}/resource_docker_service_structures.go`;
const CREATE = `${ENGINE}#tag/Service/operation/ServiceCreate`;
/** https://github.com/moby/swarmkit/blob/master/manager/controlapi/service.go, validateResources */
const LEAST_NANO_CPUS = 1_000_000;
const LEAST_MEMORY = 4 * 2 ** 20;
const CONTAINER_SPEC = "taskSpec.containerSpec";

type Check = (ctx: Ctx) => SourcedFailure | undefined;

const containerSpec = (inputs: Properties) => plain(plain(inputs.taskSpec).containerSpec);
const attachments = (inputs: Properties) => list(plain(inputs.taskSpec).networksAdvanceds).map(plain);

const mode: Check = ({ inputs, old }) => {
  const refused = (reason: string) => ({ path: "mode", reason, source: SCHEMA });
  const given = plain(inputs.mode);
  if (given.global === true && given.replicated !== undefined) return refused("write either global or replicated");
  if (given.global === true && inputs.convergeConfig !== undefined) {
    return { ...refused("leave it out: the provider cannot wait for a global service"), path: "convergeConfig" };
  }
  const was = plain(old?.inputs.mode).global === true;
  return old !== undefined && was !== (given.global === true)
    ? refused("service mode change is not allowed: give the service another name")
    : undefined;
};

const networks: Check = (ctx) => {
  for (const [index, { id, name }] of attachments(ctx.inputs).entries()) {
    const path = `taskSpec.networksAdvanceds[${index}]`;
    if ((id === undefined) === (name === undefined)) {
      return { path, reason: "write the network's id, and no name", source: SCHEMA };
    }
    const named = id ?? name;
    const found = ctx.all(NETWORK).find((other) => other.id === named || other.properties.name === named);
    if (found !== undefined && (found.properties.driver ?? "bridge") === "bridge") {
      return {
        path: `${path}.${id === undefined ? "name" : "id"}`,
        reason: "only networks scoped to the swarm can be used: give the network the driver overlay",
        source: "https://docs.docker.com/engine/network/drivers/overlay/",
      };
    }
  }
  return undefined;
};

const ports: Check = ({ inputs }) => {
  const { mode: resolution, ports: published } = plain(inputs.endpointSpec);
  const index = list(published).findIndex((each) => (plain(each).publishMode ?? "ingress") === "ingress");
  return resolution === "dnsrr" && index >= 0
    ? {
        path: `endpointSpec.ports[${index}].publishMode`,
        reason: "port published with ingress mode can't be used with dnsrr mode: write vip or host",
        source: CREATE,
      }
    : undefined;
};

/** Swarm compares the name too, and calls the pair unknown where it is another one's. */
const dataNames: Check = (ctx) => {
  for (const [kind, token, property] of [
    ["secret", SECRET, "secrets"],
    ["config", CONFIG, "configs"],
  ] as const) {
    for (const [index, each] of list(containerSpec(ctx.inputs)[property]).map(plain).entries()) {
      const found = ctx.all(token).find(({ id }) => id === each[`${kind}Id`]);
      const name = each[`${kind}Name`];
      if (found === undefined || found.properties.name === name) continue;
      const reason = `${kind} not found: ${text(name) || "no name"}; write its own, ${text(found.properties.name)}`;
      const source = "https://github.com/moby/swarmkit/blob/master/manager/controlapi/service.go";
      return { path: `${CONTAINER_SPEC}.${property}[${index}].${kind}Name`, reason, source };
    }
  }
  return undefined;
};

const mounts: Check = ({ inputs }) => {
  for (const [index, { type, source }] of list(containerSpec(inputs).mounts).map(plain).entries()) {
    const path = `${CONTAINER_SPEC}.mounts[${index}].source`;
    const refused = (reason: string) => ({ path, reason, source: CREATE });
    if (type === "tmpfs" && text(source) !== "") return refused("leave it out: memory has no source");
    if (type === "bind" && !/^(\/|[A-Za-z]:)/.test(text(source))) return refused("write an absolute path of the node");
  }
  return undefined;
};

/** Nodes do not pull an id; this one node must have it. */
const image: Check = (ctx) => missingImage(ctx, `${CONTAINER_SPEC}.image`, containerSpec(ctx.inputs).image);

const CHECKS: readonly Check[] = [mode, image, networks, ports, dataNames, mounts, portClash, unschedulable];

function strategyRules(path: string, actions: readonly string[]): Rule[] {
  return [
    oneOf(`${path}.failureAction`, actions, SCHEMA),
    oneOf(`${path}.order`, ["stop-first", "start-first"], SCHEMA),
    atLeast(`${path}.parallelism`, 0, SCHEMA),
    matches(`${path}.maxFailureRatio`, /^(0(\.\d+)?|1(\.0+)?)$/, 'write a share from "0.0" to "1.0"', SCHEMA),
    duration(`${path}.delay`),
    duration(`${path}.monitor`),
  ];
}

function resourceRules(path: string): Rule[] {
  const least = (property: string, min: number, unit: string): Rule => ({
    path: `${path}.${property}`,
    check: (value) => (value === 0 || Number(value) >= min ? undefined : `Must be at least ${unit}: write ${min}`),
    source: "https://github.com/moby/swarmkit/blob/master/manager/controlapi/service.go",
  });
  return [least("nanoCpus", LEAST_NANO_CPUS, "0.001 CPU"), least("memoryBytes", LEAST_MEMORY, "4MiB")];
}

function portRule(path: string, min: number): Rule {
  const fits = (value: unknown) => Number.isInteger(value) && Number(value) >= min && Number(value) <= 65_535;
  return { path, check: (value) => (fits(value) ? undefined : `write a port from ${min} to 65535`), source: CREATE };
}

const rules: readonly Rule[] = [
  matches("name", SWARM_NAME, SWARM_NAME_RULE, CREATE),
  imageReference(`${CONTAINER_SPEC}.image`, true),
  atLeast("mode.replicated.replicas", 0, SCHEMA),
  ...strategyRules("updateConfig", ["pause", "continue", "rollback"]),
  ...strategyRules("rollbackConfig", ["pause", "continue"]),
  ...resourceRules("taskSpec.resources.limits"),
  ...resourceRules("taskSpec.resources.reservation"),
  {
    path: "taskSpec.resources.reservation.genericResources.discreteResourcesSpecs[]",
    check: (value) => (/^[^=\s]+=\d+$/.test(String(value)) ? undefined : "write KIND=number, e.g. NVIDIA-GPU=1"),
    source: MAPPING,
  },
  oneOf("taskSpec.restartPolicy.condition", ["none", "on-failure", "any"], SCHEMA),
  ...["delay", "window"].map((name) => duration(`taskSpec.restartPolicy.${name}`)),
  oneOf("taskSpec.runtime", ["container", "plugin"], SCHEMA),
  // label names follow the rule that Swarm has for the keys of constraints, and have no slash
  matches(
    "taskSpec.placement.constraints[]",
    /^\s*[a-z_][a-z0-9\-_.]+\s*(==|!=)\s*[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i,
    "write KEY==VALUE or KEY!=VALUE, the key of letters, digits, `-`, `_` and `.`",
    "https://github.com/moby/swarmkit/blob/master/manager/constraint/constraint.go",
  ),
  atLeast("taskSpec.placement.maxReplicas", 0, SCHEMA),
  ...["interval", "timeout", "startPeriod"].map((name) => duration(`${CONTAINER_SPEC}.healthcheck.${name}`)),
  atLeast(`${CONTAINER_SPEC}.healthcheck.retries`, 0, SCHEMA),
  {
    path: `${CONTAINER_SPEC}.healthcheck.tests`,
    check: (value) =>
      ["NONE", "CMD", "CMD-SHELL"].includes(String(list(value)[0]))
        ? undefined
        : 'start with "CMD", "CMD-SHELL" or "NONE"',
    source: CREATE,
  },
  duration(`${CONTAINER_SPEC}.stopGracePeriod`),
  oneOf(`${CONTAINER_SPEC}.mounts[].type`, ["bind", "volume", "tmpfs"], SCHEMA),
  matches(`${CONTAINER_SPEC}.mounts[].target`, /^\//, "write an absolute path", CREATE),
  oneOf("endpointSpec.mode", ["vip", "dnsrr"], SCHEMA),
  oneOf("endpointSpec.ports[].protocol", ["tcp", "udp", "sctp"], SCHEMA),
  oneOf("endpointSpec.ports[].publishMode", ["ingress", "host"], SCHEMA),
  portRule("endpointSpec.ports[].targetPort", 1),
  portRule("endpointSpec.ports[].publishedPort", 0),
  duration("convergeConfig.delay"),
  duration("convergeConfig.timeout"),
];

/**
 * What the provider reads back in other words than a program may have used: durations in Go's shortest form and ratios with
 * one digit. The state then differs from the program for ever.
 */
function readBack(inputs: Properties): Properties {
  const { healthcheck, stopGracePeriod } = containerSpec(inputs);
  const durations = (value: unknown, names: readonly string[]) =>
    Object.fromEntries(names.flatMap((name) => shortened(plain(value)[name], (written) => [name, written])));
  const strategy = (value: unknown) => ({
    ...durations(value, ["delay", "monitor"]),
    ...Object.fromEntries(shortened(plain(value).maxFailureRatio, (ratio) => ["maxFailureRatio", ratio], oneDigit)),
  });
  return {
    taskSpec: {
      containerSpec: {
        healthcheck: durations(healthcheck, ["interval", "timeout", "startPeriod"]),
        ...Object.fromEntries(shortened(stopGracePeriod, (written) => ["stopGracePeriod", written])),
      },
      restartPolicy: durations(plain(inputs.taskSpec).restartPolicy, ["delay", "window"]),
    },
    updateConfig: strategy(inputs.updateConfig),
    rollbackConfig: strategy(inputs.rollbackConfig),
  };
}

function shortened(
  value: unknown,
  entry: (written: string) => [string, string],
  write: (value: string) => string = shortDuration,
): [string, string][] {
  return typeof value === "string" ? [entry(write(value))] : [];
}

const oneDigit = (ratio: string) => Number(ratio).toFixed(1);

/** Only what was written; an empty block would come into being otherwise. */
function onlyGiven(read: unknown, given: unknown): Properties {
  const own = plain(given);
  return Object.fromEntries(
    Object.entries(plain(read)).flatMap(([name, value]) => {
      if (own[name] === undefined) return [];
      return [[name, typeof value === "object" ? onlyGiven(value, own[name]) : value]];
    }),
  );
}

/** On create the client asks the registry and adds the digest to a tag; what only this engine has stays as it is. */
function pinned(ctx: Created): string {
  const image = text(containerSpec(ctx.inputs).image);
  const local = [
    ...ctx.all(TAG).map(({ inputs }) => inputs.targetImage),
    ...ctx.all(BUILT_IMAGE).flatMap(({ inputs }) => list(inputs.tags)),
  ];
  if (ctx.old !== undefined || image.includes("sha256:") || local.includes(image)) return image;
  return `${image}@sha256:${createHash("sha256").update(`manifest/${image}`).digest("hex")}`;
}

function outputs(ctx: Created): Properties {
  const read = onlyGiven(readBack(ctx.inputs), ctx.inputs);
  const { containerSpec: rest, ...taskSpec } = plain(read.taskSpec);
  return { ...read, taskSpec: { ...taskSpec, containerSpec: { ...plain(rest), image: pinned(ctx) } } };
}

/** Those properties as the program writes them of which the provider would read back something else. */
function differing(ctx: Ctx): Properties {
  const read = onlyGiven(readBack(ctx.inputs), ctx.inputs);
  const wasPinned = text(containerSpec(ctx.old?.properties ?? {}).image);
  const image = text(containerSpec(ctx.inputs).image);
  return Object.fromEntries(
    ["taskSpec", "updateConfig", "rollbackConfig"].flatMap((name): [string, unknown][] => {
      const other = !isWithin(read[name], ctx.inputs[name]);
      const digest = name === "taskSpec" && wasPinned.startsWith(`${image}@`);
      return other || digest ? [[name, ctx.inputs[name]]] : [];
    }),
  );
}

function isWithin(part: unknown, whole: unknown): boolean {
  if (typeof part !== "object" || part === null) return part === undefined || part === whole;
  return Object.entries(part).every(([name, value]) => isWithin(value, plain(whole)[name]));
}

export const service: ResourceType = {
  token: SERVICE,
  source: SCHEMA,
  id: (ctx) => ctx.hex(25, "service"),
  autoName: { property: "name", maxLength: SWARM_NAME_LIMIT },
  key: ({ inputs }) => text(inputs.name) || undefined,
  exists: "rpc error: code = AlreadyExists desc = name conflicts with an existing object",
  rules,
  references: [
    ...["id", "name"].map((property) => ({
      path: `taskSpec.networksAdvanceds[].${property}`,
      to: NETWORK,
      by: ["id", "name"],
      holds: false,
      except: BUILT_IN_NETWORKS,
    })),
    { path: `${CONTAINER_SPEC}.secrets[].secretId`, to: SECRET, holds: false },
    { path: `${CONTAINER_SPEC}.configs[].configId`, to: CONFIG, holds: false },
  ],
  check: (ctx) => {
    for (const each of CHECKS) {
      const failure = ifKnown(() => each(ctx));
      if (failure) return failure;
    }
    return undefined;
  },
  replaces: ["auth", "name", `${CONTAINER_SPEC}.hosts`],
  updates: ["convergeConfig", "endpointSpec", "labels", "mode", "rollbackConfig", "taskSpec", "updateConfig"],
  defaults: { mode: { replicated: { replicas: 1 } }, labels: [] },
  outputs,
  follows: differing,
};
