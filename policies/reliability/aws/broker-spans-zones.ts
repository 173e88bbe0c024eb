import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { securityHub } from "../../security/values.ts";

export const brokerSpansZones = resourcePolicy({
  name: "broker-spans-zones",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "Message brokers stand in several zones: RabbitMQ as a cluster, ActiveMQ with a standby.",
  why: "A single broker is away during each maintenance window, and messages wait for it.",
  fix: "Write deploymentMode: CLUSTER_MULTI_AZ (RabbitMQ) or ACTIVE_STANDBY_MULTI_AZ (ActiveMQ); the change makes a new broker.",
  control: securityHub("RabbitMQ brokers should use cluster deployment mode", ["MQ.6", "MQ.5"]),
  settings: {},
  types: ["aws:mq/broker:Broker"],
  check({ inputs, unknown }, _settings, report) {
    const mode = textAt(inputs, "deploymentMode") ?? "SINGLE_INSTANCE";
    const path = unknownAt(unknown, "deploymentMode");
    if (path !== undefined) report.undecided(path, "whether the broker is in several zones");
    else if (mode === "SINGLE_INSTANCE")
      report.violation(
        "deploymentMode is SINGLE_INSTANCE, so messages wait whenever it is restarted; write CLUSTER_MULTI_AZ or ACTIVE_STANDBY_MULTI_AZ.",
      );
  },
});
