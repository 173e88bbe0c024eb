import { at } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { isUndecided } from "../security/values.ts";
import { isDefaultProvider } from "./providers.ts";

export const providerNamesItsAccount = resourcePolicy({
  name: "provider-names-its-account",
  family: "hygiene",
  severity: "low",
  level: "advisory",
  description: "AWS providers name the accounts that they may work in.",
  why: "With yesterday's credentials in the shell, production is deployed into the account of a test.",
  fix: 'Write allowedAccountIds: ["<twelve digits>"] in the provider.',
  control: {
    name: "Pulumi: AWS provider, allowedAccountIds",
    url: "https://www.pulumi.com/registry/packages/aws/api-docs/provider/#allowedaccountids_nodejs",
  },
  settings: {},
  types: ["pulumi:providers:aws"],
  check(resource, _settings, report) {
    const named = at(resource.inputs, "allowedAccountIds") ?? at(resource.inputs, "forbiddenAccountIds");
    if (named !== undefined || isDefaultProvider(resource.urn)) return;
    if (isUndecided(resource, report, "which account it may work in", "allowedAccountIds")) return;
    report.violation("The provider works in whatever account its credentials are of; write allowedAccountIds.");
  },
});
