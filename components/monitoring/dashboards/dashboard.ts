/** How a panel shows its series. */
export type PanelKind = "timeseries" | "stat" | "gauge";

/** Grafana's own unit ids. https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
export type Unit =
  "short" | "percentunit" | "s" | "bytes" | "Bps" | "reqps" | "ops" | "cps" | "wps" | "none" | "bool_on_off";

/** A query of Prometheus. */
export interface Query {
  /** PromQL; `$__rate_interval` is what Grafana fills in, at least four scrapes long. https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/#use-__rate_interval */
  readonly expr: string;
  /** Name of each series, with `{{label}}` for its labels. */
  readonly legend: string;
}

/** Values from `from` on are shown in `color`; below the first one they are green, or red where `low` is bad. */
export interface Threshold {
  readonly from: number;
  readonly color: "green" | "yellow" | "orange" | "red";
}

/** One panel, whatever draws it. */
export interface PanelSpec {
  readonly title: string;
  /** What a reader should make of it: shown behind the (i). */
  readonly description: string;
  /** Default `timeseries`. */
  readonly kind?: PanelKind;
  readonly unit: Unit;
  readonly queries: readonly Query[];
  /** Colour below the first threshold. Default green. */
  readonly base?: Threshold["color"];
  readonly thresholds?: readonly Threshold[];
  /** Series are stacked on each other, so that the height is their sum. Default false. */
  readonly stacked?: boolean;
  /** Of 24 columns. Default 12. */
  readonly width?: number;
  /** Least value of the axis. Default 0; `null` lets the data decide. */
  readonly min?: number | null;
  readonly max?: number;
}

/** A dashboard as data, shared by every target that has Prometheus and Grafana. */
export interface DashboardSpec {
  /** Unique in a Grafana and 8 to 40 letters, digits, - and _; links hold on to it. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly panels: readonly PanelSpec[];
}

/** Over what a rate is taken. */
export const WINDOW = "$__rate_interval";

/** A label matcher that holds for one system. */
export function inSystem(system: string, ...more: readonly string[]): string {
  return `{${[`system="${system}"`, ...more].join(",")}}`;
}

/** A part of a whole; 0 where nothing of the part was ever counted, which a plain division would show as no data. */
export function share(part: string, whole: string): string {
  return `(${part} or 0 * ${whole}) / ${whole}`;
}
