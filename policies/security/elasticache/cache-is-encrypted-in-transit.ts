import { requires } from "../../aws/requirement.ts";
import { isGiven } from "../../aws/presence.ts";
import { textAt } from "../../framework/known.ts";
import { fsbp } from "../values.ts";

const CLUSTER = "aws:elasticache/cluster:Cluster";

export const cacheIsEncryptedInTransit = requires(
  {
    name: "cache-is-encrypted-in-transit",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Caches take connections with TLS.",
    why: "Sessions, tokens and the password itself go over the network in the clear otherwise.",
    fix: "Write transitEncryptionEnabled: true, and connect with rediss://.",
    control: fsbp("ElastiCache replication groups should be encrypted in transit", ["ElastiCache.5"]),
    types: ["aws:elasticache/replicationGroup:ReplicationGroup", CLUSTER],
  },
  {
    path: "transitEncryptionEnabled",
    value: true,
    otherwise: false,
    harm: "passwords and data go over the network in the clear",
    // a group speaks as the one that it joins, and a cluster of its own can only with Memcached
    where: (cache) =>
      !isGiven(cache, "globalReplicationGroupId") &&
      (cache.type !== CLUSTER || textAt(cache.inputs, "engine") === "memcached"),
    // before Redis OSS 7 and for Memcached the provider makes a new one, which has nothing in it
    mends: false,
  },
);
