import { podsOf } from "@groundwork/lib/pods";
import type { Amounts, PodContainer, Pods } from "@groundwork/lib/pods";
import { CONTAINER_TYPES, containersOf } from "../framework/containers.ts";
import type { Place } from "../framework/containers.ts";
import { isPatch } from "../framework/kubernetes.ts";
import { unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { flag } from "../framework/settings.ts";

const settings = {
  cpuLimits: flag(true, "Whether a CPU limit is wanted; teams that throttle by requests alone switch it off."),
  requests: flag(true, "Whether Kubernetes containers need CPU and memory requests too."),
};

type Wanted = readonly ["limit" | "request", keyof Amounts];

export const containerHasLimits = resourcePolicy({
  name: "container-has-limits",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description: "Every container has a CPU and a memory limit, on Kubernetes also requests.",
  why: "A container without limits takes its whole host down with it, and one without requests is placed blindly and evicted first.",
  fix: "Set `memory` and `cpus` (Docker), `taskSpec.resources.limits` (Swarm) or `resources.requests` and `resources.limits` (Kubernetes).",
  control: {
    ids: ["CIS Docker 5.11", "CIS Docker 5.12", "Kubescape C-0009"],
    name: "Limit memory and CPU of containers",
    url: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
  },
  settings,
  types: CONTAINER_TYPES,
  check(resource, { cpuLimits, requests }, report) {
    const pods = podsOf(resource.type, resource.inputs);
    if (!pods) return;
    const wanted: Wanted[] = [["limit", "memory"]];
    if (cpuLimits) wanted.push(["limit", "cpu"]);
    if (requests && resource.type.startsWith("kubernetes:")) wanted.push(["request", "cpu"], ["request", "memory"]);
    const { places, unknown } = containersOf(resource, pods);
    if (unknown !== undefined) report.undecided(unknown, "the containers' limits");
    for (const place of places) checkContainer(resource, pods, place, wanted, report);
  },
});

function checkContainer(resource: Resource, pods: Pods, place: Place, wanted: readonly Wanted[], report: Report): void {
  for (const [bound, amount] of wanted) {
    if (has(pods, place.container, bound, amount)) continue;
    const unknown = unknownAt(resource.unknown, ...place.paths(bound, amount));
    const what = `${amount === "cpu" ? "CPU" : "memory"} ${bound}`;
    if (unknown !== undefined) report.undecided(unknown, `the ${what} of ${place.name}`);
    // what a patch does not say, the object that it patches may have
    else if (!isPatch(resource.type) || place.written(bound, amount) !== undefined)
      report.violation(missing(place, what, bound, amount));
  }
}

/** A limit or request of the pod as a whole covers its containers, except those that start before it. */
function has(pods: Pods, container: PodContainer, bound: Wanted[0], amount: keyof Amounts): boolean {
  const own = bound === "limit" ? container.limits : container.requests;
  const pod = bound === "limit" ? pods.pod?.limits : pods.pod?.requests;
  return own[amount] !== undefined || pod?.[amount] !== undefined;
}

function missing(place: Place, what: string, bound: Wanted[0], amount: keyof Amounts): string {
  const [path] = place.paths(bound, amount);
  const written = place.written(bound, amount);
  const wrong =
    written === undefined ? `has no ${what}` : `has a ${what} of ${JSON.stringify(written)}, which is no limit at all`;
  return `${place.name} ${wrong}; set ${path} (for example ${place.example(amount)}).`;
}
