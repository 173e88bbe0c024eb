import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { securityHub } from "../values.ts";

const settings = { days: number(365, "Least days that logs are kept; the default is the control's.", 1, 3653) };

export const logGroupKeepsLongEnough = resourcePolicy({
  name: "log-group-keeps-long-enough",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Log groups keep their logs for long enough to look into an attack.",
  why: "An attack is found after months, and what happened is told by logs of that time.",
  fix: "Write a longer retentionInDays, or a smaller log-group-keeps-long-enough.days for this stack.",
  control: securityHub("CloudWatch log groups should be retained for a specified time period", ["CloudWatch.16"]),
  settings,
  types: ["aws:cloudwatch/logGroup:LogGroup"],
  check({ inputs, unknown }, { days }, report) {
    // none or 0 is for ever
    const written = numberAt(inputs, "retentionInDays") ?? 0;
    const path = unknownAt(unknown, "retentionInDays");
    if (path !== undefined) report.undecided(path, "whether logs are kept for long enough");
    else if (written > 0 && written < days)
      report.violation(
        `retentionInDays is ${written}, below the ${days} of log-group-keeps-long-enough.days; keep them longer or lower that limit.`,
      );
  },
});
