import { kindOf, label } from "../../framework/kubernetes.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";

const settings = {
  backoffLimit: number(6, "Most tries of a job, of which Kubernetes has 6 by default.", 0),
};

export const jobIsBounded = resourcePolicy({
  name: "job-is-bounded",
  family: "reliability",
  severity: "medium",
  level: "advisory",
  description: "Jobs end: after so many tries, after so many seconds, and their remains after so many more.",
  why: "A job that hangs holds its node for ever, and one that fails over and over fills the cluster with its pods.",
  fix: "Set `activeDeadlineSeconds` and `ttlSecondsAfterFinished`, and keep `backoffLimit` small.",
  control: {
    name: "Kubernetes: Job termination and clean-up",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup",
  },
  settings,
  types: [/^kubernetes:batch\/v\w+:(?:Job|CronJob)$/],
  check(resource, { backoffLimit }, report) {
    const isCron = kindOf(resource.type) === "CronJob";
    const spec = isCron ? "spec.jobTemplate.spec" : "spec";
    // a CronJob clears up after itself
    const needed = ["activeDeadlineSeconds", ...(isCron ? [] : ["ttlSecondsAfterFinished"])];
    for (const field of needed) {
      const path = `${spec}.${field}`;
      const unknown = unknownAt(resource.unknown, path);
      if (unknown !== undefined) report.undecided(unknown, `whether ${label(resource)} is bounded`);
      else if (numberAt(resource.inputs, path) === undefined) {
        const harm = field === "activeDeadlineSeconds" ? "may run for ever" : "stays for ever when it has ended";
        report.violation(`${label(resource)} ${harm}; set ${path}.`);
      }
    }
    const tries = numberAt(resource.inputs, `${spec}.backoffLimit`) ?? 0;
    if (tries > backoffLimit) {
      report.violation(
        `${label(resource)} tries ${tries} times, where ${backoffLimit} is the most; lower ${spec}.backoffLimit.`,
      );
    }
  },
});
