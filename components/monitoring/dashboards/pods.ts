import type { DashboardSpec } from "./dashboard.ts";
import { inSystem, WINDOW } from "./dashboard.ts";
import { containerCpu, containerMemory, replicas } from "./service.ts";

/**
 * A system's pods, by the kubelet's cAdvisor and kube-state-metrics, which know namespaces; kube-prometheus-stack brings
 * dashboards of nodes and of the cluster. Recorded series are those of the rules.
 */
export function podsDashboard(system: string, namespaces: readonly string[]): DashboardSpec {
  const here = (...more: string[]) => `{${[`namespace=~"${[system, ...namespaces].join("|")}"`, ...more].join(",")}}`;
  const containers = here('container!=""');
  const rate = (metric: string, selector: string) => `rate(${metric}${selector}[${WINDOW}])`;
  return {
    uid: `${system}-pods`,
    title: `${system}: pods`,
    description: "What the system's pods use of what they may, and whether they stay up.",
    tags: [system, "infrastructure"],
    panels: [
      containerCpu(system),
      containerMemory(system),
      replicas(system),
      {
        title: "Targets down",
        description: "Services and exporters whose metrics could not be read.",
        kind: "stat",
        unit: "short",
        queries: [{ expr: `count(up${inSystem(system)} == 0) or vector(0)`, legend: "down" }],
        thresholds: [{ from: 1, color: "red" }],
      },
      {
        title: "CPU by container",
        description: "Cores in use by all containers of a name.",
        unit: "short",
        queries: [
          {
            expr: `sum by (container) (${rate("container_cpu_usage_seconds_total", containers)})`,
            legend: "{{container}}",
          },
        ],
        stacked: true,
      },
      {
        title: "Memory by container",
        description: "What the containers of a name hold and the kernel cannot take back.",
        unit: "bytes",
        queries: [
          { expr: `sum by (container) (container_memory_working_set_bytes${containers})`, legend: "{{container}}" },
        ],
        stacked: true,
      },
      {
        title: "CPU held back",
        description: "Share of periods in which a container had used up its limit.",
        unit: "percentunit",
        queries: [
          {
            expr: `sum by (container) (${rate("container_cpu_cfs_throttled_periods_total", containers)}) / sum by (container) (${rate("container_cpu_cfs_periods_total", containers)})`,
            legend: "{{container}}",
          },
        ],
        thresholds: [{ from: 0.25, color: "red" }],
      },
      {
        title: "Network by pod",
        description: "Bytes a second that came in and went out, the mesh's own included.",
        unit: "Bps",
        queries: [
          { expr: `sum by (pod) (${rate("container_network_receive_bytes_total", here())})`, legend: "{{pod}} in" },
          { expr: `sum by (pod) (${rate("container_network_transmit_bytes_total", here())})`, legend: "{{pod}} out" },
        ],
      },
      {
        title: "Starts of containers",
        description: "In the last quarter of an hour; a part that starts again and again does not stay up.",
        unit: "short",
        queries: [
          {
            expr: `sum by (container) (increase(kube_pod_container_status_restarts_total${here()}[15m]))`,
            legend: "{{container}}",
          },
        ],
        thresholds: [{ from: 3, color: "red" }],
      },
      {
        title: "Autoscalers",
        description: "Replicas that there are, and the most that there may be.",
        unit: "short",
        queries: [
          {
            expr: `kube_horizontalpodautoscaler_status_current_replicas${here()}`,
            legend: "{{horizontalpodautoscaler}}",
          },
          {
            expr: `kube_horizontalpodautoscaler_spec_max_replicas${here()}`,
            legend: "{{horizontalpodautoscaler}} at most",
          },
        ],
      },
    ].map((panel) => ({ ...panel, width: 12 })) as DashboardSpec["panels"],
  };
}
