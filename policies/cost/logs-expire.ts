import { numberAt, unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";

const settings = { days: number(731, "Most days that logs are kept in CloudWatch.", 1, 3653) };

export const logsExpire = resourcePolicy({
  name: "logs-expire",
  family: "cost",
  severity: "low",
  level: "advisory",
  description: "Log groups have a retention, and no longer one than the environment wants.",
  why: "Without one they are kept for ever, at US$ 0.03 a GB and month; what must be kept for years costs a tenth of that in S3.",
  fix: "Write retentionInDays, and export what is to be kept for longer.",
  control: {
    name: "AWS Well-Architected COST04-BP05 (data retention)",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_decomissioning_resources_data_retention.html",
  },
  settings,
  types: ["aws:cloudwatch/logGroup:LogGroup"],
  check({ inputs, unknown }, { days }, report) {
    const path = unknownAt(unknown, "retentionInDays");
    const written = numberAt(inputs, "retentionInDays") ?? 0;
    if (path !== undefined) report.undecided(path, "whether logs expire");
    else if (written <= 0)
      report.violation(`retentionInDays is not set, so that logs are kept and paid for ever; write at most ${days}.`);
    else if (written > days)
      report.violation(
        `retentionInDays is ${written}, above the ${days} of logs-expire.days; keep them shorter or raise that limit.`,
      );
  },
});
