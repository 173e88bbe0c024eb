import { DB_CLUSTER, DB_GLOBAL_CLUSTER, DB_INSTANCE } from "../../aws/databases.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number, type Setting } from "../../framework/settings.ts";
import { supportEnds } from "./engine-support.ts";

const day: Setting<string> = {
  default: "",
  schema: {
    type: "string",
    pattern: "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$",
    default: "",
    description: "The day to decide for, YYYY-MM-DD; today where it is empty.",
  },
};

const settings = {
  day,
  warnDays: number(90, "Days before the end of support from which on it is told as advice.", 0),
};

/** Where a type says its engine, and which it has where nothing is written. */
const ENGINES: Readonly<Record<string, readonly [input: string, otherwise?: string]>> = {
  [DB_INSTANCE]: ["engine"],
  [DB_CLUSTER]: ["engine"],
  [DB_GLOBAL_CLUSTER]: ["engine"],
  "aws:elasticache/replicationGroup:ReplicationGroup": ["engine", "redis"],
  "aws:elasticache/cluster:Cluster": ["engine"],
  "aws:mq/broker:Broker": ["engineType"],
};

const DAY = 86_400_000;

export const engineIsSupported = resourcePolicy({
  name: "engine-is-supported",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Databases, caches and brokers run a version that AWS still supports.",
  why: "After the end of support AWS charges extra for each hour, or upgrades on a day of its own choice.",
  fix: "Write a newer engineVersion, and try the upgrade on a copy first.",
  control: {
    name: "Amazon RDS Extended Support",
    url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/extended-support.html",
  },
  settings,
  types: Object.keys(ENGINES),
  check({ type, inputs, unknown }, values, report) {
    const [input = "engine", otherwise] = ENGINES[type] ?? [];
    const engine = textAt(inputs, input) ?? otherwise;
    const version = textAt(inputs, "engineVersion");
    const path = unknownAt(unknown, input, "engineVersion");
    if (path !== undefined) return report.undecided(path, "whether the engine is supported");
    // without a version AWS takes its newest
    const end = engine === undefined || version === undefined ? undefined : supportEnds(engine, version);
    if (end === undefined) return;
    const left = (Date.parse(end) - Date.parse(values.day || new Date().toISOString().slice(0, 10))) / DAY;
    if (left < 0)
      report.violation(
        `${engine ?? ""} ${version ?? ""} has had no standard support since ${end}; write a newer engineVersion.`,
      );
    else if (left <= values.warnDays)
      report.advice(`${engine ?? ""} ${version ?? ""} has standard support until ${end}; plan a newer engineVersion.`);
  },
});
