import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { renderDashboard } from "./dashboards/build.ts";
import type { DashboardSpec } from "./dashboards/dashboard.ts";

/** Grafana's sidecar of kube-prometheus-stack loads what carries it. https://github.com/grafana/helm-charts/tree/main/charts/grafana#sidecar-for-dashboards */
const DASHBOARD_LABEL = { grafana_dashboard: "1" };

/** A ConfigMap for each dashboard. */
export function createDashboards(
  name: string,
  namespace: pulumi.Input<string>,
  dashboards: readonly DashboardSpec[],
  parent: pulumi.Resource,
): void {
  for (const dashboard of dashboards)
    new kubernetes.core.v1.ConfigMap(
      `${name}-${dashboard.uid}`,
      {
        metadata: { name: `dashboard-${dashboard.uid}`, namespace, labels: DASHBOARD_LABEL },
        data: { [`${dashboard.uid}.json`]: renderDashboard(dashboard) },
      },
      { parent },
    );
}
