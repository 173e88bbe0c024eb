import type { Step } from "../engine/index.ts";

/** What one container asks of its host; a Swarm service is as many as it has replicas. */
export interface Asked {
  /** Name in the engine. */
  readonly name: string;
  readonly replicas: number;
  /** Cores that it keeps when the host is busy. */
  readonly cores: number;
  /** Bytes that it may use. */
  readonly memory: number;
  readonly needsGpu: boolean;
  readonly ports: readonly number[];
}

export interface AskedNetwork {
  readonly name: string;
  readonly subnets: readonly string[];
}

/** What an update will have on a Docker host, and what of it is there already. */
export interface DockerPlan {
  readonly containers: readonly Asked[];
  readonly networks: readonly AskedNetwork[];
  /** Names of containers, services and networks that this stack has there now. */
  readonly own: ReadonlySet<string>;
  /** Host ports that this stack has now. */
  readonly ownPorts: ReadonlySet<number>;
}

type Inputs = Readonly<Record<string, unknown>>;

const CONTAINER = "docker:index/container:Container";
const SERVICE = "docker:index/service:Service";
const NETWORK = "docker:index/network:Network";
const GONE = ["delete", "delete-replaced", "discard-replaced"];

/** Docker's default weight of one CPU. https://docs.docker.com/engine/containers/resource_constraints/#cpu */
const SHARES_OF_ONE_CPU = 1024;
const MEBIBYTE = 2 ** 20;
const NANO = 1e9;

/** Read from the steps of a preview: holds for any program, whatever components it is made of. */
export function dockerPlan(steps: readonly Step[]): DockerPlan {
  const planned = steps.filter(({ op }) => !GONE.includes(op));
  const now = of(planned, "new");
  const before = of(steps, "old");
  return {
    containers: now.containers,
    networks: now.networks,
    own: new Set([...before.containers, ...before.networks].map(({ name }) => name)),
    ownPorts: new Set(before.containers.flatMap(({ ports }) => ports)),
  };
}

function of(steps: readonly Step[], side: "old" | "new"): Pick<DockerPlan, "containers" | "networks"> {
  const found = steps.flatMap((step) => {
    const inputs = step[side]?.inputs;
    return inputs === undefined ? [] : [{ urn: step.urn, type: step.type, inputs }];
  });
  const unique = [...new Map(found.map((each) => [each.urn, each])).values()];
  return {
    containers: unique.flatMap(({ type, inputs }) => {
      if (type === CONTAINER) return [container(inputs)];
      return type === SERVICE ? [service(inputs)] : [];
    }),
    networks: unique.filter(({ type }) => type === NETWORK).map(({ inputs }) => network(inputs)),
  };
}

function container(inputs: Inputs): Asked {
  const shares = Number(inputs["cpuShares"] ?? 0);
  return {
    name: String(inputs["name"]),
    replicas: 1,
    cores: shares > 0 ? shares / SHARES_OF_ONE_CPU : Number(inputs["cpus"] ?? 0),
    memory: Number(inputs["memory"] ?? 0) * MEBIBYTE,
    needsGpu: inputs["gpus"] !== undefined && inputs["gpus"] !== null,
    ports: list(inputs["ports"]).flatMap(({ external }) => (typeof external === "number" ? [external] : [])),
  };
}

function service(inputs: Inputs): Asked {
  const task = object(inputs["taskSpec"]);
  const resources = object(task["resources"]);
  const limits = object(resources["limits"]);
  const reservation = object(resources["reservation"]);
  const replicas = Number(object(object(inputs["mode"])["replicated"])["replicas"] ?? 1);
  const generic = object(reservation["genericResources"]);
  return {
    name: String(inputs["name"]),
    replicas,
    cores: Number(reservation["nanoCpus"] ?? limits["nanoCpus"] ?? 0) / NANO,
    memory: Number(limits["memoryBytes"] ?? 0),
    needsGpu: Object.values(generic)
      .flat()
      .some((each) => String(each).includes("GPU")),
    ports: list(object(inputs["endpointSpec"])["ports"]).flatMap(({ publishedPort }) =>
      typeof publishedPort === "number" ? [publishedPort] : [],
    ),
  };
}

function network(inputs: Inputs): AskedNetwork {
  return {
    name: String(inputs["name"]),
    subnets: list(inputs["ipamConfigs"]).flatMap(({ subnet }) => (typeof subnet === "string" ? [subnet] : [])),
  };
}

function object(value: unknown): Inputs {
  return typeof value === "object" && value !== null ? (value as Inputs) : {};
}

function list(value: unknown): readonly Inputs[] {
  return Array.isArray(value) ? value.map(object) : [];
}
