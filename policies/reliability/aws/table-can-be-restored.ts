import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../../security/values.ts";

export const tableCanBeRestored = requires(
  {
    name: "table-can-be-restored",
    family: "reliability",
    severity: "medium",
    level: "mandatory",
    description: "Tables of DynamoDB can be restored to any moment of the last days.",
    why: "What a wrong program writes is in every replica at once.",
    fix: "Write pointInTimeRecovery: { enabled: true }.",
    control: fsbp("DynamoDB tables should have point-in-time recovery enabled", ["DynamoDB.2"]),
    types: ["aws:dynamodb/table:Table"],
  },
  {
    path: "pointInTimeRecovery.enabled",
    value: true,
    otherwise: false,
    harm: "what is overwritten cannot be had back",
  },
);
