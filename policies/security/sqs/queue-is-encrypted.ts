import { isGiven } from "../../aws/presence.ts";
import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

export const queueIsEncrypted = requires(
  {
    name: "queue-is-encrypted",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Queues are encrypted at rest, as they are unless somebody switches it off.",
    why: "Messages carry what services tell each other, and stay for up to 14 days.",
    fix: "Write sqsManagedSseEnabled: true, or kmsMasterKeyId for a key of your own.",
    control: fsbp("Amazon SQS queues should be encrypted at rest", ["SQS.1"]),
    types: ["aws:sqs/queue:Queue"],
  },
  {
    path: "sqsManagedSseEnabled",
    value: true,
    otherwise: true,
    harm: "its messages are kept in the clear",
    where: (queue) => !isGiven(queue, "kmsMasterKeyId"),
  },
);
