import {
  DB_CLUSTER,
  DB_CLUSTER_INSTANCE,
  DB_GLOBAL_CLUSTER,
  clusterInstances,
  globalClusters,
} from "../../aws/databases.ts";
import { unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { flagAt, fsbp } from "../values.ts";

export const clusterInstanceTakesMinorUpgrades = stackPolicy({
  name: "cluster-instance-takes-minor-upgrades",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Instances of Aurora clusters take minor versions by themselves, except in a global database.",
  why: "Minor versions bring the security fixes. In a global database, whose clusters are upgraded in a set order, the switch does nothing.",
  fix: "Write autoMinorVersionUpgrade: true on every instance of the cluster, or leave it out.",
  control: fsbp("RDS automatic minor version upgrades should be enabled", ["RDS.13"], ["CIS AWS 5.0.0 2.2.2"]),
  settings: {},
  types: [DB_CLUSTER, DB_CLUSTER_INSTANCE, DB_GLOBAL_CLUSTER],
  checkStack(stack, _settings, report) {
    const instances = clusterInstances(stack);
    const isGlobal = globalClusters(stack);
    const spared = new Set(
      instances.owners.filter(isGlobal).flatMap((cluster) => instances.of(cluster).map(({ urn }) => urn)),
    );
    for (const { urn, name, inputs, unknown } of stack.ofType(DB_CLUSTER_INSTANCE)) {
      if (spared.has(urn)) continue;
      const path = unknownAt(unknown, "autoMinorVersionUpgrade");
      if (path !== undefined) report.undecided(path, "whether it takes minor versions", urn);
      else if (flagAt(inputs, "autoMinorVersionUpgrade") === false)
        report.violation(
          `autoMinorVersionUpgrade of ${name} is false, so security fixes of the engine wait for somebody to install them; write autoMinorVersionUpgrade: true.`,
          urn,
        );
    }
  },
});
