import type { IServiceMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import type { ComponentResource, Input } from "@pulumi/pulumi";

export interface ServiceMonitorArgs {
  readonly metadata: {
    readonly name: string;
    readonly namespace: Input<string>;
    readonly labels: Record<string, string>;
  };
  /** Labels of the Service whose first port is asked for `/metrics`. */
  readonly selector: Record<string, string>;
  /** Name of the Service's port. */
  readonly port: string;
  readonly system: string;
  readonly part: string;
}

/** As everything is scraped on Docker too, so that rules see the same resolution. */
const INTERVAL = "15s";

/** Tells Prometheus where the metrics are, with the labels that the alert rules go by; needs the add-on kube-prometheus-stack. */
export function createServiceMonitor(name: string, args: ServiceMonitorArgs, parent: ComponentResource): void {
  const fixed = { job: args.part, system: args.system, part: args.part };
  const spec = {
    selector: { matchLabels: args.selector },
    endpoints: [
      {
        port: args.port,
        path: "/metrics",
        interval: INTERVAL,
        relabelings: Object.entries(fixed).map(([targetLabel, replacement]) => ({ targetLabel, replacement })),
      },
    ],
  } satisfies IServiceMonitor["spec"];
  new kubernetes.apiextensions.CustomResource(
    `${name}-monitor`,
    { apiVersion: "monitoring.coreos.com/v1", kind: "ServiceMonitor", metadata: args.metadata, spec },
    { parent },
  );
}
