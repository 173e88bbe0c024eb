import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../../security/values.ts";

export const tableIsDeletionProtected = requires(
  {
    name: "table-is-deletion-protected",
    family: "reliability",
    severity: "medium",
    level: "advisory",
    description: "Tables of DynamoDB cannot be deleted before somebody has lifted their protection.",
    why: "A wrong destroy, or a change that replaces, deletes a table in seconds.",
    fix: "Write deletionProtectionEnabled: true where the data counts.",
    control: fsbp("DynamoDB tables should have deletion protection enabled", ["DynamoDB.6"]),
    types: ["aws:dynamodb/table:Table"],
  },
  { path: "deletionProtectionEnabled", value: true, otherwise: false, harm: "one wrong command deletes it" },
);
