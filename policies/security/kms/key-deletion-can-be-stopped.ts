import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { fsbp, withValue } from "../values.ts";

const settings = { days: number(14, "Least days between the order to delete a key and its end.", 7, 30) };

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
const DEFAULT_DAYS = 30;

export const keyDeletionCanBeStopped = resourcePolicy({
  name: "key-deletion-can-be-stopped",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "A key of KMS that is deleted by mistake can be kept for long enough.",
  why: "With its key all data is gone, in every backup too; the waiting time is the only way back.",
  fix: "Leave deletionWindowInDays out, which gives 30 days, or write a longer one.",
  control: fsbp("AWS KMS keys should not be deleted unintentionally", ["KMS.3"]),
  settings,
  types: ["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey"],
  check({ inputs, unknown }, { days }, report) {
    const written = numberAt(inputs, "deletionWindowInDays") ?? DEFAULT_DAYS;
    const path = unknownAt(unknown, "deletionWindowInDays");
    if (path !== undefined) report.undecided(path, "whether its deletion can be stopped in time");
    else if (written < days)
      report.violation(
        `deletionWindowInDays is ${written}, below the ${days} of key-deletion-can-be-stopped.days; write ${days} or more.`,
      );
  },
  remediate({ inputs }, { days }) {
    const written = numberAt(inputs, "deletionWindowInDays") ?? DEFAULT_DAYS;
    return written < days ? withValue(inputs, "deletionWindowInDays", DEFAULT_DAYS) : undefined;
  },
});
