import { requires } from "../../aws/requirement.ts";

export const brokerTakesMinorUpgrades = requires(
  {
    name: "broker-takes-minor-upgrades",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Message brokers take minor versions of their engine by themselves.",
    why: "Minor versions bring the security fixes, and newer engines are not made without.",
    fix: "Write autoMinorVersionUpgrade: true, and choose the maintenance window.",
    control: {
      name: "Amazon MQ: Upgrading a broker engine version",
      url: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/upgrading-brokers.html",
    },
    types: ["aws:mq/broker:Broker"],
  },
  {
    path: "autoMinorVersionUpgrade",
    value: true,
    otherwise: false,
    harm: "security fixes of the engine wait for somebody to install them",
  },
);
