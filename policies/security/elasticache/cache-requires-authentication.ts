import { isGiven } from "../../aws/presence.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

const SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache";

/** What makes clients say who they are, and what a group takes over from the one that it joins. */
const INPUTS = ["authToken", "authTokenWo", "userGroupIds", "globalReplicationGroupId"] as const;

export const cacheRequiresAuthentication = resourcePolicy({
  name: "cache-requires-authentication",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Caches ask who connects: by a token or by users of their own.",
  why: "Whoever reaches a cache without either reads every session and can empty it.",
  fix: "Write userGroupIds with users of role-based access, or authToken; both need transitEncryptionEnabled: true.",
  control: fsbp("ElastiCache replication groups should have Redis OSS AUTH enabled", ["ElastiCache.6"]),
  settings: {},
  types: ["aws:elasticache/replicationGroup:ReplicationGroup", SERVERLESS],
  check(cache, _settings, report) {
    const inputs = cache.type === SERVERLESS ? ["userGroupId"] : INPUTS;
    // a token that is not known yet is one
    if (inputs.some((input) => isGiven(cache, input)) || textAt(cache.inputs, "engine") === "memcached") return;
    const input = cache.type === SERVERLESS ? "userGroupId" : "userGroupIds or authToken";
    report.violation(`The cache has neither users nor a token, so whoever reaches it gets in; write ${input}.`);
  },
});
