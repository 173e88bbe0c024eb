import { requires } from "../../aws/requirement.ts";
import { textAt } from "../../framework/known.ts";
import { securityHub } from "../values.ts";

export const keyRotates = requires(
  {
    name: "key-rotates",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Keys of KMS get new key material each year.",
    why: "Less is encrypted with each key, so that less is lost with one; old data stays readable.",
    fix: "Write enableKeyRotation: true, and rotationPeriodInDays where a year is too long.",
    control: securityHub("AWS KMS key rotation should be enabled", ["KMS.4"], ["CIS AWS 5.0.0 3.6"]),
    types: ["aws:kms/key:Key"],
  },
  {
    path: "enableKeyRotation",
    value: true,
    otherwise: false,
    harm: "all data stays under one key for as long as the key lives",
    // only these can: https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html
    where: ({ inputs }) =>
      (textAt(inputs, "customerMasterKeySpec") ?? "SYMMETRIC_DEFAULT") === "SYMMETRIC_DEFAULT" &&
      textAt(inputs, "customKeyStoreId") === undefined,
    hangsOn: ["customerMasterKeySpec"],
  },
);
