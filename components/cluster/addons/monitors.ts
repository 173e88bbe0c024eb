import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import type { Resource } from "@pulumi/pulumi";
import { isMonitored } from "./context.ts";
import type { AddonContext } from "./context.ts";
import { customObject } from "./custom.ts";
import type { MonitoredPods, Scope } from "./addon.ts";

/** Prometheus takes monitors of every namespace: see `SelectorNilUsesHelmValues` in prometheus-stack-values.ts. */
export function createMonitors(monitors: readonly MonitoredPods[], context: AddonContext, scope: Scope): Resource[] {
  if (!isMonitored(context)) return [];
  return monitors.map((each) =>
    customObject<IPodMonitor>(scope, `${each.name}-monitor`, podMonitor(each, scope.namespace)),
  );
}

export function podMonitor(
  { name, pods, port, path = "/metrics", everywhere = false }: MonitoredPods,
  namespace: string,
) {
  return {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: { name, namespace },
    spec: {
      selector: { matchLabels: { ...pods } },
      ...(everywhere && { namespaceSelector: { any: true } }),
      podMetricsEndpoints: [{ portNumber: port, path }],
    },
  } satisfies IPodMonitor;
}
