import type { Range } from "../capacity-report.ts";
import type { DesiredResource } from "../desired-state.ts";
import { at, count, plain, text } from "../expanders/read.ts";
import { namespaceOf } from "./graph.ts";
import type { Graph } from "./graph.ts";
import { AUTOSCALER, kindOf } from "./kinds.ts";

/** What changes the number of a workload's replicas by itself. */
export interface Scaler {
  readonly urn: string;
  /** `HorizontalPodAutoscaler` or `ScaledObject`. */
  readonly kind: string;
  readonly name: string;
  readonly provider: string;
  readonly namespace: string;
  readonly target: { readonly kind: string; readonly name: string };
  readonly range: Range;
}

const SCALED_OBJECT = /^kubernetes:keda\.sh\/v\w+:ScaledObject$/;

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ (minReplicaCount, maxReplicaCount) */
const KEDA = { min: 0, max: 100 };

export function scalersOf(resources: readonly DesiredResource[], graph: Graph): readonly Scaler[] {
  return resources.flatMap((resource) => {
    const bounds = boundsOf(resource);
    if (bounds === undefined) return [];
    const target = targetOf(resource, graph);
    if (target === undefined) return [];
    const { inputs, urn, name, provider = "" } = resource;
    return [
      {
        urn,
        kind: kindOf(resource.type),
        name: text(plain(inputs["metadata"])["name"], name),
        provider,
        namespace: namespaceOf(graph, resource),
        target,
        range: { min: bounds.min, max: Math.max(bounds.min, bounds.max) },
      },
    ];
  });
}

/** `undefined` for what scales nothing, and while its maximum is not known. */
function boundsOf({ type, inputs }: DesiredResource): Range | undefined {
  const spec = plain(inputs["spec"]);
  if (SCALED_OBJECT.test(type)) {
    return { min: count(spec["minReplicaCount"], KEDA.min), max: count(spec["maxReplicaCount"], KEDA.max) };
  }
  const max = spec["maxReplicas"];
  // https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ (one at the least)
  return AUTOSCALER.test(type) && typeof max === "number" ? { min: count(spec["minReplicas"], 1), max } : undefined;
}

/** By kind and name; while the name is not known, the workload that the autoscaler is made from. */
function targetOf(resource: DesiredResource, graph: Graph): Scaler["target"] | undefined {
  const target = at(resource.inputs, "spec", "scaleTargetRef");
  const kind = text(target["kind"], "Deployment");
  const name = text(target["name"]);
  if (name !== "") return { kind, name };
  const made = resource.dependencies
    .map((urn) => graph.find(urn))
    .find((one) => one !== undefined && kindOf(one.type) === kind);
  return made === undefined ? undefined : { kind, name: text(plain(made.inputs["metadata"])["name"], made.name) };
}
