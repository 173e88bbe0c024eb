import type { RuleGroup } from "./rule.ts";
import { SAMPLES, flat, rising } from "./rule.ts";

const DRIFT = "systems.md: sophia, secret drift";
const CHECKER = 'system="s",part="secret-drift",instance="i"';
const IN_CHECKER = { system: "s", part: "secret-drift", instance: "i" };
const of = (name: string, labels = "") => `secret_drift_${name}{${CHECKER}${labels}}`;
/** Once a minute from the start of a case, as the checker says it. */
const lastCheck = (samples: string) => ({
  [of("last_check_timestamp_seconds")]: samples,
  [of("check_interval_seconds")]: flat(300),
});
const healings = (success: number, failure: number) => ({
  [of("healings_total", ',result="success"')]: rising(success),
  [of("healings_total", ',result="failure"')]: rising(failure),
});

/** The secret-drift checker, by the metrics that it serves: docs/secret-drift-api.md. */
export const secretDrift: RuleGroup = {
  name: "secret-drift",
  recordings: [],
  alerts: [
    {
      name: "SecretDriftFound",
      expr: "secret_drift_secrets > 0",
      for: "0m",
      severity: "critical",
      summary: "Secrets of {{ $labels.system }} differ between their stores",
      description: "{{ $value }} secrets are missing, stale or different, or should not be there.",
      impact: "The next deployment may use a wrong or revoked secret.",
      actions: [
        "See which: the checker's page, or `groundwork secrets check`.",
        "See what would mend them: `groundwork secrets heal`, which writes nothing without `--apply`.",
      ],
      source: DRIFT,
      fires: { series: { [of("secrets")]: flat(2) }, labels: IN_CHECKER, value: "2" },
      silent: { [of("secrets")]: flat(0) },
    },
    {
      name: "SecretDriftCheckLate",
      expr: "time() - secret_drift_last_check_timestamp_seconds > 3 * secret_drift_check_interval_seconds",
      for: "0m",
      severity: "critical",
      summary: "Nobody looks for secret drift in {{ $labels.system }}",
      description: "The last check is {{ $value | humanizeDuration }} old: three rounds have found nothing to compare.",
      impact: "Drift is not found within the promised hour.",
      actions: ["Read the checker's log; most often its token has ended.", "Start it again: `groundwork up`."],
      source: DRIFT,
      fires: { series: lastCheck(flat(0)), labels: IN_CHECKER, value: "1h 0m 0s" },
      // a sample is a minute, and the last check is always four minutes old
      silent: lastCheck(`-240+60x${SAMPLES}`),
    },
    {
      name: "SecretDriftRoundFailing",
      expr: "secret_drift_last_round_success == 0",
      for: "15m",
      severity: "critical",
      summary: "The secret-drift checker of {{ $labels.system }} compares nothing",
      description: "Its rounds end, and none of them could ask the source; also those since its start.",
      impact: "Drift is not found, however long it lasts.",
      actions: [
        "Ask the source by hand: `groundwork secrets check` says why it cannot be asked.",
        "Renew the checker's credential of the source, or give it back its rights.",
      ],
      source: DRIFT,
      fires: { series: { [of("last_round_success")]: flat(0) }, labels: IN_CHECKER },
      silent: { [of("last_round_success")]: flat(1) },
    },
    {
      name: "SecretDriftStoreUnasked",
      expr: "sum by (system, part, instance, store) (secret_drift_unasked_scopes) > 0",
      for: "15m",
      severity: "warning",
      summary: "{{ $labels.store }} cannot be asked for its secrets",
      description: "{{ $value }} of its scopes gave no answer in three rounds.",
      impact: "Drift in them is not found, and what was found there is not known to be mended.",
      actions: [
        "See which and why: the checker's page, or `groundwork secrets check`.",
        "Forbidden: give the checker's identity its rights back (docs/secret-drift.md). Rate limited: lengthen `monitor.everyMinutes`.",
      ],
      source: DRIFT,
      fires: {
        series: { [of("unasked_scopes", ',store="github"')]: flat(3), [of("unasked_scopes", ',store="aws"')]: flat(0) },
        labels: { ...IN_CHECKER, store: "github" },
        value: "3",
      },
      silent: { [of("unasked_scopes", ',store="github"')]: flat(0) },
    },
    {
      name: "SecretDriftApiSlow",
      expr: "secret_drift_api_latency_seconds > 2",
      for: "10m",
      severity: "warning",
      summary: "The API of {{ $labels.api }} is slow",
      description: "95 of a hundred requests take up to {{ $value | humanizeDuration }}; 2 s is the limit.",
      impact: "Checks take longer and may fail.",
      actions: ["Look at the provider's status page.", "See whether the checker is being rate limited."],
      source: DRIFT,
      fires: {
        series: { [of("api_latency_seconds", ',api="github"')]: flat(4) },
        labels: { ...IN_CHECKER, api: "github" },
        value: "4s",
      },
      silent: { [of("api_latency_seconds", ',api="github"')]: flat(0.4) },
    },
    {
      name: "SecretProposalWaiting",
      expr: "time() - secret_drift_oldest_proposal_timestamp_seconds > 24 * 3600",
      for: "0m",
      severity: "warning",
      summary: "A secret of {{ $labels.system }} waits to be mended",
      description: "What would mend it was proposed {{ $value | humanizeDuration }} ago.",
      impact: "It stays wrong until somebody decides.",
      actions: [
        "See what waits, and who may approve it: the checker's page, or `groundwork secrets heal`.",
        "Approve it with the command that is told there, or correct the mapping or the source so that it is withdrawn.",
      ],
      source: DRIFT,
      fires: {
        series: { [of("oldest_proposal_timestamp_seconds")]: flat(0) },
        labels: IN_CHECKER,
        value: "1d 6h 0m 0s",
      },
      silent: { [of("oldest_proposal_timestamp_seconds")]: `0+1800x${SAMPLES}` },
      step: "30m",
    },
    {
      name: "SecretHealingFailing",
      expr: 'sum by (system, part) (increase(secret_drift_healings_total{result="success"}[1d])) / sum by (system, part) (increase(secret_drift_healings_total[1d])) < 0.95',
      for: "15m",
      severity: "warning",
      summary: "Healing of secrets in {{ $labels.system }} often fails",
      description: "{{ $value | humanizePercentage }} of a day's healings succeed; the goal is 95 %.",
      impact: "Drift stays until somebody repairs it by hand.",
      actions: [
        "Read why: the checker's log, or `groundwork secrets heal`.",
        "See since when: `groundwork secrets history`.",
      ],
      source: DRIFT,
      fires: { series: healings(1, 1), labels: { system: "s", part: "secret-drift" }, value: "50%" },
      silent: healings(1, 0),
    },
    {
      name: "SecretExposed",
      expr: "secret_drift_exposed_secrets > 0",
      for: "0m",
      severity: "critical",
      summary: "A secret of {{ $labels.system }} stands where everyone can read it",
      description: "The exposure scan found {{ $value }}.",
      impact: "Whoever has read it can use it.",
      actions: [
        "Revoke and replace it at once; removing the text is not enough.",
        "See where: `groundwork secrets scan`.",
      ],
      source: DRIFT,
      fires: { series: { [of("exposed_secrets")]: flat(1) }, labels: IN_CHECKER, value: "1" },
      silent: { [of("exposed_secrets")]: flat(0) },
    },
  ],
};
