import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  DashboardBuilder,
  DashboardCursorSync,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { PanelBuilder as GaugeBuilder } from "@grafana/grafana-foundation-sdk/gauge";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TimeseriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { BadInput } from "@groundwork/lib/errors";
import type { DashboardSpec, PanelSpec } from "./dashboard.ts";

/** The provisioned data source that every panel asks; its uid is fixed, so that a dashboard needs no mapping. */
export const PROMETHEUS = { type: "prometheus", uid: "prometheus" } as const;

const COLUMNS = 24;
const HEIGHT = 8;

/** Grafana's own model of the dashboard. */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  check(spec);
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([...spec.tags])
    .time({ from: "now-3h", to: "now" })
    .refresh("30s")
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly();
  spec.panels.forEach((panel, index) => builder.withPanel(panelBuilder(panel, index + 1)));
  return builder.build();
}

/** The text of a provisioned dashboard file; the same data always gives the same bytes. */
export function renderDashboard(spec: DashboardSpec): string {
  return `${JSON.stringify(buildDashboard(spec), null, 2)}\n`;
}

type AnyBuilder = TimeseriesBuilder | StatBuilder | GaugeBuilder;

function panelBuilder(panel: PanelSpec, id: number): AnyBuilder {
  const builder = drawing(panel)
    .id(id)
    .title(panel.title)
    .description(panel.description)
    .datasource(PROMETHEUS)
    .unit(panel.unit)
    .span(panel.width ?? COLUMNS / 2)
    .height(HEIGHT)
    .targets(queries(panel));
  if (panel.min !== null) builder.min(panel.min ?? 0);
  if (panel.max !== undefined) builder.max(panel.max);
  builder.thresholds(thresholds(panel));
  return builder;
}

function drawing(panel: PanelSpec): AnyBuilder {
  const kind = panel.kind ?? "timeseries";
  switch (kind) {
    case "stat":
      return new StatBuilder().reduceOptions(lastValue());
    case "gauge":
      return new GaugeBuilder().reduceOptions(lastValue());
    case "timeseries":
      return timeseries(panel);
  }
}

function lastValue(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false);
}

function timeseries({ stacked = false, thresholds: given = [] }: PanelSpec): TimeseriesBuilder {
  const builder = new TimeseriesBuilder()
    .fillOpacity(stacked ? 30 : 10)
    .lineWidth(1)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(["lastNotNull", "max"]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (stacked) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (given.length > 0) {
    builder.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  return builder;
}

function thresholds({ base = "green", thresholds: given = [] }: PanelSpec): ThresholdsConfigBuilder {
  const steps = [{ value: null, color: base }, ...given.map(({ from, color }) => ({ value: from, color }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function queries({ queries: given, kind = "timeseries" }: PanelSpec): DataqueryBuilder[] {
  return given.map(({ expr, legend }, index) => {
    const query = new DataqueryBuilder()
      .refId(String.fromCharCode("A".charCodeAt(0) + index))
      .datasource(PROMETHEUS)
      .expr(expr)
      .legendFormat(legend);
    return kind === "timeseries" ? query.range() : query.instant();
  });
}

function check({ uid, panels }: DashboardSpec): void {
  if (!/^[A-Za-z0-9_-]{8,40}$/.test(uid)) {
    throw new BadInput(`dashboard: uid is ${JSON.stringify(uid)}; write 8 to 40 letters, digits, - and _.`);
  }
  for (const { title, width = COLUMNS / 2, queries: given } of panels) {
    if (!Number.isInteger(width) || width < 1 || width > COLUMNS) {
      throw new BadInput(`dashboard: ${uid}: width of "${title}" is ${width}; write 1 to ${COLUMNS} columns.`);
    }
    if (given.length === 0) throw new BadInput(`dashboard: ${uid}: "${title}" has no query; write at least one.`);
  }
}
