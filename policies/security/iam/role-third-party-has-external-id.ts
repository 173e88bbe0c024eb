import { statementsOf } from "../../aws/documents.ts";
import { listed } from "../../framework/format.ts";
import { at } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { patterns } from "../../framework/settings.ts";
import { isUndecided, textsAt } from "../values.ts";
import { ROLE, TRUST } from "./trust.ts";

const settings = {
  accounts: patterns([], "Accounts of one's own organization, which need no external id: twelve digits each."),
};

const ACCOUNT = /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?$/;

/** Any of these tells the third party's customers apart, or keeps it to one organization. */
const TELLING = /^(?:sts:externalid|aws:principalorgid|aws:principalorgpaths|aws:principalarn)$/;

// without a provider that names its account nobody can tell a third party from oneself
export const roleThirdPartyHasExternalId = resourcePolicy({
  name: "role-third-party-has-external-id",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "A role that another account may take asks for an external id.",
  why: "A service that works for many customers can be tricked by one of them into taking the role of another.",
  fix: 'Add a Condition { StringEquals: { "sts:ExternalId": … } }, or name the account in the policy config if it is yours.',
  control: {
    name: "IAM: access to AWS accounts owned by third parties",
    url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html",
  },
  settings,
  types: [ROLE],
  check(resource, { accounts }, report) {
    const own = [...ownAccounts(resource), ...accounts];
    if (own.length === 0) return;
    isUndecided(resource, report, "which accounts may take the role", TRUST);
    for (const { effect, sid, principals, conditions } of statementsOf(at(resource.inputs, TRUST))) {
      const foreign = principals
        .flatMap((principal) => ACCOUNT.exec(principal)?.[1] ?? [])
        .filter((id) => !own.includes(id));
      if (effect !== "Allow" || foreign.length === 0 || conditions.some(({ key }) => TELLING.test(key))) continue;
      report.violation(
        `${TRUST} (${sid}) lets account ${listed([...new Set(foreign)])} take the role without an external id; add a Condition on sts:ExternalId, or add the account to role-third-party-has-external-id.accounts.`,
      );
    }
  },
});

/** The accounts that the provider may work in; it may have them as JSON text. */
function ownAccounts({ provider }: Resource): readonly string[] {
  const written = at(provider?.properties, "allowedAccountIds");
  if (typeof written !== "string") return textsAt(provider?.properties, "allowedAccountIds");
  return written.match(/\d{12}/g) ?? [];
}
