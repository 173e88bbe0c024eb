import { serverClass } from "../../capacity/classes.ts";
import type { DesiredResource } from "../../desired-state.ts";
import { assumed, at, line, list, number, text, unpriced, type Context, type Outcome, type Pricer } from "../line.ts";

const DATABASE = "aws:rds/clusterInstance:ClusterInstance";

/** Days of a month, as a retention is counted in months. */
const DAYS = 30;

const logGroup: Pricer = ({ inputs }, context) => {
  const kind = text(inputs, "logGroupClass") ?? "STANDARD";
  if (kind !== "STANDARD") return [unpriced(`log groups of the class ${kind} are not in the table`)];
  const days = number(inputs, "retentionInDays") ?? 0;
  const { value, text: said } = context.usage("logGb");
  const months = days > 0 ? { value: days / DAYS, text: said } : context.usage("logMonths");
  return [
    { price: "logs/ingest", quantity: value, assumed: said },
    { price: "logs/storage", quantity: value * months.value, assumed: months.text },
  ];
};

/** An alarm is paid by the metrics that it looks at. https://aws.amazon.com/cloudwatch/pricing/ */
const alarm: Pricer = ({ inputs }) => {
  const queries = list(inputs, "metricQueries");
  const metrics = queries.filter((query) => at(query, "metric") !== undefined).length;
  return [line("cloudwatch/alarm", Math.max(metrics, 1))];
};

const detector: Pricer = (_resource, context) => [
  assumed(context, "guardduty/events", "threatEventMillions"),
  assumed(context, "guardduty/flows", "threatFlowGb"),
];

const feature: Pricer = (resource, context) => {
  if (text(resource.inputs, "status") === "DISABLED") return [];
  const name = text(resource.inputs, "name") ?? "";
  if (name === "S3_DATA_EVENTS") return [assumed(context, "guardduty/s3", "threatObjectMillions")];
  if (name === "EKS_AUDIT_LOGS") return [assumed(context, "guardduty/eks", "threatAuditMillions")];
  if (name === "RDS_LOGIN_EVENTS") return logins(resource, context);
  return [unpriced("paid by what it looks at, which no resource tells")];
};

/** Paid by the vCPUs of the databases in the same place. */
function logins({ inputs, provider }: DesiredResource, { graph }: Context): readonly Outcome[] {
  const here = graph
    .ofType(DATABASE)
    .filter((each) => each.provider === provider && text(each.inputs, "region") === text(inputs, "region"));
  const vcpus = here.map((each) => serverClass(text(each.inputs, "instanceClass") ?? "")?.vcpu);
  if (vcpus.some((count) => count === undefined))
    return [unpriced("how many vCPUs the databases have is not known here")];
  return [
    line(
      "guardduty/rds",
      vcpus.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    ),
  ];
}

/** The first copy of management events is free; what the trail stores is paid with its bucket and its log group. https://aws.amazon.com/cloudtrail/pricing/ */
const trail: Pricer = ({ inputs }, context) => {
  const selectors = [...list(inputs, "eventSelectors"), ...list(inputs, "advancedEventSelectors")];
  const records = selectors.some(
    (selector) => list(selector, "dataResources").length > 0 || list(selector, "fieldSelectors").length > 0,
  );
  return records ? [assumed(context, "cloudtrail/data", "auditEvents", 1 / 100_000)] : [];
};

/** Access to one's own account from outside is watched for nothing. https://aws.amazon.com/iam/access-analyzer/pricing/ */
const analyzer: Pricer = ({ inputs }) =>
  /UNUSED|INTERNAL/.test(text(inputs, "type") ?? "ACCOUNT")
    ? [unpriced("analyzers of unused or internal access are not in the table")]
    : [];

export const operations: Readonly<Record<string, Pricer>> = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
  "aws:cloudwatch/dashboard:Dashboard": () => [line("cloudwatch/dashboard", 1)],
  "aws:guardduty/detector:Detector": detector,
  "aws:guardduty/detectorFeature:DetectorFeature": feature,
  "aws:cloudtrail/trail:Trail": trail,
  "aws:accessanalyzer/analyzer:Analyzer": analyzer,
  "aws:sqs/queue:Queue": (_resource, context) => [assumed(context, "sqs/requests", "queueMillions")],
  "aws:lb/trustStore:TrustStore": () => [unpriced("the hours of trust stores are not in the table: sources differ")],
};
