import type { Chart, Expansion, Plain, Unexpanded } from "./expansion.ts";
import { plain, text } from "./read.ts";

/** Every chart that may be released, one line each; `charts/<name>.ts` says what pods it makes. */
export const CHARTS: readonly Chart[] = [];

/** `oci://public.ecr.aws/karpenter/karpenter` and `karpenter` are one chart. */
export function chartNamed(chart: string): Chart | undefined {
  const name = chart.split("/").at(-1);
  return CHARTS.find((known) => known.name === name);
}

/** The pods of a `kubernetes:helm.sh/v3:Release`. */
export function expandRelease(inputs: Plain): Expansion | Unexpanded {
  const reference = text(inputs.chart);
  const chart = chartNamed(reference);
  if (chart === undefined) {
    return {
      unknown: `chart ${reference || "(not known yet)"} has no expander; add lib/expanders/charts/<name>.ts and name it in lib/expanders/releases.ts`,
    };
  }
  return chart.expand({
    name: text(inputs.name),
    namespace: text(inputs.namespace, "default"),
    version: text(inputs.version),
    values: plain(inputs.values),
  });
}
