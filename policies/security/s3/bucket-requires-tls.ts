import { covers, statementsOf, type Statement } from "../../aws/documents.ts";
import { pairs } from "../../aws/pairing.ts";
import { fsbp } from "../values.ts";
import { bucketPair } from "./buckets.ts";

export const bucketRequiresTls = pairs(
  {
    name: "bucket-requires-tls",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Bucket policies refuse requests without TLS.",
    why: "S3 answers plain HTTP too, and a client that is set up wrongly sends its data in the clear.",
    fix: "Add a statement to the bucket policy that denies s3:* to everyone where aws:SecureTransport is false.",
    control: fsbp("S3 general purpose buckets should require requests to use SSL", ["S3.5"], ["CIS AWS 5.0.0 2.1.1"]),
    settings: {},
  },
  {
    ...bucketPair("BucketPolicy"),
    fits: ({ inputs }) => statementsOf(inputs["policy"]).some(refusesPlainRequests),
    hangsOn: ["policy"],
    spared: ({ inputs }) => statementsOf(inputs["policy"]).some(refusesPlainRequests),
    sparedHangsOn: ["policy"],
    says: ({ name }, policies) =>
      `${policies.length === 0 ? `Bucket ${name} has no policy` : `The policy of bucket ${name} does not deny requests without TLS`}, so data can go over the network in the clear; deny s3:* where aws:SecureTransport is false.`,
    asks: "whether the bucket refuses requests without TLS",
  },
);

function refusesPlainRequests(statement: Statement): boolean {
  const { effect, principals, conditions } = statement;
  return (
    effect === "Deny" &&
    principals.includes("*") &&
    ["s3:getobject", "s3:putobject"].every((action) => covers(statement, action)) &&
    conditions.length === 1 &&
    conditions.some(
      ({ operator, key, values }) =>
        operator.startsWith("Bool") && key === "aws:securetransport" && values.includes("false"),
    )
  );
}
