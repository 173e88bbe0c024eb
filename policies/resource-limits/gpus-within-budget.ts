import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { DOCKER_CONTAINER, DOCKER_SERVICE } from "@groundwork/lib/capacity/kinds";
import { clustersOf, NAMESPACE, podSpecPath, SCALERS, WORKLOAD } from "../framework/kubernetes.ts";
import type { Workload } from "../framework/kubernetes.ts";
import { at, listAt, numberAt, plainAt, unknownAt } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";
import type { Stack } from "../framework/stack.ts";

const settings = {
  maxGpus: number(8, "Most GPUs that all containers of the stack may ask for together, at their autoscalers' maximum."),
};

interface Share {
  readonly urn: string;
  readonly name: string;
  readonly gpus: number;
}

export const gpusWithinBudget = stackPolicy({
  name: "gpus-within-budget",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description: "The containers of a stack ask for no more GPUs together than its budget has.",
  why: "One GPU costs as much as a handful of servers, and each replica of what needs one needs its own.",
  fix: "Lower the replicas of what uses a GPU, or raise the number of GPUs for this stack in the policy config.",
  control: {
    ids: ["AWS Well-Architected COST02-BP05"],
    name: "Implement cost controls",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: [DOCKER_CONTAINER, DOCKER_SERVICE, WORKLOAD, ...SCALERS, NAMESPACE],
  checkStack(stack, { maxGpus }, report) {
    const shares = [...ofDocker(stack), ...clustersOf(stack).flatMap(({ workloads }) => workloads.map(ofWorkload))];
    const using = shares.filter(({ gpus }) => gpus > 0).sort((a, b) => b.gpus - a.gpus || (a.urn < b.urn ? -1 : 1));
    const total = using.reduce((sum, { gpus }) => sum + gpus, 0);
    const [largest] = using;
    if (largest && total > maxGpus) {
      report.violation(
        `The containers ask for ${total} GPUs together (${largest.name} for ${largest.gpus}), above the ${maxGpus} of gpus-within-budget.maxGpus; lower replicas or raise that limit.`,
        largest.urn,
      );
      return;
    }
    for (const resource of stack.resources) {
      const unknown = unknownAt(resource.unknown, "gpus", "taskSpec.resources.reservation.genericResources");
      if (unknown !== undefined) report.undecided(unknown, "whether the GPUs are within the budget", resource.urn);
    }
  },
});

function ofDocker(stack: Stack): Share[] {
  return stack.ofType(DOCKER_CONTAINER, DOCKER_SERVICE).map((resource) => {
    const gpus = resource.type === DOCKER_CONTAINER ? ofContainer(resource) : ofService(resource);
    return { urn: resource.urn, name: resource.name, gpus };
  });
}

/** `all`, or how many. The hosts' number is not to be seen, so that `all` is one at the least. */
function ofContainer({ inputs }: Resource): number {
  if (inputs.gpus === undefined || inputs.gpus === "") return 0;
  return numberAt(inputs, "gpus") ?? 1;
}

/** `NVIDIA-GPU=1` is a number of them, `NVIDIA-GPU=uuid` one of them. */
function ofService({ inputs }: Resource): number {
  const generic = "taskSpec.resources.reservation.genericResources";
  const asked = (list: string) =>
    listAt(inputs, `${generic}.${list}`).filter((spec) => typeof spec === "string" && /gpu.*=/i.test(spec)) as string[];
  const counted = asked("discreteResourcesSpecs").reduce((sum, spec) => sum + (Number(spec.split("=")[1]) || 0), 0);
  const replicas = at(inputs, "mode.global") === true ? 1 : (numberAt(inputs, "mode.replicated.replicas") ?? 1);
  return (counted + asked("namedResourcesSpecs").length) * replicas;
}

/** Extended resources: what a container may use is what it is limited to. https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/ */
function ofWorkload({ resource, name, max }: Workload): Share {
  const ofPod = listAt(resource.inputs, `${podSpecPath(resource.type)}.containers`)
    .flatMap((container) => Object.entries(plainAt(container, "resources.limits")))
    .filter(([key]) => /^[\w.-]+\/(?:gpu|mig-.*)$/.test(key))
    .reduce((sum, [, value]) => sum + (kubernetesQuantity(value) ?? 0), 0);
  return { urn: resource.urn, name, gpus: ofPod * (max ?? 1) };
}
