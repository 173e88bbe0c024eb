import type { Api } from "./api.ts";
import { isMissing, type KubernetesObject } from "./client.ts";

/** https://keda.sh/docs/latest/reference/scaledobject-spec/ */
interface ScaledObjectSpec {
  readonly scaleTargetRef?: { readonly apiVersion?: string; readonly kind?: string; readonly name?: string };
  readonly minReplicaCount?: number;
  readonly maxReplicaCount?: number;
  readonly advanced?: {
    readonly horizontalPodAutoscalerConfig?: { readonly name?: string; readonly behavior?: unknown };
  };
  readonly triggers?: readonly Trigger[];
}

interface Trigger {
  readonly type: string;
  readonly name?: string;
  readonly metricType?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly authenticationRef?: { readonly name?: string; readonly kind?: string };
}

export const SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject";

/** On what KEDA makes, and in the selector of its metrics. */
export const SCALED_OBJECT_LABEL = "scaledobject.keda.sh/name";

const API = "keda.sh/v1alpha1";
const DEFAULT_MAX = 100;

/** Whether a release brings KEDA, whose metrics server answers for external metrics. */
export function bringsKeda(chart: string): boolean {
  return chart.split("/").at(-1) === "keda";
}

/**
 * The autoscaler that KEDA makes of a ScaledObject. From none to one replica and back KEDA scales itself; an autoscaler
 * begins at one. https://github.com/kedacore/keda/blob/v2.18.0/controllers/keda/hpa.go
 */
export function autoscalerFor(object: KubernetesObject): KubernetesObject {
  const { name, namespace = "default" } = object.metadata;
  const spec = (object["spec"] ?? {}) as ScaledObjectSpec;
  const { horizontalPodAutoscalerConfig: config = {} } = spec.advanced ?? {};
  const target = spec.scaleTargetRef ?? {};
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      name: config.name ?? `keda-hpa-${name}`,
      namespace,
      labels: { "app.kubernetes.io/managed-by": "keda-operator", [SCALED_OBJECT_LABEL]: name },
    },
    spec: {
      minReplicas: Math.max(1, spec.minReplicaCount ?? 0),
      maxReplicas: spec.maxReplicaCount ?? DEFAULT_MAX,
      scaleTargetRef: {
        apiVersion: target.apiVersion ?? "apps/v1",
        kind: target.kind ?? "Deployment",
        name: target.name ?? "",
      },
      metrics: (spec.triggers ?? []).map((trigger, index) => metricOf(trigger, index, name)),
      ...(config.behavior !== undefined && { behavior: config.behavior }),
    },
  };
}

/** `cpu` and `memory` are read by the autoscaler itself, everything else from KEDA. */
function metricOf(trigger: Trigger, index: number, scaledObject: string): object {
  const { type, metricType, metadata = {} } = trigger;
  if (type === "cpu" || type === "memory") {
    const value = metadata["value"] ?? "";
    const target =
      metricType === "AverageValue"
        ? { type: "AverageValue", averageValue: value }
        : { type: "Utilization", averageUtilization: Number(value) };
    return { type: "Resource", resource: { name: type, target } };
  }
  const name = `s${index}-${type}-${subjectOf(metadata)}`.replaceAll(/[^\w.-]/g, "-").toLowerCase();
  const selector = { matchLabels: { [SCALED_OBJECT_LABEL]: scaledObject } };
  const target =
    metricType === "Value"
      ? { type: "Value", value: targetOf(metadata) }
      : { type: "AverageValue", averageValue: targetOf(metadata) };
  return { type: "External", external: { metric: { name, selector }, target } };
}

/** What most scalers call that which they look at. */
function subjectOf(metadata: Readonly<Record<string, string>>): string {
  return metadata["queueName"] ?? metadata["topic"] ?? metadata["listName"] ?? metadata["metricName"] ?? "metric";
}

/** What most scalers call the amount for one replica. */
function targetOf(metadata: Readonly<Record<string, string>>): string {
  const names = ["value", "threshold", "queueLength", "lagThreshold", "listLength", "targetValue"];
  return names.map((name) => metadata[name]).find((value) => value !== undefined) ?? "1";
}

/** Why KEDA could not scale by this ScaledObject: what it names and what is not there. One sentence each. */
export async function kedaProblems(api: Api, object: KubernetesObject): Promise<readonly string[]> {
  const { name, namespace = "default" } = object.metadata;
  const { scaleTargetRef = {}, triggers = [] } = (object["spec"] ?? {}) as ScaledObjectSpec;
  const named = `ScaledObject ${namespace}/${name}`;
  const { apiVersion = "apps/v1", kind = "Deployment", name: target = "" } = scaleTargetRef;
  const isThere = await api.find({ apiVersion, kind, metadata: { name: target, namespace } });
  const own = isThere === undefined ? [`${named} scales ${kind} ${target}, which is not there`] : [];
  const references = await Promise.all(
    triggers.map(({ authenticationRef }) => authenticationProblem(api, namespace, authenticationRef)),
  );
  return [
    ...own,
    ...references.filter((reason) => reason !== undefined).map((reason) => `${named} cannot ask: ${reason}`),
  ];
}

interface SecretReference {
  readonly parameter: string;
  readonly name: string;
  readonly key: string;
}

async function authenticationProblem(
  api: Api,
  namespace: string,
  reference: Trigger["authenticationRef"],
): Promise<string | undefined> {
  // those of the whole cluster read secrets of KEDA's own namespace
  if (reference?.name === undefined || reference.kind === "ClusterTriggerAuthentication") return undefined;
  const { name } = reference;
  const found = await api.find({ apiVersion: API, kind: "TriggerAuthentication", metadata: { name, namespace } });
  if (found === undefined) return `TriggerAuthentication ${name} is not there`;
  const { secretTargetRef = [] } = (found["spec"] ?? {}) as { readonly secretTargetRef?: readonly SecretReference[] };
  for (const { name: secret, key } of secretTargetRef) {
    const object = await api.find({ apiVersion: "v1", kind: "Secret", metadata: { name: secret, namespace } });
    if (object === undefined) return `Secret ${secret} is not there`;
    if (((object["data"] ?? {}) as Readonly<Record<string, string>>)[key] === undefined)
      return `Secret ${secret} has no key ${key}`;
  }
  return undefined;
}

/** None where KEDA is not installed. */
export async function scaledObjects(api: Api): Promise<readonly KubernetesObject[]> {
  try {
    return await api.client.list(`/apis/${API}/scaledobjects`);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
