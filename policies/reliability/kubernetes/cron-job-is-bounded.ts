import { label } from "../../framework/kubernetes.ts";
import { at, numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";

const settings = {
  history: number(10, "Most ended jobs that are kept, of those that succeeded and of those that failed.", 0),
};

export const cronJobIsBounded = resourcePolicy({
  name: "cron-job-is-bounded",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "A CronJob's runs do not overlap, are not made up for after hours, and do not pile up.",
  why: "Runs that overlap undo each other's work; without a starting deadline a CronJob that missed 100 runs never starts again.",
  fix: "Set `concurrencyPolicy: Forbid`, `startingDeadlineSeconds` (above 10) and small history limits.",
  control: {
    name: "Kubernetes: CronJob, deadline and concurrency",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/",
  },
  settings,
  types: [/^kubernetes:batch\/v\w+:CronJob$/],
  check(resource, { history }, report) {
    const { inputs, unknown } = resource;
    const name = label(resource);
    const open = unknownAt(unknown, "spec.concurrencyPolicy", "spec.startingDeadlineSeconds");
    if (open !== undefined) report.undecided(open, `how ${name} runs`);
    const concurrency = at(inputs, "spec.concurrencyPolicy") ?? "Allow";
    if (concurrency === "Allow" && unknownAt(unknown, "spec.concurrencyPolicy") === undefined) {
      report.violation(
        `${name} starts while its last run goes on; set spec.concurrencyPolicy to "Forbid" or "Replace".`,
      );
    }
    const deadline = numberAt(inputs, "spec.startingDeadlineSeconds");
    // the controller looks every 10 seconds, so that a run with less may never start
    if ((deadline ?? 0) < 10 && unknownAt(unknown, "spec.startingDeadlineSeconds") === undefined) {
      const wrong = deadline === undefined ? "has no starting deadline" : `has a starting deadline of ${deadline} s`;
      report.violation(`${name} ${wrong}; set spec.startingDeadlineSeconds to 10 or more.`);
    }
    for (const field of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]) {
      const kept = numberAt(inputs, `spec.${field}`) ?? 0;
      if (kept > history)
        report.violation(`${name} keeps ${kept} ended jobs, where ${history} is the most; lower spec.${field}.`);
    }
  },
});
