import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

export const backupPlanCopiesElsewhere = resourcePolicy({
  name: "backup-plan-copies-elsewhere",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "Backup plans copy each recovery point to another region or account.",
  why: "Backups in the region, or in the account, that is lost are lost with it.",
  fix: "Add copyActions with the destinationVaultArn of a vault elsewhere to each rule.",
  control: {
    name: "AWS Well-Architected REL09-BP02 (secure and encrypt backups)",
    url: "https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html",
  },
  settings: {},
  types: ["aws:backup/plan:Plan"],
  check({ inputs, unknown }, _settings, report) {
    for (const [index, rule] of listAt(inputs, "rules").entries()) {
      if (listAt(rule, "copyActions").length > 0) continue;
      const path = unknownAt(unknown, `rules.${index}.copyActions`);
      const name = textAt(rule, "ruleName") ?? `rules[${index}]`;
      if (path !== undefined) report.undecided(path, "whether recovery points are copied elsewhere");
      else report.violation(`Rule ${name} copies nothing elsewhere; add copyActions with a vault of another region.`);
    }
    const path = listAt(inputs, "rules").length === 0 ? unknownAt(unknown, "rules") : undefined;
    if (path !== undefined) report.undecided(path, "whether recovery points are copied elsewhere");
  },
});
