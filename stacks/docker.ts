import * as pulumi from "@pulumi/pulumi";
import type { RuntimeReplicas } from "@groundwork/lib/runtime-override";
import { ContainerWorkload } from "../components/workload/container.ts";
import { SwarmWorkload } from "../components/workload/service.ts";
import type { WorkloadSpec } from "../components/workload/spec.ts";
import type { DockerConfig } from "./config.ts";
import type { ScalingOutput } from "./docker/autoscaling.ts";
import { scalingOutputs } from "./docker/autoscaling.ts";
import { systemBackups } from "./docker/backups.ts";
import { systemGateway } from "./docker/gateway.ts";
import type { Images } from "./docker/images.ts";
import { engineImages } from "./docker/images.ts";
import { shareCpu } from "./docker/laptop.ts";
import type { MonitoringAccess } from "./docker/monitoring.ts";
import { systemMonitoring } from "./docker/monitoring.ts";
import type { NamedNetworks } from "./docker/networks.ts";
import { systemNetworks } from "./docker/networks.ts";
import { releasedWorkload } from "./docker/releases.ts";
import { systemSecretDrift } from "./docker/secret-drift.ts";
import type { SystemTiers } from "./docker/tiers.ts";
import { systemTraces, traceConnections } from "./docker/traces.ts";
import { connectionOf, dockerTiers } from "./docker/tiers.ts";
import type { Demand } from "./docker/tally.ts";
import { tallyDemand } from "./docker/tally.ts";
import { watchContainers } from "../components/monitoring/logs/containers.ts";
import { inColours, releaseOf } from "./systems/colours.ts";
import { runningReplicas } from "./systems/running.ts";
import { accessConnection, tokenSecret } from "./tokens.ts";
import type { DockerForm, System } from "./systems/system.ts";

export interface DockerOutputs {
  /** Addresses on the host, by system. */
  readonly urls: Readonly<Record<string, readonly string[]>>;
  /** What the whole environment may use. */
  readonly demand: Demand;
  /** What people log in with and sign tokens with, by system and page: `pulumi stack output passwords --show-secrets`. */
  readonly passwords: Readonly<Record<string, Readonly<Record<string, pulumi.Output<string>>>>>;
  /** What `groundwork autoscale` goes by: range and rules of each workload that scales, by `system/workload`. */
  readonly autoscaling: Readonly<Record<string, ScalingOutput>>;
}

/** An environment on one Docker Engine or Swarm. `overrides` are the replicas that an autoscaler decided last. */
export function dockerEnvironment(config: DockerConfig, overrides: RuntimeReplicas = {}): DockerOutputs {
  const systems = config.systems.map((system) => atRunningReplicas(system, overrides));
  if (config.size === "laptop") shareCpu();
  const total = tallyDemand();
  const containers = watchContainers();
  const images = engineImages();
  const deployed = systems.map((system, index) => {
    const declared = config.systems[index] ?? system;
    return { name: system.name, ...deploy(system, declared, config, { images, containers }) };
  });
  const demand = total();
  announce(config, demand);
  return {
    urls: Object.fromEntries(deployed.map(({ name, urls }) => [name, urls])),
    passwords: Object.fromEntries(deployed.map(({ name, passwords }) => [name, passwords])),
    demand,
    autoscaling: scalingOutputs(config.systems, systems),
  };
}

function announce({ size }: DockerConfig, { cores, memoryGiB }: Demand): void {
  const hint = size === "full" ? "; set groundwork:size to laptop for a smaller one" : "";
  void pulumi.log.info(`size ${size}: needs a host with ${cores} cores and ${memoryGiB} GiB of memory${hint}`);
}

function atRunningReplicas(system: System, overrides: RuntimeReplicas): System {
  return {
    ...system,
    workloads: system.workloads.map((workload) => {
      const { replicas, note } = runningReplicas(system.name, workload, overrides);
      if (note !== undefined) void pulumi.log.info(note);
      return { ...workload, replicas };
    }),
  };
}

/** What is made once for all systems. */
interface Shared {
  readonly images: Images;
  readonly containers: ReturnType<typeof watchContainers>;
}

/** `declared` is the system with its ranges, `system` the same with the replicas that run. */
function deploy(
  system: System,
  declared: System,
  config: DockerConfig,
  { images, containers }: Shared,
): MonitoringAccess {
  const form = dockerForm(system);
  const networks = systemNetworks(system.name, form, config);
  const tiers = dockerTiers(system, form, networks, config.protect);
  const tokens = tokenSecret(system);
  const traces = systemTraces(system, form, networks, config);
  const Workload = config.target === "docker" ? ContainerWorkload : SwarmWorkload;
  const workload = (spec: WorkloadSpec) => {
    const { connections, ...args } = workloadArgs(system, spec, networks, tiers, images);
    const access = accessConnection(spec, tokens, proxiesOf(form, config));
    return new Workload(`${system.name}-${spec.name}`, {
      ...args,
      connections: [...connections, access, ...traceConnections(traces, system, spec, config)],
    });
  };
  const workloads = system.workloads.flatMap((spec) => {
    const release = releaseOf(system, spec.name);
    return release === undefined ? [workload(spec)] : releasedWorkload(system, form, spec, release, networks, workload);
  });
  const urls = systemGateway(system, form, networks, workloads, config);
  const backup = systemBackups(system, form, tiers, networks, config);
  const secretDrift = systemSecretDrift(system, form, networks, images, config);
  const monitored = { system: inColours(declared), form, tiers, backup, secretDrift, traces, networks, containers };
  const monitoring = systemMonitoring(monitored, config);
  return {
    urls: [...urls, ...monitoring.urls],
    passwords: { ...monitoring.passwords, ...(tokens && { "tokens (HS256 key)": tokens.secret }) },
  };
}

function dockerForm(system: System): DockerForm {
  if (system.docker === undefined)
    throw new Error(`${system.name} has no Docker form, which the config reader should have refused`);
  return system.docker;
}

function workloadArgs(system: System, spec: WorkloadSpec, networks: NamedNetworks, tiers: SystemTiers, images: Images) {
  const connections = spec.needs.map((need) => {
    const connection = connectionOf(tiers, need);
    if (connection === undefined)
      throw new Error(`${system.name}/${spec.name} needs ${need}, which ${system.name} does not have`);
    return connection;
  });
  const { id, madeBy } = images.workload(system, spec);
  return {
    system: system.name,
    spec,
    image: id,
    connections,
    networks: networks.named(spec.networks ?? []),
    after: [madeBy, ...spec.needs.flatMap((need) => tiers[need] ?? [])],
  };
}

/** The gateway's networks; Swarm chooses the blocks of its own. */
function proxiesOf({ joins, networks }: DockerForm, { target }: DockerConfig): string | undefined {
  if (target !== "docker") return undefined;
  const joined = joins["gateway"] ?? [];
  return networks.flatMap(({ name, cidr }) => (joined.includes(name) ? [cidr] : [])).join(",");
}
