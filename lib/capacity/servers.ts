import type { DesiredResource, DesiredState, Plain } from "../desired-state.ts";
import { at, count, list, plain, text } from "../expanders/read.ts";
import type { Placement } from "../placement.ts";
import { GLOBAL, SHARED } from "../placement.ts";
import { CACHE_CONNECTIONS, defaultConnections, serverClass } from "./classes.ts";
import { Graph } from "./graph.ts";
import { DOCKER_CONTAINER, DOCKER_SERVICE } from "./kinds.ts";
import { includedIops } from "./volume-types.ts";

export type ServerRole = "database" | "cache" | "broker";

/** Servers of one class that serve one system: the instances of a cluster, the nodes of a cache, a broker. */
export interface Servers extends Placement {
  readonly urn: string;
  readonly role: ServerRole;
  /** Such as `Aurora PostgreSQL cluster shop`. */
  readonly name: string;
  /** As AWS names it: `db.r8g.large`; empty where it is no managed server. */
  readonly class: string;
  readonly count: number;
  /** Those of them that take writes: a database has one writer or, as a secondary, none; a cache one primary in each shard. */
  readonly writers: number;
  /** Cores of one of them. */
  readonly vcpu: number;
  /** Bytes of one of them. */
  readonly memory: number;
  /** Connections that one of them takes. */
  readonly connections: number;
  /** Whether a proxy or pooler lets many clients share them. */
  readonly pooled: boolean;
  /** Bytes of its own volume; 0 where storage grows by itself or it has none. */
  readonly storage: number;
  readonly iops: number;
}

const RDS_CLUSTER = "aws:rds/cluster:Cluster";
const RDS_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const RDS_INSTANCE = "aws:rds/instance:Instance";
const RDS_PROXY_TARGET = "aws:rds/proxyTarget:ProxyTarget";
const CLUSTER_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
const PARAMETERS = "aws:rds/parameterGroup:ParameterGroup";
const REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const CACHE_CLUSTER = "aws:elasticache/cluster:Cluster";
const BROKER = "aws:mq/broker:Broker";

const GIBIBYTE = 2 ** 30;

/** PostgreSQL's own default. https://www.postgresql.org/docs/current/runtime-config-connection.html */
export const POSTGRES_CONNECTIONS = 100;

/** The managed servers of a stack. `unknown`: classes that are in no table. */
export function managedServers(
  state: DesiredState,
  places: ReadonlyMap<string, Placement>,
): { readonly servers: readonly Servers[]; readonly unknown: readonly string[] } {
  const graph = new Graph(state.resources);
  const pooled = pooledClusters(state.resources, graph);
  const unknown = new Set<string>();
  const servers = state.resources.flatMap((resource): OfCluster[] => {
    const sketch = sketchOf(resource, graph, state.resources);
    if (sketch === undefined) return [];
    const size = serverClass(sketch.class);
    if (size === undefined) unknown.add(sketch.class === "" ? `${resource.name} has no class yet` : sketch.class);
    const { vcpu, memory } = size ?? { vcpu: 0, memory: 0 };
    const connections = sketch.connections ?? (sketch.role === "database" ? defaultConnections({ vcpu, memory }) : 0);
    const place = places.get(resource.urn) ?? { system: SHARED, region: GLOBAL };
    return [{ ...sketch, ...place, urn: resource.urn, vcpu, memory, connections, pooled: pooled.has(sketch.cluster) }];
  });
  return { servers: merged(servers), unknown: [...unknown].sort() };
}

/** With the URN of the cluster that it belongs to. */
type OfCluster = Servers & { readonly cluster: string };

type Sketch = Pick<Servers, "role" | "name" | "class" | "count" | "writers" | "storage" | "iops"> & {
  /** URN of what its instances belong to. */
  readonly cluster: string;
  readonly connections?: number;
};

function sketchOf(resource: DesiredResource, graph: Graph, all: readonly DesiredResource[]): Sketch | undefined {
  switch (resource.type) {
    case RDS_CLUSTER_INSTANCE:
      return clusterInstance(resource, graph, all);
    case RDS_INSTANCE:
      return databaseInstance(resource, graph);
    case REPLICATION_GROUP:
      return replicationGroup(resource, graph);
    case CACHE_CLUSTER:
      return cacheCluster(resource);
    case BROKER:
      return broker(resource);
    default:
      return undefined;
  }
}

const NO_VOLUME = { storage: 0, iops: 0 };

function clusterInstance(resource: DesiredResource, graph: Graph, all: readonly DesiredResource[]): Sketch {
  const cluster = clusterOfInstance(resource, graph, all);
  const connections = parameter(cluster && graph.direct(cluster, CLUSTER_PARAMETERS)[0], "max_connections");
  const urn = cluster?.urn ?? text(resource.inputs["clusterIdentifier"], resource.urn);
  return {
    role: "database",
    name: `Aurora cluster ${cluster?.name ?? text(resource.inputs["clusterIdentifier"], resource.name)}`,
    class: text(resource.inputs["instanceClass"]),
    cluster: urn,
    count: 1,
    // whichever instance it is: merged() leaves one
    writers: cluster !== undefined && isSecondary(cluster) ? 0 : 1,
    ...NO_VOLUME,
    ...(connections !== undefined && { connections }),
  };
}

/** A cluster that joined a global database has no administrator of its own, and only reads until it is promoted. */
function isSecondary({ inputs, unknown }: DesiredResource): boolean {
  const isMember = inputs["globalClusterIdentifier"] !== undefined || unknown.includes("globalClusterIdentifier");
  return isMember && inputs["masterUsername"] === undefined && !unknown.includes("masterUsername");
}

function clusterOfInstance(
  resource: DesiredResource,
  graph: Graph,
  all: readonly DesiredResource[],
): DesiredResource | undefined {
  const [through] = graph.direct(resource, RDS_CLUSTER);
  if (through !== undefined) return through;
  const identifier = resource.inputs["clusterIdentifier"];
  return all.find(
    ({ type, inputs, outputs }) =>
      type === RDS_CLUSTER &&
      identifier !== undefined &&
      [inputs["clusterIdentifier"], outputs["clusterIdentifier"]].includes(identifier),
  );
}

function databaseInstance(resource: DesiredResource, graph: Graph): Sketch {
  const { inputs } = resource;
  const storage = count(inputs["allocatedStorage"], 0) * GIBIBYTE;
  const iops = typeof inputs["iops"] === "number" ? inputs["iops"] : undefined;
  const connections = parameter(graph.direct(resource, PARAMETERS)[0], "max_connections");
  return {
    role: "database",
    name: `database ${resource.name}`,
    class: text(inputs["instanceClass"]),
    cluster: resource.urn,
    count: 1,
    writers: inputs["replicateSourceDb"] === undefined ? 1 : 0,
    storage,
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html (gp2 unless told otherwise)
    iops: includedIops(text(inputs["storageType"], iops === undefined ? "gp2" : "io1"), storage, iops),
    ...(connections !== undefined && { connections }),
  };
}

function replicationGroup(resource: DesiredResource, graph: Graph): Sketch {
  const own = (name: string): unknown => resource.inputs[name] ?? resource.outputs[name];
  const primary = graph.nearest(resource.urn, REPLICATION_GROUP);
  const value = (name: string): unknown => own(name) ?? primary?.inputs[name];
  const shards = count(value("numNodeGroups"), 1);
  const nodes = own("numCacheClusters");
  const each = typeof nodes === "number" ? nodes : 1 + count(value("replicasPerNodeGroup"), 0);
  return {
    role: "cache",
    name: `cache ${resource.name}`,
    class: text(value("nodeType")),
    cluster: resource.urn,
    count: typeof nodes === "number" ? nodes : shards * each,
    writers: shards,
    connections: CACHE_CONNECTIONS,
    ...NO_VOLUME,
  };
}

function cacheCluster(resource: DesiredResource): Sketch | undefined {
  // a member of a replication group, which counts its nodes
  if (resource.inputs["replicationGroupId"] !== undefined) return undefined;
  const nodes = count(resource.inputs["numCacheNodes"], 1);
  return {
    role: "cache",
    name: `cache ${resource.name}`,
    class: text(resource.inputs["nodeType"]),
    cluster: resource.urn,
    count: nodes,
    writers: nodes,
    connections: CACHE_CONNECTIONS,
    ...NO_VOLUME,
  };
}

/** Brokers of each deployment mode. https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-broker-architecture.html */
const BROKERS: Readonly<Record<string, number>> = {
  SINGLE_INSTANCE: 1,
  ACTIVE_STANDBY_MULTI_AZ: 2,
  CLUSTER_MULTI_AZ: 3,
};

function broker(resource: DesiredResource): Sketch {
  const mode = text(resource.inputs["deploymentMode"], "SINGLE_INSTANCE");
  return {
    role: "broker",
    name: `broker ${resource.name}`,
    class: text(resource.inputs["hostInstanceType"]),
    cluster: resource.urn,
    count: BROKERS[mode] ?? 1,
    writers: mode === "CLUSTER_MULTI_AZ" ? 3 : 1,
    ...NO_VOLUME,
  };
}

/** A whole number that a parameter group sets; a formula is the engine's default written out, so that the class decides. */
function parameter(group: DesiredResource | undefined, name: string): number | undefined {
  const found = list(group?.inputs["parameters"])
    .map(plain)
    .find((each) => each["name"] === name);
  const value = Number(found?.["value"] ?? NaN);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function pooledClusters(resources: readonly DesiredResource[], graph: Graph): ReadonlySet<string> {
  return new Set(
    resources
      .filter(({ type }) => type === RDS_PROXY_TARGET)
      .flatMap((target) => [...graph.direct(target, RDS_CLUSTER), ...graph.direct(target, RDS_INSTANCE)])
      .map(({ urn }) => urn),
  );
}

/** Instances of one cluster and class are one line. */
function merged(servers: readonly OfCluster[]): readonly Servers[] {
  const found = new Map<string, Servers>();
  for (const { cluster, ...one } of servers) {
    const key = `${cluster} ${one.class}`;
    const known = found.get(key);
    found.set(key, known ? { ...known, count: known.count + one.count } : one);
  }
  return [...found.values()];
}

const CLOUDNATIVE_PG = /^kubernetes:postgresql\.cnpg\.io\/v\w+:Cluster$/;

/**
 * PostgreSQL in a container or pod, by the `max_connections` of its command or of its Cluster of CloudNativePG; `undefined`
 * for anything else.
 */
export function statedConnections(type: string, inputs: Plain): number | undefined {
  if (CLOUDNATIVE_PG.test(type)) {
    const stated = Number(at(inputs, "spec", "postgresql", "parameters")["max_connections"] ?? NaN);
    return stated > 0 ? stated : POSTGRES_CONNECTIONS;
  }
  const spec = type === DOCKER_SERVICE ? at(inputs, "taskSpec", "containerSpec") : inputs;
  const holders =
    type === DOCKER_CONTAINER || type === DOCKER_SERVICE
      ? [spec]
      : list(at(inputs, "spec", "template", "spec")["containers"]).map(plain);
  const words = holders.flatMap((holder) => [...list(holder["command"]), ...list(holder["args"])]);
  for (const word of words) {
    const [, value] = /^(?:--)?max_connections=(\d+)$/.exec(text(word)) ?? [];
    if (value !== undefined) return Number(value);
  }
  return undefined;
}
