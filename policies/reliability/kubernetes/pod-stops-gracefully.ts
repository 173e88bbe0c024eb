import { label, namespaceOf } from "../../framework/kubernetes.ts";
import { at, listAt, numberAt, plainAt } from "../../framework/known.ts";
import { EXEMPT, pathOf, unknownIn } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { fits } from "../../framework/settings.ts";
import { lastingIn, selects, WORKLOAD_TYPES } from "./workloads.ts";
import type { Lasting } from "./workloads.ts";

const SERVICE = "kubernetes:core/v1:Service";
/** https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination */
const DEFAULT_GRACE = 30;

export const podStopsGracefully = stackPolicy({
  name: "pod-stops-gracefully",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "Pods behind a Service wait before they stop until nobody sends them requests any more.",
  why: "A pod gets its signal to stop at the moment it is taken off its Service: for a few seconds requests still come, and break off.",
  fix: "Set `lifecycle.preStop: { sleep: { seconds: 10 } }` and a `terminationGracePeriodSeconds` well above it.",
  control: {
    name: "AWS EKS best practices: load balancing, graceful shutdown",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/load-balancing.html",
  },
  settings: { exempt: EXEMPT },
  types: [...WORKLOAD_TYPES, SERVICE],
  checkStack(stack, { exempt }, report) {
    for (const { cluster, workloads } of lastingIn(stack)) {
      const services = cluster.resources
        .filter(({ type, inputs }) => type === SERVICE && Object.keys(plainAt(inputs, "spec.selector")).length > 0)
        .map((service) => ({ ...service, namespace: namespaceOf(stack, service, cluster.resources) }));
      for (const workload of workloads.filter(({ namespace }) => !fits(namespace, exempt))) {
        const service = services.find(
          (one) =>
            one.namespace === workload.namespace && selects({ ...one, path: "spec.selector" }, workload) === true,
        );
        if (service) checkEnd(workload, service, report);
      }
    }
  },
});

function checkEnd({ pod, resource: { urn } }: Lasting, service: Resource, report: Report): void {
  const grace = numberAt(pod.fields, "terminationGracePeriodSeconds") ?? DEFAULT_GRACE;
  for (const container of pod.containers.filter(
    (one) => one.kind === "container" && listAt(one.fields, "ports").length > 0,
  )) {
    const unknown = unknownIn(container, "lifecycle.preStop") ?? unknownIn(pod, "terminationGracePeriodSeconds");
    const wait = at(container.fields, "lifecycle.preStop");
    const seconds = numberAt(wait, "sleep.seconds") ?? 0;
    if (unknown !== undefined) report.undecided(unknown, `how ${container.name} stops`, urn);
    else if (wait === undefined) {
      report.violation(
        `${container.name} stops at once while ${label(service)} may still send it requests; set ${pathOf(container, "lifecycle.preStop")}, e.g. to sleep 10 seconds.`,
        urn,
      );
    } else if (grace <= seconds) {
      report.violation(
        `${container.name} waits ${seconds} s before it stops and is killed after ${grace} s; set ${pathOf(pod, "terminationGracePeriodSeconds")} above ${seconds}.`,
        urn,
      );
    }
  }
}
