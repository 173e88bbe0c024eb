import { isGiven } from "../../aws/presence.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { flagAt, fsbp } from "../../security/values.ts";

const INPUTS = ["automaticFailoverEnabled", "multiAzEnabled", "numCacheClusters", "replicasPerNodeGroup"] as const;

export const cacheSpansZones = resourcePolicy({
  name: "cache-spans-zones",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Caches have replicas in other zones and fail over to them by themselves.",
  why: "Sessions and queues in a cache without a replica are gone with its node.",
  fix: "Write automaticFailoverEnabled and multiAzEnabled: true, and replicasPerNodeGroup: 1 (or numCacheClusters: 2).",
  control: fsbp("ElastiCache replication groups should have automatic failover enabled", ["ElastiCache.3"]),
  settings: {},
  types: ["aws:elasticache/replicationGroup:ReplicationGroup"],
  check(group, _settings, report) {
    const missing = missingIn(group);
    if (missing === undefined || isGiven(group, "globalReplicationGroupId")) return;
    const unknown = unknownAt(group.unknown, ...INPUTS, "nodeGroupConfigurations");
    if (unknown !== undefined) report.undecided(unknown, "whether the cache fails over to another zone");
    else report.violation(`The cache ${missing}.`);
  },
});

function missingIn({ inputs }: Resource): string | undefined {
  if (flagAt(inputs, "automaticFailoverEnabled") !== true)
    return "does not fail over by itself; write automaticFailoverEnabled: true";
  if (flagAt(inputs, "multiAzEnabled") !== true)
    return "may have all of its nodes in one zone; write multiAzEnabled: true";
  const replicas = numberAt(inputs, "replicasPerNodeGroup") ?? (numberAt(inputs, "numCacheClusters") ?? 1) - 1;
  const isWrittenByShard = inputs["nodeGroupConfigurations"] !== undefined;
  return replicas > 0 || isWrittenByShard ? undefined : "has no replica; write replicasPerNodeGroup: 1";
}
