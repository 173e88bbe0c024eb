import * as pulumi from "@pulumi/pulumi";
import { DockerGateway } from "../components/gateway/docker.ts";
import { DockerPostgres } from "../components/postgres/docker.ts";
import { postgresConnection } from "../components/postgres/spec.ts";
import { DockerRabbitmq } from "../components/rabbitmq/docker.ts";
import { rabbitmqConnection } from "../components/rabbitmq/spec.ts";
import { DockerRedis } from "../components/redis/docker.ts";
import { redisConnection } from "../components/redis/spec.ts";
import { ReferenceImage } from "../components/reference/image.ts";
import { ContainerWorkload } from "../components/workload/container.ts";
import { engineImage } from "../components/workload/image.ts";
import { DockerNetworks } from "../components/workload/networks.ts";
import type { Connection, TierName, WorkloadSpec } from "../components/workload/spec.ts";
import type { DockerConfig } from "./config.ts";
import type { Demand } from "./systems/scale.ts";
import { demand, isExposed } from "./systems/scale.ts";
import type { DockerForm, System } from "./systems/system.ts";

export interface DockerOutputs {
  /** Addresses on the host, by system. */
  readonly urls: Readonly<Record<string, readonly string[]>>;
  /** What the whole environment may use: cores, and memory in GiB. */
  readonly demand: { readonly cores: number; readonly memoryGiB: number };
}

type Image = (
  system: System,
  workload: WorkloadSpec,
) => { readonly id: pulumi.Input<string>; readonly madeBy: pulumi.Resource };

interface Tier {
  readonly component: pulumi.Resource;
  readonly connection: Connection;
}

/** An environment on one Docker Engine. */
export function dockerEnvironment(config: DockerConfig): DockerOutputs {
  const total = demand(config.systems);
  announce(config, total);
  const image = images();
  const urls = config.systems.map((system) => [system.name, deploy(system, config, image)] as const);
  return { urls: Object.fromEntries(urls), demand: rounded(total) };
}

function announce({ size }: DockerConfig, total: Demand): void {
  const { cores, memoryGiB } = rounded(total);
  const hint = size === "full" ? "; set groundwork:size to laptop for a smaller one" : "";
  void pulumi.log.info(`size ${size}: needs a host with ${cores} cores and ${memoryGiB} GiB of memory${hint}`);
}

function rounded({ cores, memory }: Demand): DockerOutputs["demand"] {
  return { cores: Math.round(cores * 100) / 100, memoryGiB: Math.round((memory / 2 ** 30) * 100) / 100 };
}

/** Each image is made or pulled once, whoever needs it first; the reference service is built only if a workload runs it. */
function images(): Image {
  const made = new Map<string, ReturnType<Image>>();
  return (system, workload) => {
    const key = workload.image === undefined ? "reference" : `${system.name}-${workload.name}-image`;
    const image = made.get(key) ?? makeImage(key, workload.image);
    made.set(key, image);
    return image;
  };
}

function makeImage(name: string, reference: pulumi.Input<string> | undefined): ReturnType<Image> {
  if (reference !== undefined) {
    const image = engineImage(name, reference, {});
    return { id: image.imageId, madeBy: image };
  }
  const built = new ReferenceImage(name);
  const image = engineImage(`${name}-local`, built.ref, { dependsOn: built });
  return { id: image.imageId, madeBy: image };
}

function deploy(system: System, config: DockerConfig, image: Image): readonly string[] {
  const form = dockerForm(system);
  const networks = new DockerNetworks(system.name, { networks: form.networks });
  const tiers = makeTiers(system, form, networks, config);
  const workloads = system.workloads.map((spec) => makeWorkload(system, spec, networks, tiers, image));
  if (!isExposed(system)) return [];
  const joined = networks.named(form.joins["gateway"] ?? []);
  const args = {
    system: system.name,
    workloads: system.workloads,
    size: form.gateway,
    networks: joined,
    after: workloads,
  };
  return new DockerGateway(`${system.name}-gateway`, args).urls;
}

function dockerForm(system: System): DockerForm {
  if (system.docker === undefined)
    throw new Error(`${system.name} has no Docker form, which the config reader should have refused`);
  return system.docker;
}

function makeTiers(
  { name: system, tiers }: System,
  form: DockerForm,
  networks: DockerNetworks,
  { protect }: DockerConfig,
): Map<TierName, Tier> {
  const made = new Map<TierName, Tier>();
  const common = (tier: TierName) => ({ system, networks: networks.named(form.joins[tier] ?? []), protect });
  if (tiers.postgres !== undefined) {
    const postgres = new DockerPostgres(`${system}-postgres`, { ...common("postgres"), spec: tiers.postgres });
    made.set("postgres", { component: postgres, connection: postgresConnection(postgres) });
  }
  if (tiers.redis !== undefined) {
    const redis = new DockerRedis(`${system}-redis`, { ...common("redis"), spec: tiers.redis });
    made.set("redis", { component: redis, connection: redisConnection(redis) });
  }
  if (tiers.rabbitmq !== undefined) {
    const rabbitmq = new DockerRabbitmq(`${system}-rabbitmq`, { ...common("rabbitmq"), spec: tiers.rabbitmq });
    made.set("rabbitmq", { component: rabbitmq, connection: rabbitmqConnection(rabbitmq) });
  }
  return made;
}

function makeWorkload(
  system: System,
  spec: WorkloadSpec,
  networks: DockerNetworks,
  tiers: ReadonlyMap<TierName, Tier>,
  image: Image,
): ContainerWorkload {
  const needed = spec.needs.map((need) => {
    const tier = tiers.get(need);
    if (tier === undefined)
      throw new Error(`${system.name}/${spec.name} needs ${need}, which ${system.name} does not have`);
    return tier;
  });
  const { id, madeBy } = image(system, spec);
  return new ContainerWorkload(`${system.name}-${spec.name}`, {
    system: system.name,
    spec,
    image: id,
    connections: needed.map((tier) => tier.connection),
    networks: networks.named(spec.networks ?? []),
    after: [madeBy, ...needed.map((tier) => tier.component)],
  });
}
