import type { Placement } from "../placement.ts";
import type { Advice } from "./advice.ts";
import { connectionsOf } from "./connections.ts";
import type { Growth } from "./growth.ts";
import type { Limit } from "./limit.ts";
import type { View } from "./view.ts";

/** Connections to databases and caches, by the replicas that the demand needs. */
export function connectionLimits(
  view: View,
  places: readonly Placement[],
  growth: Growth,
  advice: Advice,
): readonly Limit[] {
  return places.flatMap((place) => [
    ...ofDatabases(view, place, growth, advice),
    ...ofCaches(view, place, growth, advice),
  ]);
}

function ofDatabases(view: View, { system, region }: Placement, growth: Growth, advice: Advice): readonly Limit[] {
  const here = (one: Placement): boolean => one.system === system && one.region === region;
  const databases = view.servers.filter((one) => one.role === "database" && here(one));
  const groups = view.groups.filter(here);
  const [first] = databases;
  if (first === undefined) return [];
  const total = databases.reduce((sum, { count, connections: each }) => sum + count * each, 0);
  const ofWriter = databases.reduce((sum, { writers, connections: each }) => sum + Math.min(writers, 1) * each, 0);
  const wanted = (kind: "writer" | "readers") => (month: number) =>
    groups.reduce(
      (sum, group) => sum + growth.count(group, month) * connectionsOf(view.assumptions, group, databases)[kind],
      0,
    );
  const of = (kind: "writer" | "readers", limit: number): Limit[] =>
    limit === 0 || wanted(kind)(0) === 0
      ? []
      : [
          {
            system,
            region,
            measure: kind === "writer" ? "connections to the database" : "connections to the database's readers",
            limit,
            needed: wanted(kind),
            advice: advice.ofConnections(first),
          },
        ];
  // a proxy lets clients share the writer's connections; readers are asked directly
  return [
    ...(first.pooled ? [] : of("writer", ofWriter)),
    ...of("readers", Math.max(total - ofWriter, first.connections)),
  ];
}

/** Who has one of them speaks to a cache. */
const CACHE_HOSTS = ["REDIS_HOST", "REDIS_URL", "VALKEY_HOST", "CACHE_URL"];

/** A client keeps a connection to each node. https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ */
function ofCaches(view: View, { system, region }: Placement, growth: Growth, advice: Advice): readonly Limit[] {
  const here = (one: Placement): boolean => one.system === system && one.region === region;
  const groups = view.groups.filter((group) => here(group) && CACHE_HOSTS.some((name) => name in group.environment));
  if (groups.length === 0) return [];
  return view.servers
    .filter((one) => one.role === "cache" && here(one))
    .map((cache) => ({
      system,
      region,
      measure: `connections to each node of ${cache.name}`,
      limit: cache.connections,
      needed: (month) => groups.reduce((sum, group) => sum + growth.count(group, month), 0),
      advice: advice.ofCacheConnections(cache),
    }));
}
