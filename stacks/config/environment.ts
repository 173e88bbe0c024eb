import { BadInput } from "@groundwork/lib/errors";
import { overlaps, parseCidr, parseVpcCidr } from "@groundwork/lib/cidr";
import { defaultZones, zonesOf } from "@groundwork/lib/regions";
import { choices } from "@groundwork/lib/suggest";
import { SYSTEMS } from "../systems/index.ts";
import { refusePortClash, shifted } from "../systems/ports.ts";
import { atLaptopSize, customised, inCloud, onDocker } from "../systems/scale.ts";
import type { MonitoringForm, System } from "../systems/system.ts";
import type { EngineAccess } from "../../components/monitoring/exporters.ts";
import { architectureOf } from "../../components/cluster/nodes.ts";
import { addonsOf } from "./addon-checks.ts";
import { gatewayOf, meshOf } from "./cloud-gateway.ts";
import { sizeOf } from "./cloud-tiers.ts";
import { acmeOf } from "./cluster-dns.ts";
import { refuseOpenApi } from "./cluster.ts";
import { checkEdge } from "./edge-checks.ts";
import type { RegionInput, Settings } from "./keys.ts";
import { withReleases } from "./releases.ts";
import { observability } from "./observability.ts";
import { checkTiers, isInCluster } from "./tier-checks.ts";
import { secretDriftOf } from "./secret-drift.ts";
import { secretStoreOf, togglesWithStore } from "./secret-store.ts";
import type { CloudConfig, EnvironmentConfig, NodesConfig, RegionConfig } from "./types.ts";

/** Checks that need more than one key, and the environment that the settings describe. */
export function environmentOf(project: string, settings: Settings): EnvironmentConfig {
  const common = {
    systems: chosenSystems(project, settings),
    protect: settings.protect,
    ...observability(project, settings),
    ...secretDriftOf(project, settings),
  };
  const { target } = settings;
  if (target !== "cloud") {
    const { size, tls, hostMtu } = settings;
    refusePortClash(common.systems, `${project}:portOffset`);
    refuseNetworkClash(`${project}:systems`, common.systems);
    return {
      ...common,
      target,
      size,
      tls,
      engine: engineAccess(settings),
      hostMtu,
    };
  }
  const {
    awsAccountId,
    cloudflareAccountId,
    cloudflareZoneId,
    domain,
    natGateways,
    clusterAccessCidrs,
    database,
    cache,
  } = settings;
  checkTiers(project, settings, common.systems);
  checkEdge(project, settings, common.systems);
  const gateway = gatewayOf(project, settings.gateway, common.systems);
  const mesh = meshOf(project, settings.mesh, common.systems, gateway);
  return {
    ...common,
    target: "cloud",
    awsAccountId,
    cloudflareAccountId,
    cloudflareZoneId,
    edge: { plan: settings.cloudflarePlan, ...settings.edge },
    domain,
    regions: plannedRegions(`${project}:regions`, settings.regions),
    natGateways,
    clusterAccessCidrs,
    clusterAccess: wayIn(project, settings),
    kubernetesVersion: settings.kubernetesVersion,
    vpcEndpoints: settings.vpcEndpoints,
    flowLogs: settings.flowLogs,
    nodes: checkedNodes(project, settings),
    workloadNodes: nodesOfWorkloads(settings),
    database,
    cache,
    homeRegion: homeRegion(`${project}:homeRegion`, settings),
    gateway,
    mesh,
    addons: addonsOf(`${project}:addons`, togglesWithStore(settings), common.systems, {
      backups: settings.recovery.enabled,
      postgres: common.systems.some((system) => isInCluster(database, system)),
      rabbitmq: common.systems.some((system) => sizeOf(settings.brokers, system.name).kind === "operator"),
      gateway: gateway.kind === "envoy",
      kong: gateway.kong.length > 0,
      mesh: mesh.systems.length > 0,
      traces: settings.traces,
    }),
    brokers: settings.brokers,
    documents: settings.documents,
    recovery: settings.recovery,
    ...secretStoreOf(project, settings),
    ...acmeOf(project, settings),
    account: settings.account,
    unreachable: knownRegions(`${project}:unreachable`, settings),
  };
}

/** As the list is written, not by role: roles change, and what was made in a region stays there. */
function homeRegion(key: string, { homeRegion: wanted, regions }: Settings): string {
  const names = regions.map(({ name }) => name);
  if (wanted !== "" && !names.includes(wanted))
    throw new BadInput(`${key} is "${wanted}"; write one of the regions: ${names.join(", ")}.`);
  return wanted === "" ? (names[0] ?? "") : wanted;
}

function knownRegions(key: string, { unreachable, regions }: Settings): CloudConfig["unreachable"] {
  const names = regions.map(({ name }) => name);
  const stranger = Object.keys(unreachable).find((name) => !names.includes(name));
  if (stranger !== undefined)
    throw new BadInput(`${key}.${stranger} is not a region of this stack; ${choices(stranger, names)}.`);
  return unreachable;
}

/** A cluster that nobody reaches is of no use: without blocks there is a machine inside. */
function wayIn(project: string, settings: Settings): CloudConfig["clusterAccess"] {
  const { clusterAccessCidrs: cidrs, clusterAccess } = settings;
  refuseOpenApi(`${project}:clusterAccessCidrs`, cidrs);
  const { runner = cidrs.length === 0, roles = {} } = clusterAccess;
  if (!runner && cidrs.length === 0)
    throw new BadInput(
      `${project}:clusterAccess.runner is false and ${project}:clusterAccessCidrs is empty; write one of them, or nobody reaches the clusters.`,
    );
  return { runner, roles };
}

function nodesOfWorkloads({ workloadNodes, nodes }: Settings): CloudConfig["workloadNodes"] {
  const { architecture, ...rest } = workloadNodes;
  return { ...rest, architecture: architecture === "" ? architectureOf(nodes.instanceType) : architecture };
}

function chosenSystems(project: string, settings: Settings): System[] {
  const key = `${project}:systems`;
  if (settings.systems.length === 0)
    throw new BadInput(`${key} is empty; write at least one of ${Object.keys(SYSTEMS).join(", ")}.`);
  const repeated = settings.systems.find((name, index) => settings.systems.indexOf(name) !== index);
  if (repeated !== undefined) throw new BadInput(`${key} names "${repeated}" twice; write it once.`);
  const systems = settings.systems.map((name) => onTarget(key, name, settings));
  refuseStrangers(project, settings, systems);
  const released = withReleases(project, settings, systems);
  return released.map((system) =>
    customised(system, settings.workloads[system.name] ?? {}, imagesOf(system, settings.images)),
  );
}

function onTarget(key: string, name: string, settings: Settings): System {
  const system = SYSTEMS[name];
  const form = settings.target === "cloud" ? "cloud" : "docker";
  if (system?.[form] === undefined) {
    const able = Object.values(SYSTEMS).filter((candidate) => candidate[form] !== undefined);
    throw new BadInput(
      `${key} names "${name}", which has no form for target ${settings.target}; write one of ${able.map((candidate) => candidate.name).join(", ")}, or another target.`,
    );
  }
  if (form === "cloud") return inCloud(system);
  const own = onDocker(withChoices(system, settings), settings.gpu);
  const sized = settings.size === "laptop" ? atLaptopSize(own) : own;
  return shifted(sized, settings.portOffset + (settings.portOffsets[name] ?? 0));
}

function engineAccess({ imageStore, dockerGroup: group }: Settings): EngineAccess {
  return imageStore === "classic" ? { imageStore, group } : { imageStore };
}

/** What the stack chose of the Docker form: clusters, and no monitoring, logs or backups where they are not wanted. */
function withChoices(system: System, { clusters, ...wanted }: Settings): System {
  if (system.docker === undefined) return system;
  const { monitoring, backup, ...docker } = system.docker;
  return {
    ...system,
    docker: {
      ...docker,
      clusters: clusters[system.name] ?? [],
      ...(wanted.backups && backup !== undefined && { backup }),
      ...(wanted.monitoring &&
        monitoring !== undefined && {
          monitoring: wanted.logs ? monitoring : withoutLogs(monitoring),
        }),
    },
  };
}

function withoutLogs({ kibanaPort: _, ...form }: MonitoringForm): MonitoringForm {
  return form;
}

function refuseNetworkClash(key: string, systems: readonly System[]): void {
  const networks = systems.flatMap(({ name, docker }) =>
    (docker?.networks ?? []).map((network) => ({ ...network, owner: `${name}-${network.name}` })),
  );
  networks.forEach((network, index) => {
    const block = parseCidr(network.cidr, key);
    const other = networks.slice(0, index).find(({ cidr }) => overlaps(block, parseCidr(cidr, key)));
    if (other !== undefined)
      throw new BadInput(
        `${key} brings the networks ${other.owner} (${other.cidr}) and ${network.owner} (${network.cidr}), which overlap; give one of them another block in stacks/systems.`,
      );
  });
}

/** Overrides and images must name a workload of a system of this stack: a typing error would change nothing and say nothing. */
function refuseStrangers(project: string, settings: Settings, systems: readonly System[]): void {
  const names = systems.map((system) => system.name);
  for (const [name, overrides] of Object.entries(settings.workloads)) {
    const system = systems.find((candidate) => candidate.name === name);
    if (system === undefined)
      throw new BadInput(`${project}:workloads.${name} is not a system of this stack; ${choices(name, names)}.`);
    const known = system.workloads.map((workload) => workload.name);
    const stranger = Object.keys(overrides).find((workload) => !known.includes(workload));
    if (stranger !== undefined)
      throw new BadInput(
        `${project}:workloads.${name}.${stranger} is not a workload of ${name}; ${choices(stranger, known)}.`,
      );
  }
  const known = systems.flatMap((system) => system.workloads.map((workload) => `${system.name}/${workload.name}`));
  refuseStrangeClusters(project, settings, systems);
  const offset = Object.keys(settings.portOffsets).find((name) => !names.includes(name));
  if (offset !== undefined)
    throw new BadInput(`${project}:portOffsets.${offset} is not a system of this stack; ${choices(offset, names)}.`);
  const stranger = Object.keys(settings.images).find((name) => !known.includes(name));
  if (stranger !== undefined)
    throw new BadInput(
      `${project}:images.${stranger} is not a system/workload of this stack; ${choices(stranger, known)}.`,
    );
}

function refuseStrangeClusters(project: string, { clusters }: Settings, systems: readonly System[]): void {
  for (const [name, wanted] of Object.entries(clusters)) {
    const key = `${project}:clusters.${name}`;
    const system = systems.find((candidate) => candidate.name === name);
    if (system === undefined) {
      const names = systems.map((candidate) => candidate.name);
      throw new BadInput(`${key} is not a system of this stack; ${choices(name, names)}.`);
    }
    const stranger = wanted.find((tier) => system.tiers[tier] === undefined);
    if (stranger !== undefined)
      throw new BadInput(
        `${key} names ${stranger}, which ${name} does not have; write tiers that it has: ${Object.keys(system.tiers).join(", ")}.`,
      );
  }
}

function imagesOf(system: System, images: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = `${system.name}/`;
  const own = Object.entries(images).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, image]) => [name.slice(prefix.length), image]));
}

function plannedRegions(key: string, regions: readonly RegionInput[]): RegionConfig[] {
  const primaries = regions.filter((region) => region.role === "primary").length;
  if (primaries !== 1) throw new BadInput(`${key} has ${primaries} regions with the role primary; write exactly one.`);
  const planned = regions.map((region, index) => ({ ...region, zones: plannedZones(`${key}[${index}]`, region) }));
  planned.forEach((region, index) => refuseClash(key, planned.slice(0, index), region, index));
  return [...planned].sort((a, b) => Number(b.role === "primary") - Number(a.role === "primary"));
}

function plannedZones(key: string, region: RegionInput): readonly string[] {
  if (region.zones.length === 0) return defaultZones(region.name, `${key}.name`);
  const known = zonesOf(region.name, `${key}.name`);
  const stranger = region.zones.find((zone) => !known.includes(zone));
  if (stranger !== undefined)
    throw new BadInput(`${key}.zones names "${stranger}"; write zones of ${region.name}: ${known.join(", ")}.`);
  return region.zones;
}

function refuseClash(key: string, before: readonly RegionInput[], region: RegionInput, index: number): void {
  const cidr = parseVpcCidr(region.cidr, `${key}[${index}].cidr`);
  for (const other of before) {
    if (other.name === region.name)
      throw new BadInput(`${key}[${index}].name is "${region.name}" again; write each region once.`);
    if (overlaps(cidr, parseVpcCidr(other.cidr, `${key}.cidr`))) {
      throw new BadInput(
        `${key}[${index}].cidr is "${region.cidr}", which overlaps "${other.cidr}" of ${other.name}; write a block of its own for each region.`,
      );
    }
  }
}

function checkedNodes(project: string, { nodes, addons }: Settings): NodesConfig {
  const key = `${project}:nodes`;
  const { min, desired, max, systemOnly } = nodes;
  if (systemOnly && addons.karpenter === false)
    throw new BadInput(
      `${key}.systemOnly is true and ${project}:addons.karpenter is false; write one of them otherwise, or no workload has a node.`,
    );
  if (min > desired || desired > max)
    throw new BadInput(`${key} has min ${min}, desired ${desired}, max ${max}; write min <= desired <= max.`);
  return nodes;
}
