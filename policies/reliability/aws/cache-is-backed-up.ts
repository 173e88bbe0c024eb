import { numberAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { fsbp } from "../../security/values.ts";

const settings = { days: number(1, "Least days that snapshots of caches are kept.", 1, 35) };

export const cacheIsBackedUp = resourcePolicy({
  name: "cache-is-backed-up",
  family: "reliability",
  severity: "high",
  level: "advisory",
  description: "Caches keep snapshots, where what is in them is more than a copy.",
  why: "Queues, sessions and counters are in no database; a cache that can be filled again needs none.",
  fix: "Write snapshotRetentionLimit: 1 or more; for what is a copy alone, except the cache or disable this policy.",
  control: fsbp("ElastiCache (Redis OSS) clusters should have automatic backups enabled", ["ElastiCache.1"]),
  settings,
  types: ["aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/serverlessCache:ServerlessCache"],
  check({ inputs, unknown }, { days }, report) {
    const kept = numberAt(inputs, "snapshotRetentionLimit") ?? 0;
    const path = unknownAt(unknown, "snapshotRetentionLimit");
    if (path !== undefined) report.undecided(path, "how long snapshots are kept");
    else if (kept < days && textAt(inputs, "engine") !== "memcached")
      report.violation(
        `snapshotRetentionLimit is ${kept}, below the ${days} of cache-is-backed-up.days; write ${days} or more.`,
      );
  },
});
