import { requires } from "../../aws/requirement.ts";
import { isGiven } from "../../aws/presence.ts";
import { textAt } from "../../framework/known.ts";
import { fsbp } from "../values.ts";

export const cacheIsEncryptedAtRest = requires(
  {
    name: "cache-is-encrypted-at-rest",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Caches are encrypted at rest.",
    why: "Snapshots, swap and replication write the cache to disks.",
    fix: "Write atRestEncryptionEnabled: true when the group is made: it cannot be changed later without a new one.",
    control: fsbp("ElastiCache replication groups should be encrypted at rest", ["ElastiCache.4"]),
    types: ["aws:elasticache/replicationGroup:ReplicationGroup"],
  },
  {
    path: "atRestEncryptionEnabled",
    value: true,
    // https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/at-rest-encryption.html
    otherwise: ({ inputs }) => textAt(inputs, "engine") === "valkey",
    harm: "its snapshots and disks can be read without a key",
    // members take over from the group that they join
    where: (cache) => !isGiven(cache, "globalReplicationGroupId"),
    hangsOn: ["engine"],
    // the provider makes a new one, which has nothing in it
    mends: false,
  },
);
