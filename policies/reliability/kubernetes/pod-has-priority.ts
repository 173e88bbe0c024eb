import { listed } from "../../framework/format.ts";
import { clustersOf, label, NAMESPACE, namespaceOf } from "../../framework/kubernetes.ts";
import { textAt } from "../../framework/known.ts";
import { EXEMPT, podOf, POD_TYPES, unknownIn } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fits } from "../../framework/settings.ts";
import { matches } from "../../framework/stack.ts";

const FIELD = "priorityClassName";
/** As many as a line can name. */
const EXAMPLES = 3;

export const podHasPriority = stackPolicy({
  name: "pod-has-priority",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "Every pod says how important it is; one line for each cluster tells which do not.",
  why: "When nodes are full, the scheduler evicts what is less important for what is more: without priorities a report can keep the shop waiting.",
  fix: "Make a PriorityClass for each kind of work and name it in `priorityClassName`.",
  control: {
    name: "Kubernetes: pod priority and preemption",
    url: "https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/",
  },
  settings: { exempt: EXEMPT },
  types: [...POD_TYPES, NAMESPACE],
  checkStack(stack, { exempt }, report) {
    for (const cluster of clustersOf(stack)) {
      const pods = cluster.resources
        .filter(({ type }) => matches(type, POD_TYPES))
        .flatMap((resource) => podOf(resource) ?? [])
        .filter(({ partial }) => !partial)
        .filter(({ resource }) => !fits(namespaceOf(stack, resource, cluster.resources), exempt));
      const open = pods.find((pod) => unknownIn(pod, FIELD) !== undefined);
      if (open) report.undecided(`${FIELD} of ${open.name}`, "how important it is", open.resource.urn);
      const without = pods.filter(
        (pod) => textAt(pod.fields, FIELD) === undefined && unknownIn(pod, FIELD) === undefined,
      );
      const [first] = without;
      if (!first) continue;
      const names = without.slice(0, EXAMPLES).map(({ resource }) => label(resource));
      const more = without.length > EXAMPLES ? [...names, `${without.length - EXAMPLES} more`] : names;
      report.violation(
        `${without.length} of ${pods.length} workloads have no priority: ${listed(more)}; set ${FIELD} of their pods.`,
        first.resource.urn,
      );
    }
  },
});
