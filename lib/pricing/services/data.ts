import { serverClass } from "../../capacity/classes.ts";
import type { DesiredResource } from "../../desired-state.ts";
import { assumed, at, line, list, number, text, unpriced, type Context, type Outcome, type Pricer } from "../line.ts";
import { HOURS } from "../table.ts";

const CLUSTER = "aws:rds/cluster:Cluster";
const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const PROXY = "aws:rds/proxy:Proxy";
const PROXY_TARGET = "aws:rds/proxyTarget:ProxyTarget";
const OPTIMIZED = "aurora-iopt1";
const SERVERLESS = "db.serverless";

/** RDS Proxy charges for at least this many vCPUs. https://aws.amazon.com/rds/proxy/pricing/ */
const PROXY_LEAST = 2;

const cluster: Pricer = (resource, context) => {
  const { inputs } = resource;
  const engine = text(inputs, "engine") ?? "";
  if (engine !== "aurora-postgresql")
    return [
      unpriced(`the table has Aurora PostgreSQL, not ${engine === "" ? "an engine that is not known yet" : engine}`),
    ];
  const optimized = text(inputs, "storageType") === OPTIMIZED;
  const secondary = isSecondary(resource);
  return [
    assumed(context, optimized ? "aurora-io/storage" : "aurora/storage", "databaseGb"),
    ...(optimized ? [] : [assumed(context, "aurora/requests", "databaseIoMillions")]),
    ...((number(inputs, "backupRetentionPeriod") ?? 1) > 1
      ? [assumed(context, "aurora/backup", "databaseBackupGb")]
      : []),
    ...(list(inputs, "enabledCloudwatchLogsExports").length > 0
      ? [assumed(context, "logs/ingest", "databaseLogGb")]
      : []),
    ...(secondary
      ? [
          assumed(context, "aurora/replicated", "replicatedWriteMillions"),
          assumed(context, "transfer/regions", "replicatedGb"),
        ]
      : []),
  ];
};

/** A secondary of a global database takes its users and its data from the primary. */
function isSecondary({ inputs, unknown }: DesiredResource): boolean {
  const joins = at(inputs, "globalClusterIdentifier") !== undefined || unknown.includes("globalClusterIdentifier");
  return (
    joins &&
    !["masterUsername", "snapshotIdentifier", "manageMasterUserPassword"].some((key) => at(inputs, key) !== undefined)
  );
}

const instance: Pricer = (resource, context) => {
  const { inputs } = resource;
  if (text(inputs, "engine") !== "aurora-postgresql")
    return [
      unpriced(`the table has Aurora PostgreSQL, not ${text(inputs, "engine") ?? "an engine that is not known yet"}`),
    ];
  const owner = context.graph.nearest(resource, CLUSTER);
  const family = text(owner?.inputs, "storageType") === OPTIMIZED ? "aurora-io" : "aurora";
  const name = text(inputs, "instanceClass");
  if (name === undefined) return [unpriced("the instance class is not known before the update")];
  return [
    ...computeLines(family, name, owner),
    ...(text(owner?.inputs, "databaseInsightsMode") === "advanced" && name !== SERVERLESS ? insights(name) : []),
    ...((number(inputs, "monitoringInterval") ?? 0) > 0 ? [assumed(context, "logs/ingest", "monitoringLogGb")] : []),
  ];
};

function computeLines(family: string, name: string, owner: DesiredResource | undefined): readonly Outcome[] {
  if (name !== SERVERLESS) return [line(`${family}/${name}`, HOURS)];
  const least = number(owner?.inputs, "serverlessv2ScalingConfiguration.minCapacity");
  if (least === undefined)
    return [unpriced("the least capacity of the serverless instance is not known before the update")];
  return [
    {
      ...line(`${family}/acu`, least * HOURS),
      assumed: "Serverless databases stay at their least capacity; load takes them up to maxCapacity.",
    },
  ];
}

function insights(name: string): readonly Outcome[] {
  const vcpus = vcpusOf(name);
  return vcpus === undefined
    ? [unpriced(`how many vCPUs ${name} has is not known here`)]
    : [line("rds/insights", vcpus * HOURS)];
}

/** RDS Proxy is paid by the vCPUs of the databases that it stands before. */
const proxy: Pricer = (resource, context) => {
  const owner = targetOf(resource, context);
  if (owner === undefined) return [unpriced("which databases the proxy stands before is not known")];
  const names = context.graph
    .ofType(INSTANCE)
    .filter((each) => context.graph.nearest(each, CLUSTER) === owner)
    .map(({ inputs }) => text(inputs, "instanceClass") ?? "");
  const vcpus = names.map(vcpusOf);
  if (vcpus.some((count) => count === undefined))
    return [unpriced("how many vCPUs the databases behind the proxy have is not known here")];
  const sum = vcpus.reduce<number>((total, count) => total + (count ?? 0), 0);
  return [line("rds/proxy", Math.max(sum, PROXY_LEAST) * HOURS)];
};

function targetOf(resource: DesiredResource, context: Context): DesiredResource | undefined {
  const target = context.graph.ofType(PROXY_TARGET).find((each) => context.graph.nearest(each, PROXY) === resource);
  return target === undefined ? undefined : context.graph.nearest(target, CLUSTER);
}

function vcpusOf(name: string): number | undefined {
  return serverClass(name)?.vcpu;
}

const replicationGroup: Pricer = ({ inputs }) => {
  const shards = number(inputs, "numNodeGroups");
  const nodes =
    shards === undefined
      ? number(inputs, "numCacheClusters")
      : shards * (1 + (number(inputs, "replicasPerNodeGroup") ?? 0));
  return cacheNodes(text(inputs, "engine") ?? "redis", text(inputs, "nodeType"), nodes ?? 1);
};

const cacheCluster: Pricer = ({ inputs }) =>
  // a node of a replication group is paid with its group
  at(inputs, "replicationGroupId") === undefined
    ? cacheNodes(text(inputs, "engine") ?? "redis", text(inputs, "nodeType"), number(inputs, "numCacheNodes") ?? 1)
    : [];

function cacheNodes(engine: string, type: string | undefined, nodes: number): readonly Outcome[] {
  return type === undefined
    ? [unpriced("the node type is not known before the update")]
    : [line(`${engine}/${type}`, nodes * HOURS)];
}

/** A RabbitMQ cluster is three brokers. https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-broker-architecture.html */
const CLUSTER_BROKERS = 3;

const broker: Pricer = ({ inputs }, context) => {
  const type = text(inputs, "hostInstanceType");
  if (text(inputs, "engineType")?.toLowerCase() !== "rabbitmq")
    return [unpriced("the table has RabbitMQ, not other engines")];
  if (type === undefined) return [unpriced("the instance type is not known before the update")];
  const brokers = text(inputs, "deploymentMode") === "CLUSTER_MULTI_AZ" ? CLUSTER_BROKERS : 1;
  return [line(`mq/${type}`, brokers * HOURS), assumed(context, "mq/storage", "brokerGb", brokers)];
};

export const data: Readonly<Record<string, Pricer>> = {
  [CLUSTER]: cluster,
  [INSTANCE]: instance,
  [PROXY]: proxy,
  "aws:elasticache/replicationGroup:ReplicationGroup": replicationGroup,
  "aws:elasticache/cluster:Cluster": cacheCluster,
  "aws:mq/broker:Broker": broker,
};
