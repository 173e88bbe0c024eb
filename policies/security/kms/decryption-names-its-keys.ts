import { covers, statementsOf, type Statement } from "../../aws/documents.ts";
import { at, listAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Plain } from "../../framework/known.ts";
import { fsbp } from "../values.ts";

const ACTIONS = ["kms:decrypt", "kms:reencryptfrom"] as const;

export const decryptionNamesItsKeys = resourcePolicy({
  name: "decryption-names-its-keys",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "IAM policies that allow decryption say with which keys.",
  why: "Whoever may decrypt with every key can read every secret, database and backup that he gets hold of.",
  fix: "Name the keys' ARNs in Resource, or narrow the statement by kms:ViaService or kms:ResourceAliases.",
  control: fsbp("IAM customer managed policies should not allow decryption actions on all KMS keys", [
    "KMS.1",
    "KMS.2",
  ]),
  settings: {},
  types: [
    "aws:iam/policy:Policy",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/role:Role",
  ],
  check({ inputs, unknown }, _settings, report) {
    for (const [path, document] of documents(inputs)) {
      for (const { sid } of statementsOf(document).filter(isForAllKeys)) {
        report.violation(
          `${path} allows decryption with every key (${sid}); name the ARNs of the keys in Resource, or add a condition such as kms:ViaService.`,
        );
      }
    }
    const path = unknownAt(unknown, "policy", "inlinePolicies");
    if (path !== undefined) report.undecided(path, "whether it allows decryption with every key");
  },
});

function documents(inputs: Plain): [string, unknown][] {
  const inline = listAt(inputs, "inlinePolicies");
  return [
    ["policy", inputs["policy"]],
    ...inline.map((each, index): [string, unknown] => [`inlinePolicies[${index}].policy`, at(each, "policy")]),
  ];
}

/** Conditions of KMS itself narrow down to keys, callers or data. */
function isForAllKeys(statement: Statement): boolean {
  const { effect, resources, conditions } = statement;
  return (
    effect === "Allow" &&
    ACTIONS.some((action) => covers(statement, action)) &&
    resources.some((resource) => /^(\*|arn:[^:]*:kms:[^:]*:[^:]*:(\*|key\/\*))$/.test(resource)) &&
    !conditions.some(({ key }) => key.startsWith("kms:") || key.startsWith("aws:resourcetag/"))
  );
}
