import type { Policy } from "../../framework/policy.ts";
import { accountPasswordPolicyStrong } from "./account-password-policy-strong.ts";
import { identityWithoutAdministratorPolicy } from "./identity-without-administrator-policy.ts";
import { noLongLivedAccessKey } from "./no-long-lived-access-key.ts";
import { policyGrantsNoAdministration } from "./policy-grants-no-administration.ts";
import { policyHandsOnNoRights } from "./policy-hands-on-no-rights.ts";
import { policyNamesItsActions } from "./policy-names-its-actions.ts";
import { roleFederationBounded } from "./role-federation-bounded.ts";
import { roleThirdPartyHasExternalId } from "./role-third-party-has-external-id.ts";
import { roleTrustsNamedPrincipals } from "./role-trusts-named-principals.ts";
import { userRightsThroughGroups } from "./user-rights-through-groups.ts";

export const iam: readonly Policy[] = [
  policyGrantsNoAdministration,
  policyHandsOnNoRights,
  policyNamesItsActions,
  identityWithoutAdministratorPolicy,
  roleTrustsNamedPrincipals,
  roleFederationBounded,
  roleThirdPartyHasExternalId,
  userRightsThroughGroups,
  noLongLivedAccessKey,
  accountPasswordPolicyStrong,
];
