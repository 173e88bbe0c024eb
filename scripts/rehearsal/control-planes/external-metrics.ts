import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import type { Client, KubernetesObject } from "./client.ts";
import { SCALED_OBJECT_LABEL } from "./keda.ts";
import { DEFAULT_SHARE, type Load } from "./loads.ts";

/** https://github.com/kubernetes/metrics/blob/master/pkg/apis/external_metrics/v1beta1/types.go */
export const EXTERNAL_GROUP = "/apis/external.metrics.k8s.io/v1beta1";

interface Autoscaler {
  readonly spec: {
    readonly scaleTargetRef: { readonly name: string };
    readonly metrics?: readonly {
      readonly external?: {
        readonly metric: { readonly name: string };
        readonly target: { readonly averageValue?: string; readonly value?: string };
      };
    }[];
  };
  readonly status?: { readonly currentReplicas?: number };
}

/**
 * What KEDA's metrics server answers: how much waits for the workload of a ScaledObject. Nothing waits anywhere here, so
 * the figure is set: a share of what its replicas are to empty, or so many in all.
 */
export async function externalMetrics(client: Client, url: URL, loads: ReadonlyMap<string, Load>): Promise<unknown> {
  const path = url.pathname.slice(EXTERNAL_GROUP.length);
  const [, namespace, name] = /^\/namespaces\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  if (namespace === undefined || name === undefined) return RESOURCES;
  const autoscalers = await client.list(`/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`, {
    labelSelector: url.searchParams.get("labelSelector") ?? "",
  });
  const items = autoscalers.flatMap((object) => {
    const value = waiting(object, namespace, name, loads);
    return value === undefined ? [] : [{ object, value }];
  });
  return {
    kind: "ExternalMetricValueList",
    apiVersion: "external.metrics.k8s.io/v1beta1",
    metadata: {},
    items: items.map(({ object, value }) => ({
      metricName: name,
      metricLabels: { [SCALED_OBJECT_LABEL]: labelOf(object) },
      timestamp: new Date().toISOString(),
      value: `${Math.round(value * 1000)}m`,
    })),
  };
}

function waiting(
  object: KubernetesObject,
  namespace: string,
  name: string,
  loads: ReadonlyMap<string, Load>,
): number | undefined {
  const { spec, status } = object as unknown as Autoscaler;
  const metric = spec.metrics?.find(({ external }) => external?.metric.name === name)?.external;
  if (metric === undefined) return undefined;
  const load = loads.get(`${namespace}/${spec.scaleTargetRef.name}`);
  if (load !== undefined && "waiting" in load) return load.waiting;
  const share = load !== undefined && "share" in load ? load.share : DEFAULT_SHARE;
  const { averageValue, value } = metric.target;
  const replicas = averageValue === undefined ? 1 : Math.max(1, status?.currentReplicas ?? 1);
  return share * replicas * (kubernetesQuantity(averageValue ?? value) ?? 0);
}

function labelOf({ metadata }: KubernetesObject): string {
  return ((metadata["labels"] ?? {}) as Readonly<Record<string, string>>)[SCALED_OBJECT_LABEL] ?? "";
}

/** https://github.com/kubernetes-sigs/custom-metrics-apiserver: any name is asked for below the resource of all of them. */
const RESOURCES = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "external.metrics.k8s.io/v1beta1",
  resources: [
    {
      name: "externalmetrics",
      singularName: "",
      namespaced: true,
      kind: "ExternalMetricValueList",
      verbs: ["get"],
    },
  ],
};
