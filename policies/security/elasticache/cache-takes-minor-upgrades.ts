import { requires } from "../../aws/requirement.ts";
import { textAt } from "../../framework/known.ts";
import { fsbp } from "../values.ts";

export const cacheTakesMinorUpgrades = requires(
  {
    name: "cache-takes-minor-upgrades",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Caches take minor versions of their engine by themselves.",
    why: "Minor versions bring the security fixes, and nobody installs them by hand in time.",
    fix: "Write autoMinorVersionUpgrade: true, or leave it out, and choose the maintenance window.",
    control: fsbp("ElastiCache clusters should have automatic minor version upgrades enabled", ["ElastiCache.2"]),
    types: ["aws:elasticache/replicationGroup:ReplicationGroup", "aws:elasticache/cluster:Cluster"],
  },
  {
    path: "autoMinorVersionUpgrade",
    value: true,
    otherwise: true,
    harm: "security fixes of the engine wait for somebody to install them",
    where: ({ inputs }) => textAt(inputs, "engine") !== "memcached",
    hangsOn: ["engine"],
  },
);
