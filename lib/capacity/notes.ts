import type { PlaceCapacity } from "../capacity-report.ts";
import { REQUESTS_PER_USER_MINUTE } from "./assumptions.ts";
import type { Part } from "./parts.ts";
import { HOST } from "../placement.ts";
import type { View } from "./view.ts";

/** What the figures leave out or take for granted: one sentence each. */
export function notesOf(view: View, parts: readonly Part[], places: readonly PlaceCapacity[]): readonly string[] {
  const { assumptions, groups, volumes, servers } = view;
  const systems = [...new Set(parts.map(({ system }) => system))].sort();
  const silent = systems.filter((system) => !Object.hasOwn(assumptions.demand, system));
  const unbounded = volumes.filter(({ bytes }) => bytes === 0).length;
  const burstable = [...new Set(servers.map((server) => server.class).filter((name) => /^\w+\.t\d/.test(name)))].sort();
  return [
    ...(parts.length > 0
      ? [
          "Times of requests and tracks are the reference service's, measured on one machine: an application of your own has others, which model in capacity.yaml states.",
          "Each region is held against the whole demand: it has to carry all of it when the others are lost.",
          `A user is taken for ${REQUESTS_PER_USER_MINUTE} requests a minute unless demand in capacity.yaml states requestsPerUserPerMinute.`,
        ]
      : []),
    ...(silent.length > 0
      ? [
          `Nothing is projected for ${silent.join(", ")}: capacity.yaml states no demand of ${silent.length === 1 ? "it" : "them"}.`,
        ]
      : []),
    ...(unbounded > 0 ? [`${unbounded} Docker volumes have no size: what they take is the host's disk.`] : []),
    ...(burstable.length > 0
      ? [`${burstable.join(", ")} work above their baseline only as long as they have CPU credits.`]
      : []),
    ...places.flatMap(connectionsNote),
    ...hostNote(view, groups),
  ];
}

/** The projection counts the replicas that the demand needs; a burst may start them all. */
function connectionsNote({ system, region, connections: { wanted, limit } }: PlaceCapacity): readonly string[] {
  if (limit === 0 || wanted <= limit) return [];
  return [
    `With all its replicas ${system} in ${region} may open ${wanted} connections to databases that take ${limit}: a smaller DATABASE_POOL_SIZE or a pooler keeps the last ones from being refused.`,
  ];
}

function hostNote({ assumptions: { host } }: View, groups: View["groups"]): readonly string[] {
  const cores = groups
    .filter(({ region }) => region === HOST)
    .reduce((sum, { replicas, size }) => sum + replicas.max * size.cpu, 0);
  if (host === undefined || cores <= host.cpus) return [];
  return [
    `The containers may use ${Math.round(cores * 10) / 10} cores together and the host has ${host.cpus}: under full load they share, and each carries less than it does alone.`,
  ];
}
