import { listed } from "../framework/format.ts";
import { at, plainAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import { patterns } from "../framework/settings.ts";
import { isUndecided } from "../security/values.ts";

const settings = {
  labels: patterns(["app.kubernetes.io/name"], "Labels that each workload and service has."),
};

export const workloadHasRecommendedLabels = resourcePolicy({
  name: "workload-has-recommended-labels",
  family: "hygiene",
  severity: "low",
  level: "advisory",
  description: "Kubernetes workloads and services carry the recommended labels.",
  why: "Dashboards, network policies and people find what belongs together by these labels.",
  fix: "Write metadata.labels with app.kubernetes.io/name and what else the team asks for.",
  control: {
    name: "Kubernetes: recommended labels",
    url: "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
  },
  settings,
  types: [
    /^kubernetes:apps\/v\w+:(?:Deployment|StatefulSet|DaemonSet)$/,
    /^kubernetes:batch\/v\w+:(?:Job|CronJob)$/,
    /^kubernetes:argoproj\.io\/v\w+:Rollout$/,
    "kubernetes:core/v1:Service",
  ],
  check(resource, { labels }, report) {
    const present = plainAt(resource.inputs, "metadata.labels");
    const missing = labels.filter((label) => !Object.hasOwn(present, label) && !isComing(resource.unknown, label));
    if (missing.length === 0) return;
    const isWhole = at(resource.inputs, "metadata.labels") === undefined;
    if (isWhole && isUndecided(resource, report, "which labels it has", "metadata.labels")) return;
    report.violation(`metadata.labels lack ${listed(missing)}; write ${missing.length === 1 ? "it" : "them"}.`);
  },
});

/** A label that is yet to get its value; labels have dots in their names, so that no path can name them. */
function isComing(unknown: readonly (readonly (string | number)[])[], label: string): boolean {
  return unknown.some((path) => path[1] === "labels" && path[2] === label);
}
