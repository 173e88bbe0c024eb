import { at } from "../../framework/known.ts";
import { judge, pathOf, podPolicy, runsToTheEnd } from "../../framework/pod-specs.ts";
import { flag } from "../../framework/settings.ts";

const settings = {
  readiness: flag(true, "Whether a readiness probe is wanted."),
  liveness: flag(true, "Whether a liveness probe is wanted."),
  startup: flag(false, "Whether a startup probe is wanted."),
};

const PROBES = {
  readiness: "gets requests before it can answer them, and while it cannot",
  liveness: "is never started again when it hangs",
  startup: "may be killed by its liveness probe before it is up",
} as const;

export const containerHasProbes = podPolicy({
  name: "container-has-probes",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Every lasting container has a readiness and a liveness probe.",
  why: "Without them Kubernetes takes a process that runs for one that works: a rolling update goes on over broken pods, and one that hangs stays.",
  fix: "Set `readinessProbe` and `livenessProbe`, and a `startupProbe` where the start takes long.",
  control: {
    name: "AWS EKS best practices: reliability; Kubernetes: probes",
    url: "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
  },
  settings,
  subject: "the probes of the containers",
  checkPod(pod, wanted, report) {
    if (runsToTheEnd(pod.resource.type)) return;
    for (const container of pod.containers.filter(({ kind }) => kind === "container")) {
      for (const [probe, harm] of Object.entries(PROBES) as [keyof typeof PROBES, string][]) {
        if (!wanted[probe]) continue;
        judge(report, container, `${probe}Probe`, `the ${probe} probe`, (value) =>
          value === undefined
            ? `has no ${probe} probe, so that it ${harm}; set ${pathOf(container, `${probe}Probe`)}.`
            : undefined,
        );
      }
      const grace = at(container.fields, "livenessProbe.successThreshold");
      if (typeof grace === "number" && grace !== 1) {
        report.violation(
          `${container.name} has a liveness probe with successThreshold ${grace}, which the API server refuses; leave it out.`,
        );
      }
    }
  },
});
