import type { Range } from "../capacity-report.ts";
import type { Placement } from "../placement.ts";
import { SHARED } from "../placement.ts";
import type { Assumptions, ModelOverride, PartRole } from "./assumptions.ts";
import { overrideOf } from "./assumptions.ts";
import { DATABASE_TRACK, MODEL, modelOf, withOverrides } from "./model.ts";
import type { Figure, PartModel } from "./model.ts";
import type { PodGroup } from "./pods.ts";
import type { Servers } from "./servers.ts";
import type { View } from "./view.ts";

/** What passes through a part. */
export type Flow = "requests" | "tracks";

/** One part of what carries a system in a region. */
export interface Part extends Placement {
  readonly part: string;
  readonly flow: Flow;
  /** Of its replicas at their maximum, a second; already divided by its share of the system's requests. */
  readonly perSecond: number;
  /** Of one replica. */
  readonly eachPerSecond: number;
  readonly replicas: Range;
  readonly why: string;
  /** The figures that decide it, with their sources. */
  readonly figures: Readonly<Record<string, Figure>>;
  readonly group?: PodGroup;
}

/** Parts of each system in each region; what is shared stands with every system that it carries. */
export function partsOf(view: View): readonly Part[] {
  const own = view.groups.flatMap((group) => workloadParts(view.assumptions, group));
  const carried = own.map(({ system, region, flow }) => ({ system, region, flow }));
  const unique = [...new Map(carried.map((one) => [`${one.system} ${one.region} ${one.flow}`, one])).values()];
  return [
    ...own,
    ...unique.flatMap(({ system, region, flow }) => {
      const place = { system, region };
      const servers = view.servers.filter((one) => one.system === system && one.region === region);
      return [
        ...servers.flatMap((one) => serverParts(view.assumptions, place, one, flow)),
        ...(flow === "requests" ? gatewayParts(view, place) : []),
      ];
    }),
  ];
}

/** What the workload says of itself: the reference service's role, else whether anything asks it over HTTP. */
export function roleOf(assumptions: Assumptions, group: PodGroup): PartRole {
  const { role } = overrideOf(assumptions, group.system, group.name);
  if (role !== undefined) return role;
  if (group.system === SHARED || group.perNode || group.kind.endsWith("Job") || isProxy(group)) return "none";
  const { SERVICE_ROLE: told, PORT: port } = group.environment;
  if (told === "source" || told === "worker" || told === "api") return told;
  return port !== undefined || group.answers ? "api" : "none";
}

function workloadParts(assumptions: Assumptions, group: PodGroup): readonly Part[] {
  const role = roleOf(assumptions, group);
  if (role === "none" || group.replicas.max === 0) return [];
  const { system, region, name } = group;
  const own = withOverrides(MODEL[role], ownFigures(group), `variable of ${name}`);
  const model = withOverrides(own, overrideOf(assumptions, system, name), `capacity.yaml, model of ${name}`);
  const each = ofReplica(model, group.size.cpu);
  const { max } = group.replicas;
  return [
    {
      system,
      region,
      part: name,
      flow: role === "api" ? "requests" : "tracks",
      perSecond: (max * each.perSecond) / model.share.value,
      eachPerSecond: each.perSecond / model.share.value,
      replicas: group.replicas,
      why: `${max} ${max === 1 ? "replica" : "replicas"} x ${each.why}${shared(model)}`,
      figures: each.figures,
      group,
    },
  ];
}

/** Settings of the reference service that are figures of the model. */
function ownFigures({ environment }: PodGroup): ModelOverride {
  const number = (name: string): number | undefined => {
    const value = Number(environment[name] ?? NaN);
    return value >= 0 ? value : undefined;
  };
  const concurrency = number("CONCURRENT_REQUESTS");
  const delaySeconds = number("DOWNLOAD_DELAY_SECONDS");
  return {
    ...(concurrency !== undefined && concurrency > 0 && { concurrency }),
    ...(delaySeconds !== undefined && { delaySeconds }),
  };
}

interface Rate {
  readonly perSecond: number;
  readonly why: string;
  readonly figures: Readonly<Record<string, Figure>>;
}

/**
 * Little's law: what is under way is the rate times the time that each takes. Beside it the processor: a rate of requests
 * takes so much of its time. The smaller of the two.
 */
export function ofReplica(model: PartModel, cores: number): Rate {
  const { concurrency, serviceSeconds, delaySeconds, cpuSeconds, utilisation, threads } = model;
  const seconds = serviceSeconds.value + delaySeconds.value;
  const usable = cores > 0 ? Math.min(cores, threads.value) : Math.min(1, threads.value);
  const byConcurrency = (concurrency.value / seconds) * utilisation.value;
  const byCpu = (usable / cpuSeconds.value) * utilisation.value;
  return byConcurrency <= byCpu
    ? {
        perSecond: byConcurrency,
        why: `${concurrency.value} concurrent / ${time(seconds)}${at(utilisation.value)}`,
        figures: { concurrency, serviceSeconds, ...(delaySeconds.value > 0 && { delaySeconds }), utilisation },
      }
    : {
        perSecond: byCpu,
        why: `${coresText(usable)} / ${time(cpuSeconds.value)} of CPU${at(utilisation.value)}`,
        figures: { cpuSeconds, utilisation, ...(usable < cores && { threads }) },
      };
}

function serverParts(assumptions: Assumptions, place: Placement, servers: Servers, flow: Flow): readonly Part[] {
  if ((servers.role === "broker") !== (flow === "tracks") && servers.role !== "database") return [];
  const model = modelOf(assumptions, place.system, servers.role, servers.role);
  const rate =
    servers.role === "database"
      ? databaseRate(flow === "tracks" ? { ...model, cpuSeconds: DATABASE_TRACK } : model, servers)
      : serverRate(model, servers);
  const { count, name } = servers;
  return [
    {
      ...place,
      part: `${servers.role} ${name.split(" ").at(-1) ?? name}`,
      flow,
      perSecond: rate.perSecond / model.share.value,
      eachPerSecond: rate.perSecond / model.share.value / count,
      replicas: { min: count, max: count },
      why: `${rate.why}${shared(model)}`,
      figures: rate.figures,
    },
  ];
}

/** A cache takes commands at its primaries; every node of a broker works. */
function serverRate(model: PartModel, { role, count, writers, vcpu }: Servers): Rate {
  const each = ofReplica({ ...model, concurrency: { value: Infinity, source: "" } }, vcpu);
  const nodes = role === "cache" ? writers : count;
  return {
    ...each,
    perSecond: nodes * each.perSecond,
    why: `${nodes} ${nodes === 1 ? "node" : "nodes"} x ${each.why}`,
  };
}

/** Writes go to one server and reads to all of them; connections are each server's own. */
function databaseRate(model: PartModel, { count, writers, vcpu, connections }: Servers): Rate {
  const { serviceSeconds, cpuSeconds, utilisation, writeShare } = model;
  const cores = vcpu > 0 ? vcpu : 1;
  const writing = Math.max(1, writers);
  const candidates: Rate[] = [
    {
      perSecond: ((count * cores) / cpuSeconds.value) * utilisation.value,
      why: `${count} ${count === 1 ? "server" : "servers"} x ${coresText(cores)} / ${time(cpuSeconds.value)} of CPU${at(utilisation.value)}`,
      figures: { cpuSeconds, utilisation },
    },
    {
      perSecond: ((writing * cores) / (cpuSeconds.value * writeShare.value)) * utilisation.value,
      why: `${coresText(cores)} of the writer / ${time(cpuSeconds.value)} of CPU${at(utilisation.value)}, for ${percent(writeShare.value)} of the requests`,
      figures: { cpuSeconds, utilisation, writeShare },
    },
    {
      perSecond: ((count * connections) / serviceSeconds.value) * utilisation.value,
      why: `${count * connections} connections / ${time(serviceSeconds.value)}${at(utilisation.value)}`,
      figures: { serviceSeconds, utilisation },
    },
  ];
  return candidates.reduce((least, one) => (one.perSecond < least.perSecond ? one : least));
}

const PROXY = /(?:^|-)(?:gateway|ingress|nginx|envoy|kong|traefik|haproxy|waypoint)$/;
const KONG_PLUGIN = /^kubernetes:configuration\.konghq\.com\/v\w+:KongPlugin$/;

/** By the last word of its name. */
export function isProxy({ name }: Pick<PodGroup, "name">): boolean {
  return PROXY.test(name);
}

/** Proxies of the system itself, and those of its region that all share; Kong only where the system has a plugin of it. */
function gatewayParts(view: View, place: Placement): readonly Part[] {
  const passesKong = view.state.resources.some(({ type, urn }) => {
    const own = view.places.get(urn);
    return KONG_PLUGIN.test(type) && own?.system === place.system && own.region === place.region;
  });
  return view.groups
    .filter((group) => group.region === place.region && isProxy(group) && group.replicas.max > 0)
    .filter((group) => group.system === place.system || (group.system === SHARED && isEntrance(group, passesKong)))
    .map((group) => {
      const model = modelOf(view.assumptions, place.system, group.name, "gateway");
      const each = ofReplica(model, group.size.cpu);
      const { max } = group.replicas;
      const common = group.system === SHARED ? ", which all systems share" : "";
      return {
        ...place,
        part: group.system === SHARED ? `${group.name} (shared)` : group.name,
        flow: "requests" as const,
        perSecond: (max * each.perSecond) / model.share.value,
        eachPerSecond: each.perSecond / model.share.value,
        replicas: group.replicas,
        why: `${max} ${max === 1 ? "replica" : "replicas"} x ${each.why}${shared(model)}${common}`,
        figures: each.figures,
        group,
      };
    });
}

/** A waypoint stands before one namespace, and the way out is not the way in. */
function isEntrance({ name }: PodGroup, passesKong: boolean): boolean {
  return /waypoint$/.test(name) ? false : /kong$/.test(name) ? passesKong : !/^envoy-gateway$/.test(name);
}

function shared({ share }: PartModel): string {
  return share.value === 1 ? "" : `, for ${percent(share.value)} of the requests`;
}

function at(utilisation: number): string {
  return utilisation === 1 ? "" : ` at ${percent(utilisation)}`;
}

function coresText(cores: number): string {
  return `${round(cores)} ${cores === 1 ? "core" : "cores"}`;
}

function percent(share: number): string {
  return `${round(share * 100)} %`;
}

function time(seconds: number): string {
  if (seconds < 0.001) return `${round(seconds * 1e6)} µs`;
  return seconds < 1 ? `${round(seconds * 1000)} ms` : `${round(seconds)} s`;
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
