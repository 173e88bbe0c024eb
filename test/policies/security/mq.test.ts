import { brokerNotPublic } from "../../../policies/security/mq/broker-not-public.ts";
import { brokerPublishesLogs } from "../../../policies/security/mq/broker-publishes-logs.ts";
import { brokerTakesMinorUpgrades } from "../../../policies/security/mq/broker-takes-minor-upgrades.ts";
import { describePolicy } from "../cases.ts";
import type { Fake } from "../harness.ts";

const brokers: readonly Fake[] = [
  {
    type: "aws:mq/broker:Broker",
    name: "jobs",
    props: { engineType: "RabbitMQ", autoMinorVersionUpgrade: true, logs: { general: true } },
  },
  {
    type: "aws:mq/broker:Broker",
    name: "orders",
    props: { engineType: "ActiveMQ", autoMinorVersionUpgrade: true, logs: { audit: true, general: true } },
  },
];

describe("security of message brokers", () => {
  describePolicy({
    policy: brokerNotPublic,
    compliant: brokers,
    breaks: [
      {
        path: "jobs/publiclyAccessible",
        value: true,
        says: /^publiclyAccessible is true, so the broker and its console/,
      },
    ],
    undecided: ["jobs/publiclyAccessible"],
  });

  describePolicy({
    policy: brokerPublishesLogs,
    compliant: brokers,
    breaks: [
      { path: "jobs/logs", value: undefined, says: /^logs\.general is not true/ },
      { path: "orders/logs/audit", value: "false", says: /^logs\.audit is not true/ },
    ],
    undecided: ["jobs/logs", "jobs/engineType"],
  });

  describePolicy({
    policy: brokerTakesMinorUpgrades,
    compliant: brokers,
    breaks: [
      {
        path: "jobs/autoMinorVersionUpgrade",
        value: undefined,
        says: /^autoMinorVersionUpgrade is not written, which means false/,
      },
    ],
    undecided: ["orders/autoMinorVersionUpgrade"],
  });
});
