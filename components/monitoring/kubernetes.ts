import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DashboardSpec } from "./dashboards/dashboard.ts";
import { createDashboards } from "./kubernetes-dashboards.ts";
import { createReceivers } from "./kubernetes-receivers.ts";
import type { KubernetesReceivers } from "./kubernetes-receivers.ts";
import type { MonitoredSystem } from "./rules/groups.ts";
import { ruleGroups } from "./rules/groups.ts";
import { ruleGroup } from "./rules/render.ts";
import type { RunbookAddress } from "./rules/render.ts";
import { scoped } from "./rules/scoped.ts";

export interface KubernetesMonitoringArgs {
  readonly system: string;
  /** The system's own namespace, which exists already. */
  readonly namespace: pulumi.Input<string>;
  /** Namespaces of its tiers in the cluster, e.g. `tracks-rabbitmq`. Default none. */
  readonly tierNamespaces?: readonly string[];
  /** What the system has. Nodes and Prometheus itself are watched by kube-prometheus-stack for all systems. */
  readonly rules: Omit<MonitoredSystem, "watchers"> & { readonly watchers?: MonitoredSystem["watchers"] };
  readonly dashboards: readonly DashboardSpec[];
  /** Default: nobody is told; alerts are seen in Grafana. */
  readonly receivers?: KubernetesReceivers;
  /** Where people read `docs/runbooks`. */
  readonly runbooks: RunbookAddress;
}

/** Of a group that watches Prometheus itself: there is one for all systems, with rules of its own. */
const SHARED = "monitoring";

/**
 * The alerts, recording rules and dashboards of one system, and who is told, as objects of the Prometheus operator: the
 * same data as on Docker. Needs the add-on kube-prometheus-stack and the cluster's Kubernetes provider.
 */
export class KubernetesMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: KubernetesMonitoringArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:KubernetesMonitoring", name, {}, opts);
    const { system, namespace } = args;
    new kubernetes.apiextensions.CustomResource(
      `${name}-rules`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: { name: "alerts", namespace },
        spec: systemRules(args),
      },
      { parent: this },
    );
    createDashboards(name, namespace, args.dashboards, this);
    if (args.receivers !== undefined) createReceivers(name, { ...args.receivers, system, namespace }, this);
    this.registerOutputs({ dashboards: args.dashboards.length });
  }
}

/** The system's rules, each selector held to its own series, each result labelled as its own: one Prometheus has them all. */
export function systemRules({
  system,
  rules,
  runbooks,
  tierNamespaces = [],
}: Pick<KubernetesMonitoringArgs, "system" | "rules" | "runbooks" | "tierNamespaces">): IPrometheusRule["spec"] {
  const groups = ruleGroups({ ...rules, watchers: rules.watchers ?? [] }).filter(({ name }) => name !== SHARED);
  return {
    groups: groups.map((group) => {
      // the namespace is what Alertmanager's routes go by; where something of a tier really is stands beside it
      const isPlaced = group.knownBy === "namespace";
      const alerts = { namespace: system, ...(isPlaced && { place: "{{ $labels.namespace }}" }) };
      return labelled(ruleGroup(group, runbooks), system, { always: { system }, alerts }, (expr) =>
        isPlaced ? scoped(expr, "namespace", system, ...tierNamespaces) : scoped(expr, "system", system),
      );
    }),
  };
}

type Rendered = ReturnType<typeof ruleGroup>;

interface Labels {
  readonly always: Readonly<Record<string, string>>;
  readonly alerts: Readonly<Record<string, string>>;
}

/** A group under a name of its own, whose results carry further labels. */
export function labelled(
  { name, rules }: Rendered,
  prefix: string,
  { always, alerts }: Labels,
  rewritten: (expr: string) => string = (expr) => expr,
) {
  return {
    name: `${prefix}-${name}`,
    rules: rules.map((rule) => ({
      ...rule,
      expr: rewritten(rule.expr),
      labels: "labels" in rule ? { ...rule.labels, ...always, ...alerts } : always,
    })),
  };
}
