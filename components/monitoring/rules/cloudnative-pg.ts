import type { RuleGroup } from "./rule.ts";
import { flat } from "./rule.ts";

/** Metrics that CloudNativePG's instances tell by themselves; alerts after the operator's own samples. */
const METRICS = "https://cloudnative-pg.io/docs/1.30/monitoring";
const SAMPLES =
  "https://github.com/cloudnative-pg/cloudnative-pg/blob/main/docs/src/samples/monitoring/prometheusrule.yaml";

const LABELS = 'system="s",part="postgres",pod="postgres-1"';
const NODE = { system: "s", part: "postgres", pod: "postgres-1" };
const TIER = { system: "s", part: "postgres" };
const metric = (name: string, more = "") => `cnpg_${name}{${LABELS}${more}}`;
const archived = (failed: number, succeeded: number) => ({
  [metric("pg_stat_archiver_last_failed_time")]: flat(failed),
  [metric("pg_stat_archiver_last_archived_time")]: flat(succeeded),
});

/** PostgreSQL in the cluster. */
export const cloudnativePg: RuleGroup = {
  name: "cloudnative-pg",
  recordings: [],
  alerts: [
    {
      name: "PostgresInstanceDown",
      expr: "cnpg_collector_up == 0",
      for: "1m",
      severity: "critical",
      summary: "PostgreSQL in {{ $labels.pod }} does not answer",
      description: "Its manager runs and cannot reach it for 1 min.",
      impact: "Writes fail when it leads; the operator lets a replica lead.",
      actions: ["See who leads: `kubectl cnpg status -n <system>-postgres postgres`.", "Read its log: `kubectl logs`."],
      source: METRICS,
      fires: { series: { [metric("collector_up")]: flat(0) }, labels: NODE },
      silent: { [metric("collector_up")]: flat(1) },
    },
    {
      name: "PostgresNoStreamingReplica",
      expr: "max by (system, part) (cnpg_pg_replication_streaming_replicas) == 0 and on (system, part) count by (system, part) (cnpg_collector_up) > 1",
      for: "5m",
      severity: "critical",
      summary: "Nobody follows the PostgreSQL primary of {{ $labels.system }}",
      description: "For 5 min no replica takes its log.",
      impact: "If it fails now, its newest writes are lost; synchronous writes wait already.",
      actions: [
        "See why: `kubectl cnpg status -n <system>-postgres postgres`.",
        "Look for a full volume or a pod without a node.",
      ],
      source: METRICS,
      fires: {
        series: {
          [metric("pg_replication_streaming_replicas")]: flat(0),
          [metric("collector_up")]: flat(1),
          ['cnpg_collector_up{system="s",part="postgres",pod="postgres-2"}']: flat(1),
        },
        labels: TIER,
      },
      silent: { [metric("pg_replication_streaming_replicas")]: flat(0), [metric("collector_up")]: flat(1) },
    },
    {
      name: "PostgresReplicaLag",
      expr: "cnpg_pg_replication_lag > 300",
      for: "1m",
      severity: "warning",
      summary: "PostgreSQL replica {{ $labels.pod }} is behind",
      description: "It is {{ $value | humanizeDuration }} behind the primary.",
      impact: "Readers see old data; an election of it takes longer.",
      actions: ["Compare its disk and CPU with the primary's.", "Let it copy again: delete its pod and its volumes."],
      source: SAMPLES,
      fires: { series: { [metric("pg_replication_lag")]: flat(600) }, labels: NODE, value: "10m 0s" },
      silent: { [metric("pg_replication_lag")]: flat(2) },
    },
    {
      name: "PostgresBackendsWaiting",
      expr: "cnpg_backends_waiting_total > 300",
      for: "1m",
      severity: "warning",
      summary: "Sessions of PostgreSQL in {{ $labels.pod }} wait for each other",
      description: "{{ $value | humanize }} wait for locks.",
      impact: "Their requests take long or time out.",
      actions: [
        "Find who holds the lock: `SELECT * FROM pg_stat_activity WHERE wait_event_type = 'Lock'`.",
        "End that session.",
      ],
      source: SAMPLES,
      fires: { series: { [metric("backends_waiting_total")]: flat(400) }, labels: NODE, value: "400" },
      silent: { [metric("backends_waiting_total")]: flat(3) },
    },
    {
      name: "PostgresTransactionLong",
      expr: "max by (system, part, pod) (cnpg_backends_max_tx_duration_seconds) > 300",
      for: "1m",
      severity: "warning",
      summary: "A transaction of PostgreSQL in {{ $labels.pod }} does not end",
      description: "It lasts for {{ $value | humanizeDuration }}.",
      impact: "Old rows cannot be removed and locks stay.",
      actions: ["Find it: `SELECT * FROM pg_stat_activity ORDER BY xact_start`.", "End it and repair who forgot it."],
      source: SAMPLES,
      fires: {
        series: { [metric("backends_max_tx_duration_seconds", ',state="active"')]: flat(600) },
        labels: NODE,
        value: "10m 0s",
      },
      silent: { [metric("backends_max_tx_duration_seconds", ',state="active"')]: flat(5) },
    },
    {
      name: "PostgresArchivingFails",
      expr: "cnpg_pg_stat_archiver_last_failed_time - cnpg_pg_stat_archiver_last_archived_time > 1",
      for: "5m",
      severity: "critical",
      summary: "The log of PostgreSQL in {{ $labels.pod }} is not archived",
      description: "The last try failed, and none has succeeded since, for 5 min.",
      impact: "What comes in now is in no backup and in no other region; in the end the volume fills.",
      actions: [
        "Read why: `kubectl logs -n <system>-postgres <pod> -c plugin-barman-cloud`.",
        "See that the bucket exists and the pod's role may write there.",
      ],
      source: SAMPLES,
      fires: { series: archived(1000, 400), labels: NODE },
      silent: archived(400, 1000),
    },
  ],
};
