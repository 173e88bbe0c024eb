/** `critical` wakes someone, `warning` is looked at in working hours, `info` is for the dashboards. */
export type Severity = "critical" | "warning" | "info";

/** Series by name and labels, each with its samples in promtool's notation. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series */
export type Series = Readonly<Record<string, string>>;

/** An alert, with what makes it fire and what does not beside it: both are given to `promtool test rules`. */
export interface AlertRule {
  /** Unique over all groups, PascalCase; also the name of its runbook page. */
  readonly name: string;
  /** PromQL; every series that it returns is an alert. */
  readonly expr: string;
  /** How long it must hold, e.g. `5m`; `0m` fires at once. */
  readonly for: string;
  readonly severity: Severity;
  /** One line; may use `{{ $labels.x }}` for labels that the expression keeps. */
  readonly summary: string;
  /** What is seen, with `{{ $value | ... }}`. */
  readonly description: string;
  /** What it means for users when nobody acts. */
  readonly impact: string;
  /** What to look at and do, in this order. */
  readonly actions: readonly string[];
  /** Where the metric, the threshold or the idea comes from. */
  readonly source: string;
  readonly fires: {
    readonly series: Series;
    /** Of the alert, without severity and subject. */
    readonly labels: Readonly<Record<string, string>>;
    /** As the description shows it. */
    readonly value?: string;
  };
  /** The nearest healthy thing. */
  readonly silent: Series;
  /** Distance of two samples in the cases, of which the rule sees 60. Default `1m`. */
  readonly step?: string;
}

/** A series that is computed once and used by several alerts and dashboards. https://prometheus.io/docs/practices/rules/ */
export interface RecordingRule {
  /** `level:metric:operation`. */
  readonly record: string;
  readonly expr: string;
}

/** Rules of one subject, evaluated together. */
export interface RuleGroup {
  /** Also the label `subject` of its alerts. */
  readonly name: string;
  /** The label by which its series belong to a system: those of Kubernetes itself know the namespace only. Default `system`. */
  readonly knownBy?: "namespace";
  readonly recordings: readonly RecordingRule[];
  readonly alerts: readonly AlertRule[];
}

/** Samples that a case gives each series: enough for every window and `for` of the rules. */
export const SAMPLES = 60;

/** A gauge that stays as it is. */
export const flat = (value: number): string => `${value}x${SAMPLES}`;

/** A counter that grows by `step` from sample to sample; a negative step falls. */
export const rising = (step: number, from = 0): string => `${from}${step < 0 ? "" : "+"}${step}x${SAMPLES}`;

/** A counter that grows by `step` for 50 samples and faster by `then` for the last ten. */
export const breaking = (step: number, then: number): string => `0+${step}x50 ${step * 51}+${then}x9`;
