import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** https://github.com/prometheus/node_exporter/tree/master/docs/node-mixin */
const MIXIN = "https://github.com/prometheus/node_exporter/blob/master/docs/node-mixin/alerts/alerts.libsonnet";
/** systems.md asks for a critical alert above 90 % of any resource; the warning comes early enough to act in daytime. */
const WARNING = 0.8;
const CRITICAL = 0.9;

const LABELS = 'system="s",part="node",instance="h"';
const HOST = { system: "s", part: "node", instance: "h" };
const DISK = `{${LABELS},mountpoint="/",device="sda",fstype="ext4"}`;
const ON_DISK = { ...HOST, mountpoint: "/", device: "sda", fstype: "ext4" };
const REAL_DISKS = 'fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs|fuse.lxcfs"';

const DISK_USED = `1 - node_filesystem_avail_bytes{${REAL_DISKS}} / node_filesystem_size_bytes{${REAL_DISKS}}`;
const INODES_USED = `1 - node_filesystem_files_free{${REAL_DISKS}} / (node_filesystem_files{${REAL_DISKS}} > 0)`;

const cpuIdle = (share: number) => ({ [`node_cpu_seconds_total{${LABELS},cpu="0",mode="idle"}`]: rising(60 * share) });
const memory = (free: number) => ({
  [`node_memory_MemAvailable_bytes{${LABELS}}`]: flat(free),
  [`node_memory_MemTotal_bytes{${LABELS}}`]: flat(100),
});
const disk = (free: string) => ({
  [`node_filesystem_avail_bytes${DISK}`]: free,
  [`node_filesystem_size_bytes${DISK}`]: flat(10_000),
});
const inodes = (free: number) => ({
  [`node_filesystem_files_free${DISK}`]: flat(free),
  [`node_filesystem_files${DISK}`]: flat(100),
});

const FREE_CPU = [
  "See which container uses it: `docker stats`, or the panel CPU by part.",
  "Give the part more CPU or replicas where the host has room; else move a system to another host.",
];
const FREE_MEMORY = [
  "See which container uses it: `docker stats`, or the panel memory by part.",
  "Restart a leaking one; lower the limits of the others or choose a larger host.",
];
const FREE_DISK = [
  "Find what grew: `docker system df -v`, then `du -x -d2` of the mount point.",
  "Remove unused images (`docker image prune`), shorten retention of metrics, logs or backups, or grow the disk.",
];

const cpu: readonly AlertRule[] = [
  {
    name: "HostCpuHigh",
    expr: `system_part:node_cpu_used:ratio5m > ${WARNING}`,
    for: "15m",
    severity: "warning",
    summary: "CPU of {{ $labels.instance }} is short",
    description: "{{ $value | humanizePercentage }} of all cores are busy for 15 min.",
    impact: "Requests take longer; there is no room for a failed neighbour's load.",
    actions: FREE_CPU,
    source: MIXIN,
    fires: { series: cpuIdle(0.15), labels: HOST, value: "85%" },
    silent: cpuIdle(0.25),
  },
  {
    name: "HostCpuCritical",
    expr: `system_part:node_cpu_used:ratio5m > ${CRITICAL}`,
    for: "5m",
    severity: "critical",
    summary: "CPU of {{ $labels.instance }} is exhausted",
    description: "{{ $value | humanizePercentage }} of all cores are busy for 5 min.",
    impact: "Every part of this host is slow; health checks may time out and restart healthy containers.",
    actions: FREE_CPU,
    source: MIXIN,
    fires: { series: cpuIdle(0.05), labels: HOST, value: "95%" },
    silent: cpuIdle(0.15),
  },
  {
    name: "HostLoadHigh",
    expr: 'node_load5 / on (system, part, instance) count by (system, part, instance) (node_cpu_seconds_total{mode="idle"}) > 2',
    for: "15m",
    severity: "warning",
    summary: "Processes of {{ $labels.instance }} wait in line",
    description: "{{ $value | humanize }} processes want each core; above 2 most of them wait.",
    impact: "Latency rises while CPU use may look harmless: disk waits count too.",
    actions: ["Compare with the CPU and the disk alert: the busy one of the two is the cause.", ...FREE_CPU],
    source: MIXIN,
    fires: { series: { [`node_load5{${LABELS}}`]: flat(3), ...cpuIdle(0.5) }, labels: HOST, value: "3" },
    silent: { [`node_load5{${LABELS}}`]: flat(1.5), ...cpuIdle(0.5) },
  },
];

const memoryRules: readonly AlertRule[] = [
  {
    name: "HostMemoryHigh",
    expr: `system_part:node_memory_used:ratio > ${WARNING}`,
    for: "10m",
    severity: "warning",
    summary: "Memory of {{ $labels.instance }} is short",
    description: "{{ $value | humanizePercentage }} of the memory is used for 10 min.",
    impact: "The page cache shrinks and databases read from disk.",
    actions: FREE_MEMORY,
    source: MIXIN,
    fires: { series: memory(15), labels: HOST, value: "85%" },
    silent: memory(25),
  },
  {
    name: "HostMemoryCritical",
    expr: `system_part:node_memory_used:ratio > ${CRITICAL}`,
    for: "5m",
    severity: "critical",
    summary: "Memory of {{ $labels.instance }} is exhausted",
    description: "{{ $value | humanizePercentage }} of the memory is used for 5 min.",
    impact: "The kernel is about to kill a process of its choice.",
    actions: FREE_MEMORY,
    source: MIXIN,
    fires: { series: memory(5), labels: HOST, value: "95%" },
    silent: memory(15),
  },
  {
    name: "HostOutOfMemoryKill",
    expr: "increase(node_vmstat_oom_kill[10m]) > 0",
    for: "0m",
    severity: "critical",
    summary: "The kernel of {{ $labels.instance }} killed a process for its memory",
    description: "{{ $value | humanize }} processes were killed in 10 min.",
    impact: "A container restarts; what it had in memory is lost.",
    actions: ["Find the victim: `dmesg -T | grep -i 'killed process'`.", ...FREE_MEMORY],
    source: MIXIN,
    fires: { series: { [`node_vmstat_oom_kill{${LABELS}}`]: rising(1) }, labels: HOST, value: "10" },
    silent: { [`node_vmstat_oom_kill{${LABELS}}`]: flat(7) },
  },
];

const disks: readonly AlertRule[] = [
  {
    name: "HostDiskHigh",
    expr: `${DISK_USED} > ${WARNING}`,
    for: "15m",
    severity: "warning",
    summary: "Disk {{ $labels.mountpoint }} of {{ $labels.instance }} is filling",
    description: "{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} is used.",
    impact: "None yet.",
    actions: FREE_DISK,
    source: MIXIN,
    fires: { series: disk(flat(1500)), labels: ON_DISK, value: "85%" },
    silent: disk(flat(2500)),
  },
  {
    name: "HostDiskCritical",
    expr: `${DISK_USED} > ${CRITICAL}`,
    for: "5m",
    severity: "critical",
    summary: "Disk {{ $labels.mountpoint }} of {{ $labels.instance }} is nearly full",
    description: "{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} is used.",
    impact: "A full disk stops PostgreSQL, RabbitMQ and every container that writes.",
    actions: FREE_DISK,
    source: MIXIN,
    fires: { series: disk(flat(500)), labels: ON_DISK, value: "95%" },
    silent: disk(flat(1500)),
  },
  {
    name: "HostInodesCritical",
    expr: `${INODES_USED} > ${CRITICAL}`,
    for: "5m",
    severity: "critical",
    summary: "Disk {{ $labels.mountpoint }} of {{ $labels.instance }} can hold few more files",
    description: "{{ $value | humanizePercentage }} of the inodes of {{ $labels.mountpoint }} are used.",
    impact: "No file can be made although there is space.",
    actions: ["Find the folder with the most files: `du --inodes -x -d2`.", ...FREE_DISK],
    source: MIXIN,
    fires: { series: inodes(5), labels: ON_DISK, value: "95%" },
    silent: inodes(15),
  },
  {
    name: "HostDiskReadOnly",
    expr: `node_filesystem_readonly{${REAL_DISKS},mountpoint!~"/(snap|boot).*"} == 1`,
    for: "1m",
    severity: "critical",
    summary: "Disk {{ $labels.mountpoint }} of {{ $labels.instance }} takes no more writes",
    description: "The file system is mounted read-only, which the kernel does after an error of the disk.",
    impact: "Databases stop; what was not written is lost.",
    actions: [
      "Read the error: `dmesg -T | grep -i -E 'ext4|xfs|i/o error'`.",
      "Replace the disk and restore the backup.",
    ],
    source: "https://github.com/samber/awesome-prometheus-alerts (host and hardware)",
    fires: { series: { [`node_filesystem_readonly${DISK}`]: flat(1) }, labels: ON_DISK },
    silent: { [`node_filesystem_readonly${DISK}`]: flat(0) },
  },
  {
    name: "HostDiskBusy",
    expr: "rate(node_disk_io_time_seconds_total[5m]) > 0.9",
    for: "15m",
    severity: "warning",
    summary: "Disk {{ $labels.device }} of {{ $labels.instance }} is busy all the time",
    description: "It worked {{ $value | humanizePercentage }} of the last 5 min.",
    impact: "Commits and queue writes wait for the disk.",
    actions: [
      "Find who writes: `iotop -o` or the panel disk by part.",
      "Move the database to a faster disk or spread the load.",
    ],
    source: MIXIN,
    fires: {
      series: { [`node_disk_io_time_seconds_total{${LABELS},device="sda"}`]: rising(57) },
      labels: { ...HOST, device: "sda" },
      value: "95%",
    },
    silent: { [`node_disk_io_time_seconds_total{${LABELS},device="sda"}`]: rising(40) },
  },
];

const rest: readonly AlertRule[] = [
  {
    name: "HostFileDescriptorsHigh",
    expr: `node_filefd_allocated / node_filefd_maximum > ${WARNING}`,
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.instance }} is running out of file descriptors",
    description: "{{ $value | humanizePercentage }} of them are in use.",
    impact: "No process can open a file or a connection.",
    actions: [
      "Find who has them: `lsof -n | awk '{print $1}' | sort | uniq -c | sort -n`.",
      "Raise fs.file-max or repair the leak.",
    ],
    source: MIXIN,
    fires: {
      series: { [`node_filefd_allocated{${LABELS}}`]: flat(85), [`node_filefd_maximum{${LABELS}}`]: flat(100) },
      labels: HOST,
      value: "85%",
    },
    silent: { [`node_filefd_allocated{${LABELS}}`]: flat(10), [`node_filefd_maximum{${LABELS}}`]: flat(100) },
  },
  {
    name: "HostClockNotSynchronised",
    expr: "min_over_time(node_timex_sync_status[10m]) == 0 and node_timex_maxerror_seconds >= 16",
    for: "10m",
    severity: "warning",
    summary: "The clock of {{ $labels.instance }} is on its own",
    description: "The kernel's clock is not synchronised and may be off by 16 s or more.",
    impact: "Tokens are refused, certificates seem invalid, and logs of several hosts cannot be put in order.",
    actions: ["Look at `timedatectl` and `chronyc sources`.", "Start chrony or systemd-timesyncd and open UDP 123."],
    source: MIXIN,
    fires: {
      series: {
        [`node_timex_sync_status{${LABELS}}`]: flat(0),
        [`node_timex_maxerror_seconds{${LABELS}}`]: flat(16),
      },
      labels: HOST,
    },
    silent: {
      [`node_timex_sync_status{${LABELS}}`]: flat(1),
      [`node_timex_maxerror_seconds{${LABELS}}`]: flat(0.1),
    },
  },
];

/** The host under the containers, as node_exporter sees it. */
export const host: RuleGroup = {
  name: "host",
  recordings: [
    {
      record: "system_part:node_cpu_used:ratio5m",
      expr: '1 - avg by (system, part, instance) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
    },
    {
      record: "system_part:node_memory_used:ratio",
      expr: "1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
    },
  ],
  alerts: [...cpu, ...memoryRules, ...disks, ...rest],
};

const grows = (perSample: number) => disk(rising(-perSample, 9000));

/** Where the host is heading: slow enough to be planned for, from averages of hours. */
export const capacity: RuleGroup = {
  name: "capacity",
  recordings: [],
  alerts: [
    {
      name: "HostDiskFullSoon",
      expr: `predict_linear(node_filesystem_avail_bytes{${REAL_DISKS}}[6h], 24 * 3600) < 0`,
      for: "1h",
      severity: "warning",
      summary: "Disk {{ $labels.mountpoint }} of {{ $labels.instance }} is full within a day",
      description: "At the pace of the last 6 h nothing is left in 24 h.",
      impact: "None yet; a full disk stops every database on it.",
      actions: FREE_DISK,
      source: MIXIN,
      // a sample each 5 min: 9,000 falling by 100 each is gone after 7.5 h
      fires: { series: grows(100), labels: ON_DISK },
      silent: grows(1),
      step: "5m",
    },
    {
      name: "HostMemoryTrend",
      expr: "predict_linear(node_memory_MemAvailable_bytes[6h], 24 * 3600) < 0",
      for: "1h",
      severity: "warning",
      summary: "Memory of {{ $labels.instance }} is gone within a day",
      description: "At the pace of the last 6 h nothing is left in 24 h.",
      impact: "None yet; most often one process leaks.",
      actions: FREE_MEMORY,
      source: "systems.md: resource trends",
      fires: { series: { [`node_memory_MemAvailable_bytes{${LABELS}}`]: rising(-10, 2000) }, labels: HOST },
      silent: { [`node_memory_MemAvailable_bytes{${LABELS}}`]: rising(-1, 2000) },
      step: "5m",
    },
    {
      name: "HostCpuTrend",
      expr: "avg_over_time(system_part:node_cpu_used:ratio5m[6h]) > 0.6 and avg_over_time(system_part:node_cpu_used:ratio5m[6h]) > 1.25 * avg_over_time(system_part:node_cpu_used:ratio5m[6h] offset 7d)",
      for: "1h",
      severity: "info",
      summary: "{{ $labels.instance }} works a quarter more than a week ago",
      description: "{{ $value | humanizePercentage }} of the CPU were busy over 6 h.",
      impact: "None yet; the next step of growth needs more cores.",
      actions: [
        "Run `groundwork capacity` for what the declared systems need.",
        "Plan the larger host before CPU alerts fire.",
      ],
      source: "systems.md: resource trends, capacity",
      fires: {
        series: { [`system_part:node_cpu_used:ratio5m{${LABELS}}`]: "0.4x40 0.7x18" },
        labels: HOST,
        value: "70%",
      },
      silent: { [`system_part:node_cpu_used:ratio5m{${LABELS}}`]: "0.7x60" },
      step: "6h",
    },
  ],
};
