import type { RuleGroup } from "./rule.ts";
import { flat } from "./rule.ts";

const DAYS = 24 * 3600;
const HOURS = 3600;

/** cert-manager's own namespace label gives way to that of the controller, which is scraped. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config */
const CERTIFICATE = 'name="web",exported_namespace="s"';
const certificate = (endsIn: number, renewalIn: number) => ({
  [`certmanager_certificate_expiration_timestamp_seconds{${CERTIFICATE}}`]: flat(endsIn),
  [`certmanager_certificate_renewal_timestamp_seconds{${CERTIFICATE}}`]: flat(renewalIn),
});

/** Certificates that cert-manager renews. https://cert-manager.io/docs/devops-tips/prometheus-metrics/ */
export const certificates: RuleGroup = {
  name: "certificates",
  recordings: [],
  alerts: [
    {
      name: "CertificateNotRenewed",
      // one of 90 days is renewed when 30 are left: only what is late by an hour is told
      expr: `certmanager_certificate_expiration_timestamp_seconds - time() < 30 * ${DAYS} and on (name, exported_namespace) time() - certmanager_certificate_renewal_timestamp_seconds > ${HOURS}`,
      for: "10m",
      severity: "critical",
      summary: "Certificate {{ $labels.exported_namespace }}/{{ $labels.name }} is not renewed",
      description: "It is valid for {{ $value | humanizeDuration }}, and its renewal is late.",
      impact: "None yet; on that day its clients refuse it.",
      actions: [
        "See what it waits for: `kubectl describe certificate,order,challenge -n <namespace>`.",
        "Read cert-manager's log; renew by hand: `cmctl renew`.",
      ],
      source: "systems.md: web-platform, critical alerts: certificate < 30 days",
      fires: {
        series: certificate(10 * DAYS + HOURS, -HOURS),
        labels: { name: "web", exported_namespace: "s" },
        value: "10d 0h 0m 0s",
      },
      silent: certificate(10 * DAYS, 2 * HOURS),
    },
    {
      name: "CertificateNotReady",
      expr: 'certmanager_certificate_ready_status{condition="False"} == 1',
      for: "15m",
      severity: "warning",
      summary: "Certificate {{ $labels.exported_namespace }}/{{ $labels.name }} was never issued, or is invalid",
      description: "cert-manager has tried for 15 min.",
      impact: "What needs it does not start, or answers with an old one.",
      actions: ["See what it waits for: `kubectl describe certificate,order,challenge -n <namespace>`."],
      source: "https://cert-manager.io/docs/devops-tips/prometheus-metrics/",
      fires: {
        series: { [`certmanager_certificate_ready_status{${CERTIFICATE},condition="False"}`]: flat(1) },
        labels: { name: "web", exported_namespace: "s", condition: "False" },
      },
      silent: { [`certmanager_certificate_ready_status{${CERTIFICATE},condition="False"}`]: flat(0) },
    },
  ],
};

/** Of the add-on velero: once a day. */
const EVERY_HOURS = 24;
const SCHEDULE = 'schedule="velero-daily"';

/** Backups of the clusters' objects. https://velero.io/docs/main/monitoring/ */
export const clusterBackups: RuleGroup = {
  name: "cluster-backups",
  recordings: [],
  alerts: [
    {
      name: "ClusterBackupTooOld",
      // velero tells of a schedule that never succeeded as of one in 1970
      expr: `time() - velero_backup_last_successful_timestamp{schedule!=""} > ${EVERY_HOURS + 2} * ${HOURS}`,
      for: "30m",
      severity: "critical",
      summary: "The cluster's backup {{ $labels.schedule }} is too old",
      description: `The last good one is {{ $value | humanizeDuration }} old; one is due every ${EVERY_HOURS} h.`,
      impact: "A lost cluster comes back as it was then.",
      actions: [
        "See why: `velero backup get`, `velero backup logs <backup>`.",
        "Make one now: `velero backup create --from-schedule velero-daily`.",
      ],
      source: "systems.md: web-platform, automated responses: verify backups",
      fires: {
        series: { [`velero_backup_last_successful_timestamp{${SCHEDULE}}`]: flat(-29 * HOURS) },
        labels: { schedule: "velero-daily" },
        value: "1d 6h 0m 0s",
      },
      silent: { [`velero_backup_last_successful_timestamp{${SCHEDULE}}`]: flat(-20 * HOURS) },
    },
  ],
};
