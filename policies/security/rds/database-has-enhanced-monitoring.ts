import { DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_INSTANCE, clusterInstances } from "../../aws/databases.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";
import { fsbp } from "../values.ts";

export const databaseHasEnhancedMonitoring = stackPolicy({
  name: "database-has-enhanced-monitoring",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Database instances report the figures of their operating system.",
  why: "Without them a database that waits for disk, memory or processor looks the same from outside.",
  fix: "Write monitoringInterval: 60 and monitoringRoleArn on the instance, or on its cluster.",
  control: fsbp("Enhanced monitoring should be configured for RDS DB instances", ["RDS.6"]),
  settings: {},
  types: [DB_INSTANCE, DB_CLUSTER, DB_CLUSTER_INSTANCE],
  checkStack(stack, _settings, report) {
    const clusters = clustersByInstance(stack);
    for (const instance of stack.ofType(DB_INSTANCE, DB_CLUSTER_INSTANCE)) {
      const places = [instance, ...(clusters.get(instance.urn) ?? [])];
      if (places.some(({ inputs }) => (numberAt(inputs, "monitoringInterval") ?? 0) > 0)) continue;
      const unknown = places.map((place) => unknownAt(place.unknown, "monitoringInterval")).find(Boolean);
      if (unknown !== undefined) report.undecided(unknown, "whether it is monitored", instance.urn);
      else
        report.violation(
          `Database instance ${instance.name} has no monitoringInterval, so nobody sees what its operating system waits for; write monitoringInterval: 60 and monitoringRoleArn.`,
          instance.urn,
        );
    }
  },
});

function clustersByInstance(stack: Stack): ReadonlyMap<string, readonly Resource[]> {
  const instances = clusterInstances(stack);
  return new Map(instances.owners.flatMap((cluster) => instances.of(cluster).map(({ urn }) => [urn, [cluster]])));
}
