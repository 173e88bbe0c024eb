import { textAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";
import { Companions } from "./companions.ts";
import { isGiven } from "./presence.ts";

export const DB_INSTANCE = "aws:rds/instance:Instance";
export const DB_CLUSTER = "aws:rds/cluster:Cluster";
export const DB_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
export const DB_GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster";

/** The instances of each cluster. */
export function clusterInstances(stack: Stack): Companions {
  return new Companions(stack, {
    owners: [DB_CLUSTER],
    names: ["clusterIdentifier"],
    companions: [DB_CLUSTER_INSTANCE],
    property: "clusterIdentifier",
  });
}

/** A cluster in one region of a global database. Which it is, is written at one end or the other. */
export function globalClusters(stack: Stack): (cluster: Resource) => boolean {
  const madeGlobal = new Companions(stack, {
    owners: [DB_CLUSTER],
    names: ["clusterIdentifier"],
    companions: [DB_GLOBAL_CLUSTER],
    property: "sourceDbClusterIdentifier",
  });
  return (cluster) => isGiven(cluster, "globalClusterIdentifier") || madeGlobal.of(cluster).length > 0;
}

/** The engine without its edition: `oracle-ee` is `oracle`. */
export function engineOf(resource: Resource): string | undefined {
  const engine = textAt(resource.inputs, "engine");
  const family = engine === undefined ? undefined : /^(custom-)?(oracle|sqlserver)/.exec(engine)?.[2];
  return family ?? engine;
}

/** Inputs that name what a database is made from: it takes over from there what it does not say itself. */
const MADE_FROM: readonly string[] = [
  "replicateSourceDb",
  "replicationSourceIdentifier",
  "snapshotIdentifier",
  "sourceDbClusterIdentifier",
  "restoreToPointInTime",
];

/** It names nothing that it is made from. */
export function isNew(resource: Resource): boolean {
  return !MADE_FROM.some((input) => isGiven(resource, input));
}
