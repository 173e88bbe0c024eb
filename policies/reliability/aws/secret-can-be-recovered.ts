import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { withValue } from "../../security/values.ts";

const PATH = "recoveryWindowInDays";
const settings = { days: number(7, "Least days in which a deleted secret can be had back.", 0, 30) };

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
const DEFAULT_DAYS = 30;

export const secretCanBeRecovered = resourcePolicy({
  name: "secret-can-be-recovered",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "A secret that is deleted by mistake can be had back.",
  why: "With 0 days it is gone at once, and with it the way into what it opens.",
  fix: "Leave recoveryWindowInDays out, which gives 30 days, or write 7 or more.",
  control: {
    name: "Secrets Manager: Delete a secret",
    url: "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
  },
  settings,
  types: ["aws:secretsmanager/secret:Secret"],
  check({ inputs, unknown }, { days }, report) {
    const written = numberAt(inputs, PATH) ?? DEFAULT_DAYS;
    const path = unknownAt(unknown, PATH);
    if (path !== undefined) report.undecided(path, "whether the secret can be had back");
    else if (written < days)
      report.violation(
        `${PATH} is ${written}, below the ${days} of secret-can-be-recovered.days; write ${days} or more.`,
      );
  },
  remediate({ inputs, unknown }, { days }) {
    const isShort = (numberAt(inputs, PATH) ?? DEFAULT_DAYS) < days && unknownAt(unknown, PATH) === undefined;
    return isShort ? withValue(inputs, PATH, days) : undefined;
  },
});
