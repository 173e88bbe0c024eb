import { gives } from "../../aws/given.ts";
import { securityHub } from "../values.ts";

export const topicHasOwnKey = gives(
  {
    name: "topic-has-own-key",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Topics encrypt with a key of KMS.",
    why: "Messages are kept until they are delivered; a topic without a key keeps them in the clear.",
    fix: "Write kmsMasterKeyId, e.g. alias/aws/sns.",
    control: securityHub("SNS topics should be encrypted at-rest using AWS KMS", ["SNS.1"]),
    types: ["aws:sns/topic:Topic"],
  },
  { path: "kmsMasterKeyId", harm: "its messages are kept in the clear until they are delivered" },
);
