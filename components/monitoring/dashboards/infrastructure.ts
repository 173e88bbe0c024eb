import type { DashboardSpec } from "./dashboard.ts";
import { inSystem, WINDOW } from "./dashboard.ts";

/** File systems that hold data. */
const DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs"';

/** Metrics of https://github.com/prometheus/node_exporter and https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md */
export function infrastructureDashboard(system: string): DashboardSpec {
  const all = inSystem(system);
  const disks = inSystem(system, DISKS);
  const containers = (metric: string) => `sum by (part) (rate(container_${metric}${all}[${WINDOW}]))`;
  return {
    uid: `${system}-infrastructure`,
    title: `${system}: infrastructure`,
    description: "The host and the containers on it.",
    tags: [system, "infrastructure"],
    panels: [
      {
        title: "Host CPU",
        description: "Share of all cores that is in use.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [{ expr: `max(system_part:node_cpu_used:ratio5m${all})`, legend: "used" }],
        max: 1,
        thresholds: [
          { from: 0.8, color: "orange" },
          { from: 0.9, color: "red" },
        ],
      },
      {
        title: "Host memory",
        description: "Share that cannot be given to somebody else.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [{ expr: `max(system_part:node_memory_used:ratio${all})`, legend: "used" }],
        max: 1,
        thresholds: [
          { from: 0.8, color: "orange" },
          { from: 0.9, color: "red" },
        ],
      },
      {
        title: "Fullest disk",
        description: "Of all file systems that hold data.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [
          { expr: `max(1 - node_filesystem_avail_bytes${disks} / node_filesystem_size_bytes${disks})`, legend: "used" },
        ],
        max: 1,
        thresholds: [
          { from: 0.8, color: "orange" },
          { from: 0.9, color: "red" },
        ],
      },
      {
        title: "Targets down",
        description: "Services and exporters whose metrics could not be read.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: `count(up${all} == 0) or vector(0)`, legend: "down" }],
        thresholds: [{ from: 1, color: "red" }],
      },
      {
        title: "Host CPU by use",
        description: "iowait is time in which a core had nothing but a slow disk to wait for.",
        unit: "percentunit",
        queries: [
          {
            expr: `avg by (mode) (rate(node_cpu_seconds_total${inSystem(system, 'mode!="idle"')}[${WINDOW}]))`,
            legend: "{{mode}}",
          },
        ],
        stacked: true,
      },
      {
        title: "Load",
        description: "Threads that run or wait, beside the number of cores.",
        unit: "short",
        queries: [
          { expr: `max(node_load5${all})`, legend: "load of 5 min" },
          { expr: `count(node_cpu_seconds_total${inSystem(system, 'mode="idle"')})`, legend: "cores" },
        ],
      },
      {
        title: "CPU by part",
        description: "Cores in use by all containers of a part.",
        unit: "short",
        queries: [{ expr: containers("cpu_usage_seconds_total"), legend: "{{part}}" }],
        stacked: true,
      },
      {
        title: "Memory by part",
        description: "What the containers of a part hold and the kernel cannot take back.",
        unit: "bytes",
        queries: [{ expr: `sum by (part) (container_memory_working_set_bytes${all})`, legend: "{{part}}" }],
        stacked: true,
      },
      {
        title: "CPU held back",
        description: "Share of periods in which a container had used up its limit.",
        unit: "percentunit",
        queries: [
          {
            expr: `${containers("cpu_cfs_throttled_periods_total")} / ${containers("cpu_cfs_periods_total")}`,
            legend: "{{part}}",
          },
        ],
        thresholds: [{ from: 0.25, color: "red" }],
      },
      {
        title: "Network by part",
        description: "Bytes a second that the containers of a part received and sent.",
        unit: "Bps",
        queries: [
          { expr: containers("network_receive_bytes_total"), legend: "{{part}} in" },
          { expr: containers("network_transmit_bytes_total"), legend: "{{part}} out" },
        ],
      },
      {
        title: "Disk throughput",
        description: "Bytes a second by device.",
        unit: "Bps",
        queries: ["read", "written"].map((what) => ({
          expr: `sum by (device) (rate(node_disk_${what}_bytes_total${all}[${WINDOW}]))`,
          legend: `{{device}} ${what}`,
        })),
      },
      {
        title: "Starts of containers",
        description: "In the last quarter of an hour; a part that starts again and again does not stay up.",
        unit: "short",
        queries: [{ expr: `sum by (part) (changes(container_start_time_seconds${all}[15m]))`, legend: "{{part}}" }],
        thresholds: [{ from: 3, color: "red" }],
      },
    ],
  };
}
