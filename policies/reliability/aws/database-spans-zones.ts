import {
  DB_CLUSTER,
  DB_CLUSTER_INSTANCE,
  DB_GLOBAL_CLUSTER,
  DB_INSTANCE,
  clusterInstances,
  globalClusters,
  isNew,
} from "../../aws/databases.ts";
import { counted } from "@groundwork/lib/counted";
import { textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { flagAt, fsbp } from "../../security/values.ts";

const settings = {
  instances: number(2, "Least instances of an Aurora cluster: the writer and its readers.", 1, 16),
  globalInstances: number(
    1,
    "Least instances of each cluster of a global database, which can fail over to another region.",
    0,
    16,
  ),
};

export const databaseSpansZones = stackPolicy({
  name: "database-spans-zones",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Databases have a second instance in another zone.",
  why: "A single one is away for half an hour and more while AWS makes a new one; a second takes over within a minute or two.",
  fix: "Write multiAz: true on an instance, or add a ClusterInstance to an Aurora cluster.",
  control: fsbp(
    "RDS DB instances should be configured with multiple Availability Zones",
    ["RDS.5", "RDS.15"],
    ["CIS AWS 5.0.0 2.2.4"],
  ),
  settings,
  types: [DB_INSTANCE, DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_GLOBAL_CLUSTER],
  checkStack(stack, { instances, globalInstances }, report) {
    for (const instance of stack.ofType(DB_INSTANCE)) checkInstance(instance, report);
    const members = clusterInstances(stack);
    const isGlobal = globalClusters(stack);
    for (const cluster of members.owners) {
      const count = members.of(cluster).length;
      const least = isGlobal(cluster) ? globalInstances : instances;
      // Multi-AZ clusters have three by themselves, and serverless ones of the first kind none
      const apart = cluster.inputs["dbClusterInstanceClass"] ?? textAt(cluster.inputs, "engineMode") === "serverless";
      if (count >= least || (apart !== undefined && apart !== false)) continue;
      if (members.floating) {
        report.undecided(
          `${members.floating.path} of ${members.floating.resource.name}`,
          "how many instances the cluster has",
          cluster.urn,
        );
      } else {
        report.violation(
          `Database cluster ${cluster.name} has ${counted(count, "instance")}, below the ${least} of database-spans-zones.${isGlobal(cluster) ? "globalInstances" : "instances"}; add a ClusterInstance.`,
          cluster.urn,
        );
      }
    }
  },
});

/** A replica is itself what stands by. */
function checkInstance(instance: Resource, report: Report): void {
  if (flagAt(instance.inputs, "multiAz") === true || !isNew(instance)) return;
  const unknown = unknownAt(instance.unknown, "multiAz");
  if (unknown !== undefined) return report.undecided(unknown, "whether the database has a standby", instance.urn);
  report.violation(
    `Database ${instance.name} is in one zone, so it is away as long as that is; write multiAz: true.`,
    instance.urn,
  );
}
