import type { CostItem } from "@groundwork/lib/cost-report";
import type { DesiredResource } from "@groundwork/lib/desired-state";
import { list, number, text } from "@groundwork/lib/pricing/line";
import { ResourceGraph } from "@groundwork/lib/pricing/graph";
import { centsOf as cents } from "@groundwork/lib/pricing/price";
import { type Proposal, type Rule, type Subject, centsOf, share } from "./proposal.ts";
import { RATES } from "./rates.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration";
const CLUSTER = "aws:rds/cluster:Cluster";
const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";

/** Days of logs that answer what is asked of them; older ones are read so seldom that S3 is the place for them. */
const KEPT_DAYS = 30;

/** What is seldom read moves to a class that costs half, in buckets whose lifecycle does not say so already. */
export const tiering: Rule = ({ resources, cost }) => {
  const graph = new ResourceGraph(resources);
  const tiered = new Set(
    graph
      .ofType(LIFECYCLE)
      .filter(({ inputs }) =>
        list(inputs, "rules").some(
          (rule) => list(rule, "transitions").length > 0 || list(rule, "noncurrentVersionTransitions").length > 0,
        ),
      )
      .flatMap((lifecycle) => graph.nearest(lifecycle, BUCKET)?.urn ?? []),
  );
  return graph.ofType(BUCKET).flatMap(({ urn, name }): Proposal[] => {
    const kept = cost.items.filter((item) => item.urn === urn && item.description === "Standard");
    const savingCents = tiered.has(urn) ? 0 : share(centsOf(kept), RATES.tiering.share);
    if (savingCents === 0) return [];
    return [
      {
        rule: "storage-tiering",
        area: "storage",
        what: `Let objects of ${name} move to Standard-Infrequent Access after 90 days.`,
        savingCents,
        risk: "low",
        riskWhy: "Reading them costs US$ 0.01 a GB then, and each is kept for 30 days at least.",
        change: `a rule of the ${LIFECYCLE} of ${name}: transitions [{ days: 90, storageClass: STANDARD_IA }]`,
        source: RATES.tiering.source,
      },
    ];
  });
};

/** Above a quarter of the bill for I/O, a cluster that pays none is cheaper; below it, the other way round. */
export const ioOptimized: Rule = (subject) => {
  const graph = new ResourceGraph(subject.resources);
  return graph.ofType(CLUSTER).flatMap((cluster): Proposal[] => {
    const urns = new Set([
      cluster.urn,
      ...graph
        .ofType(INSTANCE)
        .filter((each) => graph.nearest(each, CLUSTER) === cluster)
        .map(({ urn }) => urn),
    ]);
    const items = subject.cost.items.filter(({ urn, service }) => urns.has(urn) && service === "Amazon RDS");
    const other = otherStorage(subject, cluster, items);
    const savingCents = other === undefined ? 0 : centsOf(items) - other.cents;
    if (other === undefined || savingCents <= 0) return [];
    return [
      {
        rule: "aurora-storage",
        area: "database",
        what: `Make the storage of ${cluster.name} ${other.storageType === "aurora-iopt1" ? "I/O-Optimized" : "Standard"}.`,
        savingCents,
        risk: "low",
        riskWhy: "It changes without downtime, once in 30 days; the saving hangs on usage.<system>.databaseIoMillions.",
        change: `storageType of ${cluster.name} (${CLUSTER}): ${other.storageType}`,
        source:
          "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.Aurora_Fea_Regions_DB-eng.Feature.storage-type.html",
      },
    ];
  });
};

/** What the same cluster costs with the other kind of storage; `undefined` where the table does not have it all. */
function otherStorage(
  { prices }: Subject,
  cluster: DesiredResource,
  items: readonly CostItem[],
): { readonly storageType: string; readonly cents: number } | undefined {
  // the requests of an optimised cluster are known to nobody: they are not paid
  if (text(cluster.inputs, "storageType") === "aurora-iopt1") return undefined;
  const standard = new Map(
    prices.table.prices.flatMap(({ id, what }) => (id.startsWith("aurora/") ? [[what, id.slice(7)] as const] : [])),
  );
  const moved = items.map((item): number | undefined => {
    const name = standard.get(item.description) ?? "";
    if (name === "requests") return 0;
    if (!name.startsWith("db.") && name !== "acu" && name !== "storage") return item.cents;
    const price = prices.find(`aurora-io/${name}`, item.region);
    return price === undefined ? undefined : cents(item.quantity, price.usd);
  });
  return moved.some((each) => each === undefined)
    ? undefined
    : { storageType: "aurora-iopt1", cents: moved.reduce<number>((sum, each) => sum + (each ?? 0), 0) };
}

/** Logs that are kept longer than anybody looks at them. */
export const logRetention: Rule = ({ resources, cost }) =>
  resources.flatMap((resource): Proposal[] => {
    if (resource.type !== LOG_GROUP) return [];
    const days = number(resource.inputs, "retentionInDays") ?? 0;
    const stored = cost.items.find(({ urn, description }) => urn === resource.urn && description === "logs kept");
    const taken = cost.items.find(({ urn, description }) => urn === resource.urn && description === "logs taken in");
    if (stored === undefined || taken === undefined || (days > 0 && days <= KEPT_DAYS)) return [];
    const savingCents = stored.cents - cents(taken.quantity * (KEPT_DAYS / 30), stored.unitPrice);
    if (savingCents <= 0) return [];
    return [
      {
        rule: "log-retention",
        area: "monitoring",
        what: `Keep the logs of ${resource.name} for ${KEPT_DAYS} days instead of ${days > 0 ? `${days}` : "for ever"}.`,
        savingCents,
        risk: "medium",
        riskWhy: "What is older cannot be searched any more; an audit may ask for it.",
        change: `retentionInDays of ${resource.name} (${LOG_GROUP}): ${KEPT_DAYS}`,
        source: "https://aws.amazon.com/cloudwatch/pricing/",
      },
    ];
  });
