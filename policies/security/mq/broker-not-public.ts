import { requires } from "../../aws/requirement.ts";

export const brokerNotPublic = requires(
  {
    name: "broker-not-public",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Message brokers have no public address.",
    why: "A broker with a public address and its console can be tried by anyone on the internet.",
    fix: "Write publiclyAccessible: false, and reach the broker from inside its network; the change makes a new broker.",
    control: {
      name: "Amazon MQ: Prefer brokers without public accessibility",
      url: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/using-amazon-mq-securely.html",
    },
    types: ["aws:mq/broker:Broker"],
  },
  {
    path: "publiclyAccessible",
    value: false,
    otherwise: false,
    harm: "the broker and its console have an address that anyone on the internet can reach",
    // the provider makes a new one, which has nothing in it
    mends: false,
  },
);
