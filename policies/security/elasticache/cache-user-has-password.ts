import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt } from "../values.ts";

/** Such a user must be in every group; switched off it lets nobody in. */
const OFF = /(^|\s)off(\s|$)/;

export const cacheUserHasPassword = resourcePolicy({
  name: "cache-user-has-password",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Users of caches have a password or sign in with IAM.",
  why: "A user without a password makes role-based access a door without a lock.",
  fix: "Write authenticationMode: { type: iam } or { type: password, passwords }, or switch the user off in accessString.",
  control: {
    name: "Amazon ElastiCache: Role-Based Access Control",
    url: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
  },
  settings: {},
  types: ["aws:elasticache/user:User"],
  check({ inputs, unknown }, _settings, report) {
    const path = unknownAt(unknown, "noPasswordRequired", "authenticationMode.type");
    const isOpen =
      flagAt(inputs, "noPasswordRequired") === true ||
      textAt(inputs, "authenticationMode.type") === "no-password-required";
    if (OFF.test(textAt(inputs, "accessString") ?? "")) return;
    if (isOpen)
      report.violation("The user needs no password, so whoever reaches the cache gets in; write authenticationMode.");
    else if (path !== undefined) report.undecided(path, "whether the user has a password");
  },
});
