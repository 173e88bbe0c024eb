import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DashboardSpec } from "./dashboards/dashboard.ts";
import { createDashboards } from "./kubernetes-dashboards.ts";
import { createReceivers } from "./kubernetes-receivers.ts";
import type { KubernetesReceivers } from "./kubernetes-receivers.ts";
import { labelled } from "./kubernetes.ts";
import type { Watcher } from "./rules/groups.ts";
import { ruleGroups } from "./rules/groups.ts";
import { ruleGroup } from "./rules/render.ts";
import type { RunbookAddress } from "./rules/render.ts";

export interface ClusterMonitoringArgs {
  /** Namespace of Alertmanager: routes that stand there see the alerts of every namespace. */
  readonly namespace: string;
  /** Namespaces of systems, which have routes of their own. */
  readonly systems: readonly string[];
  /** What there is to watch beside the nodes. */
  readonly watchers: readonly Extract<Watcher, "certificates" | "cluster-backups" | "secret-drift">[];
  /** Of what belongs to no system. Default none. */
  readonly dashboards?: readonly DashboardSpec[];
  /** Default: nobody is told; alerts are seen in Grafana. */
  readonly receivers?: KubernetesReceivers;
  /** Where people read `docs/runbooks`. */
  readonly runbooks: RunbookAddress;
}

/** The label `system` of what belongs to none. */
export const PLATFORM = "platform";
/** Of a group that watches Prometheus itself: kube-prometheus-stack has rules of its own for that. */
const BY_THE_STACK = "monitoring";

/**
 * What all systems of a cluster stand on: alerts of nodes, certificates and backups, and who is told of them and of
 * everything that kube-prometheus-stack itself finds wrong outside the systems' namespaces. Needs that add-on.
 */
export class ClusterMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: ClusterMonitoringArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:monitoring:ClusterMonitoring", name, {}, opts);
    const { namespace, receivers, systems } = args;
    new kubernetes.apiextensions.CustomResource(
      `${name}-rules`,
      {
        apiVersion: "monitoring.coreos.com/v1",
        kind: "PrometheusRule",
        metadata: { name: PLATFORM, namespace },
        spec: clusterRules(args),
      },
      { parent: this },
    );
    createDashboards(name, namespace, args.dashboards ?? [], this);
    if (receivers !== undefined)
      createReceivers(name, { ...receivers, system: PLATFORM, namespace, elsewhere: systems }, this);
    this.registerOutputs({});
  }
}

/** The node exporter's and the controllers' series belong to no system: they are labelled here. */
export function clusterRules({
  namespace,
  watchers,
  runbooks,
}: Pick<ClusterMonitoringArgs, "namespace" | "watchers" | "runbooks">): IPrometheusRule["spec"] {
  const groups = ruleGroups({ tiers: {}, parts: [], watchers: ["node", ...watchers] });
  return {
    groups: groups
      .filter(({ name }) => name !== BY_THE_STACK)
      .map((group) => {
        const part = group.name === "host" || group.name === "capacity" ? "node" : group.name;
        return labelled(ruleGroup(group, runbooks), PLATFORM, {
          always: { system: PLATFORM, part },
          alerts: { namespace },
        });
      }),
  };
}
