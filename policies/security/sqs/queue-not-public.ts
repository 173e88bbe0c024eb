import { letsNobodyIn } from "../../aws/public-documents.ts";
import { fsbp } from "../values.ts";

export const queueNotPublic = letsNobodyIn(
  {
    name: "queue-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "No policy of a queue lets anyone in the world send or read messages.",
    why: "Whoever sends into a queue gives its readers work; whoever reads takes it away.",
    fix: "Name the principals, or narrow the statement by aws:SourceArn or aws:SourceAccount.",
    control: fsbp("SQS queue access policies should not allow public access", ["SQS.3"]),
    types: ["aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy"],
  },
  ["policy"],
  "the queue",
);
