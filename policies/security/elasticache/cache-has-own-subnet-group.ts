import { isGiven } from "../../aws/presence.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

export const cacheHasOwnSubnetGroup = resourcePolicy({
  name: "cache-has-own-subnet-group",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Caches are in subnets that were chosen for them.",
  why: "The default subnet group has the subnets of the default network, which are public.",
  fix: "Make an aws.elasticache.SubnetGroup of private subnets and name it in subnetGroupName.",
  control: fsbp("ElastiCache clusters should not use the default subnet group", ["ElastiCache.7"]),
  settings: {},
  types: [GROUP, "aws:elasticache/cluster:Cluster"],
  check(cache, _settings, report) {
    const group = textAt(cache.inputs, "subnetGroupName");
    const isDefault = group === "default" || !isGiven(cache, "subnetGroupName");
    if (!isDefault || (cache.type !== GROUP && isGiven(cache, "replicationGroupId"))) return;
    report.violation(
      `subnetGroupName is ${group ?? "not written, which means default"}: the public subnets of the default network; name a subnet group of your own.`,
    );
  },
});
