import { letsNobodyIn } from "../../aws/public-documents.ts";
import { fsbp } from "../values.ts";

export const topicNotPublic = letsNobodyIn(
  {
    name: "topic-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "No policy of a topic lets anyone in the world publish or subscribe.",
    why: "Whoever subscribes reads all that is published; whoever publishes is believed by all who listen.",
    fix: "Name the principals, or narrow the statement by aws:SourceOwner or aws:SourceArn.",
    control: fsbp("SNS topic access policies should not allow public access", ["SNS.4"]),
    types: ["aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy"],
  },
  ["policy"],
  "the topic",
);
