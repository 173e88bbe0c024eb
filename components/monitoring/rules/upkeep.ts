import type { RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

const PART = { system: "s", part: "backup-postgres", tier: "postgres" };
const LABELS = 'system="s",part="backup-postgres",tier="postgres"';
const HOURS = 3600;

/** Dumps and the tests that restore them, by the timestamps that the backup containers leave. */
export function backup(tiers: readonly string[], everyHours: number): RuleGroup {
  const done = (at: number) =>
    Object.fromEntries(
      tiers.map((tier) => [
        `backup_last_success_timestamp_seconds{system="s",part="backup-${tier}",tier="${tier}"}`,
        flat(at),
      ]),
    );
  const [first = "", ...others] = tiers;
  return {
    name: "backup",
    recordings: [],
    alerts: [
      {
        name: "BackupTooOld",
        expr: `time() - backup_last_success_timestamp_seconds > ${everyHours + 2} * ${HOURS}`,
        for: "1h",
        severity: "critical",
        summary: "The backup of {{ $labels.tier }} in {{ $labels.system }} is too old",
        description: `The last good one is {{ $value | humanizeDuration }} old; one is due every ${everyHours} h.`,
        impact: "A lost disk loses what came since.",
        actions: [
          "Read why: the log of the backup container.",
          "Make one now: start the backup container by hand.",
          "See that its disk has room.",
        ],
        source: "systems.md: flowx, backup; automated responses: verify backups",
        fires: {
          series: { [`backup_last_success_timestamp_seconds{${LABELS}}`]: flat(-(everyHours + 5) * HOURS) },
          labels: PART,
          value: "1d 6h 0m 0s",
        },
        silent: { [`backup_last_success_timestamp_seconds{${LABELS}}`]: flat(-(everyHours - 4) * HOURS) },
      },
      {
        name: "BackupMissing",
        expr: tiers.map((tier) => `absent(backup_last_success_timestamp_seconds{tier="${tier}"})`).join(" or "),
        for: "2h",
        severity: "critical",
        summary: "There is no backup of {{ $labels.tier }}",
        description: "For 2 h nobody says when the last one was made.",
        impact: "A lost disk loses everything.",
        actions: ["See that the backup container runs and that Prometheus reads its metrics.", "Make one now."],
        source: "systems.md: flowx, backup",
        fires: {
          series: Object.fromEntries(
            others.map((tier) => [
              `backup_last_success_timestamp_seconds{system="s",part="backup-${tier}",tier="${tier}"}`,
              flat(0),
            ]),
          ),
          labels: { tier: first },
        },
        silent: done(0),
        step: "5m",
      },
      {
        name: "BackupFailing",
        expr: "increase(backup_failures_total[6h]) > 0",
        for: "0m",
        severity: "warning",
        summary: "A backup of {{ $labels.tier }} in {{ $labels.system }} failed",
        description: "{{ $value | humanize }} times in 6 h; it is tried again.",
        impact: "None while one of the next succeeds; else BackupTooOld follows.",
        actions: [
          "Read why: the log of the backup container.",
          "See that its disk has room and its password is right.",
        ],
        source: "systems.md: flowx, backup",
        fires: { series: { [`backup_failures_total{${LABELS}}`]: "0x30 3x29" }, labels: PART, value: "3" },
        silent: { [`backup_failures_total{${LABELS}}`]: flat(3) },
        step: "5m",
      },
      {
        name: "RestoreTestTooOld",
        expr: `time() - (backup_restore_test_last_success_timestamp_seconds != 0) > 8 * ${everyHours} * ${HOURS}`,
        for: "0m",
        severity: "warning",
        summary: "Nobody knows whether the backup of {{ $labels.tier }} in {{ $labels.system }} can be restored",
        description: "The last good restore test is {{ $value | humanizeDuration }} old.",
        impact: "There may be no backup that works.",
        actions: [
          "Test one now: run the backup container's script with `test`, and read what differs.",
          "When it fails, make a new backup and test it before the old ones are deleted.",
        ],
        source: "systems.md: flowx, restore tested",
        fires: {
          series: { [`backup_restore_test_last_success_timestamp_seconds{${LABELS}}`]: flat(-9 * everyHours * HOURS) },
          labels: PART,
          value: "9d 1h 0m 0s",
        },
        silent: { [`backup_restore_test_last_success_timestamp_seconds{${LABELS}}`]: flat(-2 * everyHours * HOURS) },
      },
    ],
  };
}

const PROMETHEUS = 'system="s",part="prometheus",instance="p"';
const IN_PROMETHEUS = { system: "s", part: "prometheus", instance: "p" };
const ALERTMANAGER = 'system="s",part="alertmanager",instance="a"';

/** Whether the watchman is awake. https://github.com/prometheus/prometheus/tree/main/documentation/prometheus-mixin */
export const monitoring: RuleGroup = {
  name: "monitoring",
  recordings: [],
  alerts: [
    {
      name: "Watchdog",
      expr: 'up{part="prometheus"} == 1',
      for: "0m",
      severity: "info",
      summary: "Alerting of {{ $labels.system }} works",
      description:
        "This alert always fires while Prometheus works, so that something outside can notice when it stops.",
      impact: "None.",
      actions: ["Send it to a dead man's switch outside this environment."],
      source: "https://github.com/prometheus-operator/kube-prometheus",
      fires: { series: { [`up{${PROMETHEUS}}`]: flat(1) }, labels: IN_PROMETHEUS },
      silent: { [`up{${PROMETHEUS}}`]: flat(0) },
    },
    {
      name: "PrometheusRuleFailures",
      expr: "increase(prometheus_rule_evaluation_failures_total[5m]) > 0",
      for: "5m",
      severity: "critical",
      summary: "Rules of {{ $labels.system }} cannot be computed",
      description: "{{ $value | humanize }} evaluations failed in 5 min.",
      impact: "Some alerts stay silent.",
      actions: ["See which: the page /rules of Prometheus."],
      source: "https://github.com/prometheus/prometheus/tree/main/documentation/prometheus-mixin",
      fires: {
        series: { [`prometheus_rule_evaluation_failures_total{${PROMETHEUS},rule_group="host"}`]: rising(1) },
        labels: { ...IN_PROMETHEUS, rule_group: "host" },
        value: "5",
      },
      silent: { [`prometheus_rule_evaluation_failures_total{${PROMETHEUS},rule_group="host"}`]: flat(3) },
    },
    {
      name: "PrometheusNotConnectedToAlertmanager",
      expr: "prometheus_notifications_alertmanagers_discovered < 1",
      for: "5m",
      severity: "critical",
      summary: "Prometheus of {{ $labels.system }} has nobody to tell",
      description: "It knows no Alertmanager.",
      impact: "No alert is sent; they are only seen on its page.",
      actions: ["See whether Alertmanager runs: `groundwork status`."],
      source: "https://github.com/prometheus/prometheus/tree/main/documentation/prometheus-mixin",
      fires: {
        series: { [`prometheus_notifications_alertmanagers_discovered{${PROMETHEUS}}`]: flat(0) },
        labels: IN_PROMETHEUS,
      },
      silent: { [`prometheus_notifications_alertmanagers_discovered{${PROMETHEUS}}`]: flat(1) },
    },
    {
      name: "AlertmanagerNotificationsFailing",
      expr: "rate(alertmanager_notifications_failed_total[5m]) > 0",
      for: "5m",
      severity: "critical",
      summary: "Alerts of {{ $labels.system }} do not reach {{ $labels.integration }}",
      description: "{{ $value | humanize }} notifications a second fail.",
      impact: "Nobody hears of the other alerts.",
      actions: ["Read Alertmanager's log: address, password or certificate of the receiver."],
      source: "https://github.com/prometheus/alertmanager/tree/main/doc/alertmanager-mixin",
      fires: {
        series: { [`alertmanager_notifications_failed_total{${ALERTMANAGER},integration="slack"}`]: rising(60) },
        labels: { system: "s", part: "alertmanager", instance: "a", integration: "slack" },
        value: "1",
      },
      silent: { [`alertmanager_notifications_failed_total{${ALERTMANAGER},integration="slack"}`]: flat(2) },
    },
  ],
};
