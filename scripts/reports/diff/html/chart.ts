import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, MarkLineComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escape } from "./escape.ts";

use([BarChart, LineChart, GridComponent, MarkLineComponent, SVGRenderer]);

/**
 * Colours as ECharts can reckon with, each of which stands for one of the page's own: these differ by day and by night,
 * which a drawing that is made once cannot.
 */
export const COLOURS = {
  ink: "#000001",
  muted: "#000002",
  rule: "#000003",
  before: "#000004",
  after: "#000005",
  limit: "#000006",
  paper: "#000007",
} as const;

export const FONT = "system-ui, sans-serif";
/** Of labels, so that they can be read on a phone. */
export const FONT_SIZE = 12;

/** Widths of the drawing of which a page shows the one that fits. */
export const WIDE = 520;
export const NARROW = 330;

export interface Drawing {
  /** What a person who does not see it is told. */
  readonly label: string;
  readonly height: number;
  readonly option: (width: number) => EChartsCoreOption;
}

/** One drawing for a wide screen and one for a phone: a drawing that is merely scaled down cannot be read. */
export function bothWidths(drawing: Drawing): string {
  return [`<div class="wide">${draw(drawing, WIDE)}</div>`, `<div class="narrow">${draw(drawing, NARROW)}</div>`].join(
    "",
  );
}

/** An SVG without script and without anything from elsewhere. */
export function draw({ label, height, option }: Drawing, width: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: FONT, color: COLOURS.ink }, ...option(width) });
    return clean(chart.renderToSVGString(), label);
  } finally {
    chart.dispose();
  }
}

/** Without what only a page with a script would use, and in the page's colours. */
function clean(svg: string, label: string): string {
  const bare = svg
    .replace(/<style ?>.*?<\/style>/gs, "")
    .replace(
      / (?:class="zr[\w-]*(?: zr[\w-]*)*"|ecmeta_\w+="[^"]*"|xmlns:xlink="[^"]*"|version="1\.1"|baseProfile="full"|pointer-events="\w+")/g,
      "",
    )
    .replace(/\n+/g, "");
  const coloured = Object.entries(COLOURS).reduce(
    (text, [name, colour]) => text.replaceAll(`"${colour}"`, `"var(--${name})"`),
    bare,
  );
  return coloured.replace("<svg ", `<svg role="img" aria-label="${escape(label)}" `);
}
