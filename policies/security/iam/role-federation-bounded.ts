import { statementsOf } from "../../aws/documents.ts";
import type { Statement } from "../../aws/documents.ts";
import { at } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isUndecided } from "../values.ts";
import { ROLE, TRUST } from "./trust.ts";

/** Providers that everybody in the world has an account at, or that issue tokens to many: the subject has to be named. */
const OIDC = /:oidc-provider\/|^(?:accounts\.google\.com|graph\.facebook\.com|www\.amazon\.com)$/;
const COGNITO = /^cognito-identity\.amazonaws\.com$/;
const SAML = /:saml-provider\//;

/** Operators that ask for a value; with `IfExists` or `ForAllValues:` a token without the claim passes. */
const ASKING = /^(?:ForAnyValue:)?String(?:Equals|EqualsIgnoreCase|Like)$/;

/**
 * Up to whose it is, all is written out: `repo:shop/*` is one owner's, `repo:*`, `repo:shop*` and `*` are strangers' as well.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html#idp_oidc_Create_GitHub
 */
const NAMED = /^[^:*?]+:[^:/*?]+(?:[:/].*)?$/;

export const roleFederationBounded = resourcePolicy({
  name: "role-federation-bounded",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "A role that an identity provider hands out says for which subjects or audience.",
  why: "Without a condition on the subject, every pipeline of every customer of that provider may take the role.",
  fix: 'Add a Condition on "<provider>:sub" for OpenID Connect, on "…:aud" for Cognito, on "SAML:aud" for SAML.',
  control: {
    name: "IAM: create a role for OpenID Connect federation",
    url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
  },
  settings: {},
  types: [ROLE],
  check(resource, _settings, report) {
    isUndecided(resource, report, "for whom the identity provider hands out the role", TRUST);
    for (const statement of statementsOf(at(resource.inputs, TRUST))) {
      const missing = statement.effect === "Allow" ? missingKey(statement) : undefined;
      if (missing === undefined) continue;
      report.violation(
        `${TRUST} (${statement.sid}) trusts ${missing.provider} without a Condition on ${missing.key} that names somebody; add one.`,
      );
    }
  },
});

function missingKey({ principals, conditions }: Statement): { provider: string; key: string } | undefined {
  const names = (suffix: string) =>
    conditions.some(
      ({ operator, key, values }) =>
        ASKING.test(operator) && key.endsWith(suffix) && values.length > 0 && values.every(isNamed),
    );
  for (const provider of principals) {
    const name = provider.split("/").slice(1).join("/") || provider;
    if (OIDC.test(provider) && !names(":sub")) return { provider: name, key: `${name}:sub` };
    if (COGNITO.test(provider) && !names(":aud")) return { provider: name, key: `${name}:aud` };
    if (SAML.test(provider) && !names("saml:aud")) return { provider: name, key: "SAML:aud" };
  }
  return undefined;
}

function isNamed(value: string): boolean {
  return value !== "" && (!/[*?]/.test(value) || NAMED.test(value));
}
