import { letsNobodyIn } from "../../aws/public-documents.ts";
import { fsbp } from "../values.ts";

export const keyNotPublic = letsNobodyIn(
  {
    name: "key-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "No key policy lets anyone in the world use the key.",
    why: "Whoever can use the key can read what it protects.",
    fix: "Name the principals, or narrow the statement by kms:CallerAccount or aws:PrincipalOrgID.",
    control: fsbp("KMS keys should not be publicly accessible", ["KMS.5"]),
    types: [
      "aws:kms/key:Key",
      "aws:kms/replicaKey:ReplicaKey",
      "aws:kms/externalKey:ExternalKey",
      "aws:kms/keyPolicy:KeyPolicy",
    ],
  },
  ["policy"],
  "the key",
);
