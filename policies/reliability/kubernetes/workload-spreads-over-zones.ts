import { listed } from "../../framework/format.ts";
import { at, listAt, numberAt, textAt } from "../../framework/known.ts";
import { pathOf, podPolicy, unknownIn } from "../../framework/pod-specs.ts";
import type { Pod } from "../../framework/pod-specs.ts";
import { patterns } from "../../framework/settings.ts";
import { LASTING } from "./workloads.ts";

const settings = {
  topologies: patterns(["topology.kubernetes.io/zone"], "Over what pods are to be spread: labels of nodes."),
};

const FIELDS = ["topologySpreadConstraints", "affinity.podAntiAffinity"] as const;
const ANTI = "affinity.podAntiAffinity";

export const workloadSpreadsOverZones = podPolicy({
  name: "workload-spreads-over-zones",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Pods of one workload are spread over zones.",
  why: "The scheduler may put all pods into one zone, which takes the whole service with it when it fails.",
  fix: "Set `topologySpreadConstraints` with `topologyKey: topology.kubernetes.io/zone` and the pods' own labels.",
  control: {
    name: "AWS EKS best practices: reliability, schedule replicas across zones",
    url: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
  },
  settings,
  checkPod(pod, { topologies }, report) {
    if (!LASTING.test(pod.resource.type) || numberAt(pod.resource.inputs, "spec.replicas") === 1) return;
    const keys = topologiesOf(pod);
    const missing = topologies.filter((topology) => !keys.includes(topology));
    if (missing.length === 0) return;
    const unknown = unknownIn(pod, ...FIELDS);
    if (unknown !== undefined) return report.undecided(unknown, `how the pods of ${pod.name} are spread`);
    report.violation(
      `${pod.name} does not spread its pods over ${listed(missing)}; add a constraint to ${pathOf(pod, FIELDS[0])}.`,
    );
  },
});

/** What the spec spreads or keeps apart its pods over, whether it must or only prefers to. */
function topologiesOf({ fields }: Pod): (string | undefined)[] {
  const required = listAt(fields, `${ANTI}.requiredDuringSchedulingIgnoredDuringExecution`);
  const preferred = listAt(fields, `${ANTI}.preferredDuringSchedulingIgnoredDuringExecution`);
  const terms = [...listAt(fields, FIELDS[0]), ...required, ...preferred.map((term) => at(term, "podAffinityTerm"))];
  return terms.map((term) => textAt(term, "topologyKey"));
}
