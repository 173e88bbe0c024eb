import type { Policy } from "../framework/policy.ts";
import { nameFollowsPattern } from "./name-follows-pattern.ts";
import { nameWithinServiceRules } from "./name-within-service-rules.ts";
import { noSecretInNamesAndTags } from "./no-secret-in-names-and-tags.ts";
import { providerNamesItsAccount } from "./provider-names-its-account.ts";
import { regionAllowed } from "./region-allowed.ts";
import { regionNotByDefault } from "./region-not-by-default.ts";
import { resourceHasRequiredTags } from "./resource-has-required-tags.ts";
import { tagsWithinLimits } from "./tags-within-limits.ts";
import { typeNotDeprecated } from "./type-not-deprecated.ts";
import { workloadHasRecommendedLabels } from "./workload-has-recommended-labels.ts";

export const hygiene: readonly Policy[] = [
  noSecretInNamesAndTags,
  regionAllowed,
  regionNotByDefault,
  typeNotDeprecated,
  nameWithinServiceRules,
  nameFollowsPattern,
  tagsWithinLimits,
  resourceHasRequiredTags,
  workloadHasRecommendedLabels,
  providerNamesItsAccount,
];
