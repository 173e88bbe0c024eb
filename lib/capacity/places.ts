import type { PlaceCapacity, Range, WorkloadCapacity } from "../capacity-report.ts";
import type { Placement } from "../placement.ts";
import { connectionsOf } from "./connections.ts";
import type { PodGroup } from "./pods.ts";
import type { View } from "./view.ts";
import { isManaged } from "./view.ts";

/** All that each system has in each region, by system, then region. */
export function placesOf(view: View): readonly PlaceCapacity[] {
  const all = new Map<string, Placement>();
  for (const { system, region } of [...view.groups, ...view.servers, ...view.volumes]) {
    all.set(`${system} ${region}`, { system, region });
  }
  return [...all.values()]
    .sort((a, b) => compare(a.system, b.system) || compare(a.region, b.region))
    .map((place) => placeOf(view, place));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function placeOf(view: View, place: Placement): PlaceCapacity {
  const here = <T extends Placement>(all: readonly T[]): readonly T[] =>
    all.filter(({ system, region }) => system === place.system && region === place.region);
  // one on each node: how many there are is the nodes' business
  const groups = here(view.groups).filter(({ perNode }) => !perNode);
  const servers = here(view.servers);
  const managed = servers.filter(isManaged);
  const databases = servers.filter(({ role }) => role === "database");
  const volumes = here(view.volumes);
  return {
    ...place,
    replicas: total(groups, () => 1),
    vcpu: total(groups, ({ size }) => size.cpu),
    memory: total(groups, ({ size }) => size.memory),
    gpus: total(groups, ({ size }) => size.gpus),
    managed: {
      vcpu: sum(managed, ({ count, vcpu }) => count * vcpu),
      memory: sum(managed, ({ count, memory }) => count * memory),
    },
    storage: sum(volumes, ({ count, bytes }) => count * bytes) + sum(managed, ({ count, storage }) => count * storage),
    iops: sum(volumes, ({ count, iops }) => count * iops) + sum(managed, ({ count, iops }) => count * iops),
    connections: {
      wanted: sum(groups, (group) => {
        const { writer, readers } = connectionsOf(view.assumptions, group, databases);
        return (writer + readers) * group.replicas.max;
      }),
      limit: sum(databases, ({ count, connections }) => count * connections),
    },
    workloads: groups.map(workloadOf).sort((a, b) => compare(a.name, b.name)),
  };
}

function workloadOf({ name, replicas, size }: PodGroup): WorkloadCapacity {
  return { name, replicas, vcpu: size.cpu, memory: size.memory };
}

function total(groups: readonly PodGroup[], amount: (group: PodGroup) => number): Range {
  return {
    min: sum(groups, (group) => group.replicas.min * amount(group)),
    max: sum(groups, (group) => group.replicas.max * amount(group)),
  };
}

/** Rounded to a thousandth, so that sums of tenths stay readable. */
function sum<T>(all: readonly T[], amount: (one: T) => number): number {
  return Math.round(all.reduce((result, one) => result + amount(one), 0) * 1000) / 1000;
}
