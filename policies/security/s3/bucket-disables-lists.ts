import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, withValue } from "../values.ts";

const PATH = "rule.objectOwnership";
const ENFORCED = "BucketOwnerEnforced";

export const bucketDisablesLists = resourcePolicy({
  name: "bucket-disables-lists",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Access control lists of buckets are switched off, as they are unless somebody switches them on.",
  why: "With lists on, the policy of the bucket does not tell who can read an object: each object says it for itself.",
  fix: "Write rule: { objectOwnership: BucketOwnerEnforced }, and give access by policy.",
  control: fsbp("ACLs should not be used to manage user access to S3 general purpose buckets", ["S3.12"]),
  settings: {},
  types: ["aws:s3/bucketOwnershipControls:BucketOwnershipControls"],
  check({ inputs, unknown }, _settings, report) {
    const ownership = textAt(inputs, PATH);
    const path = unknownAt(unknown, PATH);
    if (path !== undefined) report.undecided(path, "whether access control lists are off");
    else if (ownership !== undefined && ownership !== ENFORCED)
      report.violation(`${PATH} is ${ownership}, which keeps access control lists on; write ${ENFORCED}.`);
  },
  remediate({ inputs }) {
    const ownership = textAt(inputs, PATH);
    return ownership === undefined || ownership === ENFORCED ? undefined : withValue(inputs, PATH, ENFORCED);
  },
});
