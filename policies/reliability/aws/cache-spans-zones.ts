import { isGiven } from "../../aws/presence.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { flagAt, fsbp } from "../../security/values.ts";

const REPLICAS = ["numCacheClusters", "replicasPerNodeGroup", "nodeGroupConfigurations"] as const;

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
    if (isGiven(group, "globalReplicationGroupId")) return;
    const faults = faultsIn(group);
    const certain = faults.find(({ inputs }) => unknownAt(group.unknown, ...inputs) === undefined);
    if (certain) return report.violation(`The cache ${certain.says}.`);
    const unknown = unknownAt(group.unknown, ...faults.flatMap(({ inputs }) => inputs));
    if (unknown !== undefined) report.undecided(unknown, "whether the cache fails over to another zone");
  },
});

interface Fault {
  /** What it hangs on. */
  readonly inputs: readonly string[];
  readonly says: string;
}

function faultsIn({ inputs }: Resource): Fault[] {
  const replicas = numberAt(inputs, "replicasPerNodeGroup") ?? (numberAt(inputs, "numCacheClusters") ?? 1) - 1;
  const isWrittenByShard = inputs["nodeGroupConfigurations"] !== undefined;
  const [failover, zones] = ["automaticFailoverEnabled", "multiAzEnabled"] as const;
  const faults: readonly (Fault & { readonly holds: boolean })[] = [
    {
      inputs: [failover],
      holds: flagAt(inputs, failover) !== true,
      says: `does not fail over by itself; write ${failover}: true`,
    },
    {
      inputs: [zones],
      holds: flagAt(inputs, zones) !== true,
      says: `may have all of its nodes in one zone; write ${zones}: true`,
    },
    {
      inputs: REPLICAS,
      holds: replicas <= 0 && !isWrittenByShard,
      says: "has no replica; write replicasPerNodeGroup: 1",
    },
  ];
  return faults.filter(({ holds }) => holds);
}
