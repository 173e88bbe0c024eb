import { listed } from "../framework/format.ts";
import { listAt, textAt, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { fits, patterns } from "../framework/settings.ts";

const settings = {
  nodes: patterns(
    ["*.nano", "*.micro", "*.small", "*.medium", "*.large", "*.xlarge", "*.2xlarge", "*.4xlarge"],
    "EC2 instance types of nodes and single instances.",
  ),
  databases: patterns(
    [
      "db.serverless",
      "db.*.micro",
      "db.*.small",
      "db.*.medium",
      "db.*.large",
      "db.*.xlarge",
      "db.*.2xlarge",
      "db.*.4xlarge",
    ],
    "RDS and Aurora instance classes.",
  ),
  caches: patterns(
    ["cache.*.micro", "cache.*.small", "cache.*.medium", "cache.*.large", "cache.*.xlarge", "cache.*.2xlarge"],
    "ElastiCache node types.",
  ),
  brokers: patterns(["mq.*.micro", "mq.*.medium", "mq.*.large", "mq.*.xlarge"], "Amazon MQ instance types."),
};

/** Where a type says what it runs on, and which allow-list that falls under. */
const CLASSES: Readonly<Record<string, readonly [property: string, list: keyof typeof settings]>> = {
  "aws:ec2/instance:Instance": ["instanceType", "nodes"],
  "aws:ec2/launchTemplate:LaunchTemplate": ["instanceType", "nodes"],
  "aws:eks/nodeGroup:NodeGroup": ["instanceTypes", "nodes"],
  "aws:rds/instance:Instance": ["instanceClass", "databases"],
  "aws:rds/clusterInstance:ClusterInstance": ["instanceClass", "databases"],
  "aws:rds/cluster:Cluster": ["dbClusterInstanceClass", "databases"],
  "aws:elasticache/cluster:Cluster": ["nodeType", "caches"],
  "aws:elasticache/replicationGroup:ReplicationGroup": ["nodeType", "caches"],
  "aws:mq/broker:Broker": ["hostInstanceType", "brokers"],
};

export const instanceClassWithinBudget = resourcePolicy({
  name: "instance-class-within-budget",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description: "Instance types of nodes, databases, caches and brokers are on the environment's allow-list.",
  why: "One size up doubles the price, and one word in a config file is all it takes.",
  fix: "Take a class from the list, or allow this one for the stack in the policy config.",
  control: {
    ids: ["AWS Well-Architected COST02-BP05"],
    name: "Implement cost controls",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: Object.keys(CLASSES),
  check(resource, values, report) {
    const [property, list] = CLASSES[resource.type] ?? [];
    if (property === undefined || list === undefined) return;
    const unknown = unknownAt(resource.unknown, property);
    if (unknown !== undefined) report.undecided(unknown, "whether it is within the budget");
    const single = textAt(resource.inputs, property);
    for (const name of single === undefined ? listAt(resource.inputs, property) : [single]) {
      if (typeof name !== "string" || fits(name, values[list])) continue;
      report.violation(
        `${property} is ${name}, which this environment does not allow; choose one of ${listed(values[list])}, or add it to instance-class-within-budget.${list}.`,
      );
    }
  },
});
