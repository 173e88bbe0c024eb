import type { DesiredState } from "../desired-state.ts";
import type { Placement } from "../placement.ts";
import { placements } from "../placement.ts";
import type { Assumptions } from "./assumptions.ts";
import { POSTGRES_CONNECTIONS, managedServers, statedConnections } from "./servers.ts";
import type { Servers } from "./servers.ts";
import { allPods } from "./pods.ts";
import type { PodGroup } from "./pods.ts";
import { volumesOf } from "./volumes.ts";
import type { Volumes } from "./volumes.ts";

/** A stack as capacity sees it, read once. */
export interface View {
  readonly state: DesiredState;
  readonly assumptions: Assumptions;
  readonly places: ReadonlyMap<string, Placement>;
  readonly groups: readonly PodGroup[];
  readonly servers: readonly Servers[];
  readonly volumes: readonly Volumes[];
  readonly notes: readonly string[];
}

/** What dumps a tier carries its name and serves nobody. */
const BACKUP = /(?:^|-)backup(?:-|$)/;

/** Data tiers that run as containers or pods, by the last word of their names. */
const TIERS = [
  { role: "database", pattern: /(?:^|-)(?:postgres(?:ql)?|mysql|mariadb)(?:-server)?$/ },
  { role: "cache", pattern: /(?:^|-)(?:redis|valkey)(?:-server)?$/ },
  { role: "broker", pattern: /(?:^|-)rabbitmq(?:-server)?$/ },
] as const;

/** Brokers take as many as their memory allows. https://redis.io/docs/latest/develop/reference/clients/ (maxclients) */
const DEFAULT_CONNECTIONS = { database: POSTGRES_CONNECTIONS, cache: 10_000, broker: Infinity } as const;

export function viewOf(state: DesiredState, assumptions: Assumptions): View {
  const places = placements(state.resources);
  const { groups, claims, notes } = allPods(state, places);
  const { servers, unknown } = managedServers(state, places);
  return {
    state,
    assumptions,
    places,
    groups,
    servers: [...servers, ...ownServers(state, groups)],
    volumes: volumesOf(state, places, claims),
    notes: [
      ...notes,
      ...unknown.map(
        (name) => `A managed server of class ${name} is counted without cores: lib/instances.ts does not know it.`,
      ),
    ],
  };
}

/** What is no managed server has an empty class. */
export function isManaged(server: Servers): boolean {
  return server.class !== "";
}

function ownServers(state: DesiredState, groups: readonly PodGroup[]): readonly Servers[] {
  const byUrn = new Map(state.resources.map((resource) => [resource.urn, resource]));
  return groups.flatMap((group): Servers[] => {
    const resource = byUrn.get(group.urn);
    const told = resource && statedConnections(resource.type, resource.inputs);
    const role = told !== undefined ? "database" : TIERS.find(({ pattern }) => pattern.test(group.name))?.role;
    if (role === undefined || group.replicas.max === 0 || BACKUP.test(group.name)) return [];
    const { system, region, urn, name, replicas, size } = group;
    return [
      {
        system,
        region,
        urn,
        role,
        name,
        class: "",
        count: replicas.max,
        writers: role === "cache" ? replicas.max : 1,
        vcpu: size.cpu,
        memory: size.memory,
        connections: told ?? DEFAULT_CONNECTIONS[role],
        pooled: groups.some(
          (other) => other.system === system && other.region === region && /pgbouncer|pooler/.test(other.name),
        ),
        storage: 0,
        iops: 0,
      },
    ];
  });
}
