import { listed } from "../../framework/format.ts";
import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp } from "../values.ts";

/** What the control of each kind of source asks for: RDS.19 to RDS.22. */
const CATEGORIES: ReadonlyMap<string, readonly string[]> = new Map([
  ["db-cluster", ["maintenance", "failure"]],
  ["db-instance", ["maintenance", "configuration change", "failure"]],
  ["db-parameter-group", ["configuration change"]],
  ["db-security-group", ["configuration change", "failure"]],
]);

export const databaseEventsAreTold = resourcePolicy({
  name: "database-events-are-told",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Subscriptions to the events of databases are on, and take in what matters.",
  why: "A subscription that leaves failures out is trusted, and silent when it counts.",
  fix: "Leave eventCategories out, which takes them all, or add the missing ones.",
  control: fsbp("Existing RDS event notification subscriptions should be configured for critical cluster events", [
    "RDS.19",
    "RDS.20",
    "RDS.21",
    "RDS.22",
  ]),
  settings: {},
  types: ["aws:rds/eventSubscription:EventSubscription"],
  check({ inputs, unknown }, _settings, report) {
    const chosen = listAt(inputs, "eventCategories");
    const needed = CATEGORIES.get(textAt(inputs, "sourceType") ?? "") ?? [];
    const missing = chosen.length === 0 ? [] : needed.filter((category) => !chosen.includes(category));
    const path = unknownAt(unknown, "enabled", "sourceType", "eventCategories");
    if (flagAt(inputs, "enabled") === false)
      report.violation("enabled is false, so nobody is told of what happens to the database; take it away.");
    else if (path !== undefined) report.undecided(path, "whether failures are told");
    else if (missing.length > 0) report.violation(`eventCategories lacks ${listed(missing)}; add what is missing.`);
  },
});
