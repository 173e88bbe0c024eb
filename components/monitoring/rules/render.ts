import { stringify } from "yaml";
import type { AlertRule, RuleGroup } from "./rule.ts";
import { SAMPLES } from "./rule.ts";

/** Where the runbook pages are read: the address of `docs/runbooks` in the team's own forge. */
export interface RunbookAddress {
  readonly base: string;
}

/** The page of an alert. */
export function runbookUrl(alert: Pick<AlertRule, "name">, { base }: RunbookAddress): string {
  return `${base.replace(/\/+$/, "")}/${alert.name}.md`;
}

/** The rule file that Prometheus loads. https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
export function renderRules(groups: readonly RuleGroup[], runbooks: RunbookAddress): string {
  return stringify({ groups: groups.map((group) => ruleGroup(group, runbooks)) }, { lineWidth: 0 });
}

/** One group as Prometheus reads it. */
export function ruleGroup({ name, recordings, alerts }: RuleGroup, runbooks: RunbookAddress) {
  return { name, rules: [...recordings, ...alerts.map((alert) => renderAlert(alert, name, runbooks))] };
}

function renderAlert(alert: AlertRule, subject: string, runbooks: RunbookAddress) {
  const { name, expr, severity, summary, description } = alert;
  return {
    alert: name,
    expr,
    for: alert.for,
    labels: { severity, subject },
    annotations: { summary, description, runbook_url: runbookUrl(alert, runbooks) },
  };
}

/**
 * The promtool file of a group: for each alert a case that fires, with the very words that people will read, and one that
 * stays silent. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/
 */
export function renderRuleTests(group: RuleGroup, ruleFile: string, runbooks: RunbookAddress): string {
  const tests = group.alerts.flatMap((alert) => [
    testCase(alert, `${alert.name} fires`, alert.fires.series, [expected(alert, group.name, runbooks)]),
    testCase(alert, `${alert.name} stays silent`, alert.silent, []),
  ]);
  return stringify({ rule_files: [ruleFile], evaluation_interval: shortestStep(group), tests }, { lineWidth: 0 });
}

/** Cases over days need no evaluation each minute. All steps are minutes or hours. */
function shortestStep({ alerts }: RuleGroup): string {
  const minutes = alerts.map(({ step = "1m" }) => parseInt(step) * (step.endsWith("h") ? 60 : 1));
  return `${Math.min(...minutes)}m`;
}

function testCase({ name, step = "1m" }: AlertRule, title: string, series: object, alerts: readonly object[]) {
  return {
    name: title,
    interval: step,
    input_series: Object.entries(series).map(([key, values]: [string, unknown]) => ({ series: key, values })),
    alert_rule_test: [{ eval_time: times(step, SAMPLES), alertname: name, exp_alerts: alerts }],
  };
}

/** `30m` times 60 is `1800m`. */
function times(duration: string, factor: number): string {
  return duration.replace(/^\d+/, (amount) => String(Number(amount) * factor));
}

function expected(alert: AlertRule, subject: string, runbooks: RunbookAddress) {
  const filled = (text: string): string => fill(text, alert.fires);
  return {
    exp_labels: { ...alert.fires.labels, severity: alert.severity, subject },
    exp_annotations: {
      summary: filled(alert.summary),
      description: filled(alert.description),
      runbook_url: runbookUrl(alert, runbooks),
    },
  };
}

function fill(template: string, { labels, value = "" }: AlertRule["fires"]): string {
  return template
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, label: string) => labels[label] ?? "")
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, value);
}
