import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Plain } from "../../framework/known.ts";
import { flagAt, fsbp, withValue } from "../values.ts";

export const brokerPublishesLogs = resourcePolicy({
  name: "broker-publishes-logs",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Message brokers send their logs to CloudWatch: ActiveMQ the audit log, RabbitMQ the general one.",
  why: "Without them nobody can tell who made a user, deleted a queue or was refused.",
  fix: "Write logs: { audit: true, general: true } for ActiveMQ, logs: { general: true } for RabbitMQ.",
  control: fsbp("ActiveMQ brokers should stream audit logs to CloudWatch", ["MQ.2"]),
  settings: {},
  types: ["aws:mq/broker:Broker"],
  check({ inputs, unknown }, _settings, report) {
    const path = pathOf(inputs);
    if (flagAt(inputs, path) === true) return;
    const open = unknownAt(unknown, "engineType", path);
    if (open !== undefined) report.undecided(open, "whether the broker publishes its logs");
    else report.violation(`${path} is not true, so nobody sees what was done on the broker; write ${path}: true.`);
  },
  remediate({ inputs, unknown }) {
    const path = pathOf(inputs);
    if (flagAt(inputs, path) === true || unknownAt(unknown, "engineType", path) !== undefined) return undefined;
    return withValue(inputs, path, true);
  },
});

/** RabbitMQ has no audit log. */
function pathOf(inputs: Plain): string {
  return (textAt(inputs, "engineType") ?? "").toLowerCase() === "rabbitmq" ? "logs.general" : "logs.audit";
}
