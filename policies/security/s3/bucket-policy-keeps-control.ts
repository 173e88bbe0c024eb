import { covers, isPublic, statementsOf, type Statement } from "../../aws/documents.ts";
import { at, unknownAt } from "../../framework/known.ts";
import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { patterns } from "../../framework/settings.ts";
import { fsbp } from "../values.ts";
import { BUCKETS } from "./buckets.ts";

const settings = {
  accounts: patterns([], "Ids of accounts that are one's own, beside those in the provider's allowedAccountIds."),
};

/** `blacklistedactionpatterns` of the control: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html#s3-6 */
const CONTROL = [
  "s3:deletebucketpolicy",
  "s3:putbucketacl",
  "s3:putbucketpolicy",
  "s3:putencryptionconfiguration",
  "s3:putobjectacl",
] as const;

const ACCOUNT = /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/;

export const bucketPolicyKeepsControl = resourcePolicy({
  name: "bucket-policy-keeps-control",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No bucket policy lets another account change who may read the bucket, or how it is encrypted.",
  why: "Who may write the policy of a bucket has the bucket.",
  fix: "Allow other accounts s3:GetObject and s3:PutObject by name, not s3:* or s3:Put*.",
  control: fsbp("S3 general purpose bucket policies should restrict access to other AWS accounts", ["S3.6"]),
  settings,
  types: ["aws:s3/bucketPolicy:BucketPolicy", ...BUCKETS],
  check(resource, { accounts }, report) {
    const own = new Set([...accounts, ...allowedAccounts(resource)]);
    for (const statement of statementsOf(resource.inputs["policy"])) {
      const given = statement.effect === "Allow" ? CONTROL.filter((action) => covers(statement, action)) : [];
      const foreign = foreignIn(statement, own);
      if (given.length === 0 || foreign.length === 0) continue;
      report.violation(
        `policy lets ${listed(foreign)} take the bucket over (${statement.sid} covers ${given[0] ?? ""}); name the actions that are needed, or add the account to bucket-policy-keeps-control.accounts.`,
      );
    }
    const unknown = unknownAt(resource.unknown, "policy");
    if (unknown !== undefined) report.undecided(unknown, "whether another account can take the bucket over");
  },
});

/** Whose an account is cannot be told where nobody says which are one's own; everyone is others unless a condition narrows. */
function foreignIn(statement: Statement, own: ReadonlySet<string>): string[] {
  const named = statement.principals.flatMap((principal) => {
    const account = own.size === 0 ? undefined : ACCOUNT.exec(principal)?.[1];
    return account === undefined || own.has(account) ? [] : [`account ${account}`];
  });
  return isPublic(statement) ? ["everyone", ...named] : named;
}

/** The engine hands a provider's lists on as JSON. */
function allowedAccounts({ provider }: Resource): readonly string[] {
  const written = at(provider?.properties, "allowedAccountIds");
  if (Array.isArray(written)) return written.filter((id) => typeof id === "string");
  return typeof written === "string" ? (written.match(/\d{12}/g) ?? []) : [];
}
