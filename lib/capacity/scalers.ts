import type { Range } from "../capacity-report.ts";
import type { DesiredResource } from "../desired-state.ts";
import { at, count, plain, text } from "../expanders/read.ts";
import { hpaRange } from "../pods.ts";
import { AUTOSCALER } from "./kinds.ts";

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

export function scalersOf(resources: readonly DesiredResource[]): readonly Scaler[] {
  return resources.flatMap((resource) => {
    const found = AUTOSCALER.test(resource.type) ? horizontal(resource) : scaledObject(resource);
    return found === undefined ? [] : [found];
  });
}

function horizontal(resource: DesiredResource): Scaler | undefined {
  const range = hpaRange(resource.inputs);
  if (range === undefined) return undefined;
  const { min, max, target, namespace } = range;
  return { ...described(resource, "HorizontalPodAutoscaler"), namespace, target, range: ordered(min, max) };
}

function scaledObject(resource: DesiredResource): Scaler | undefined {
  if (!SCALED_OBJECT.test(resource.type)) return undefined;
  const spec = plain(resource.inputs["spec"]);
  const target = plain(spec["scaleTargetRef"]);
  const name = text(target["name"]);
  if (name === "") return undefined;
  return {
    ...described(resource, "ScaledObject"),
    namespace: text(at(resource.inputs, "metadata")["namespace"], "default"),
    target: { kind: text(target["kind"], "Deployment"), name },
    range: ordered(count(spec["minReplicaCount"], KEDA.min), count(spec["maxReplicaCount"], KEDA.max)),
  };
}

function described(resource: DesiredResource, kind: string): Pick<Scaler, "urn" | "kind" | "name" | "provider"> {
  const name = text(at(resource.inputs, "metadata")["name"], resource.name);
  return { urn: resource.urn, kind, name, provider: resource.provider ?? "" };
}

function ordered(min: number, max: number): Range {
  return { min, max: Math.max(min, max) };
}
