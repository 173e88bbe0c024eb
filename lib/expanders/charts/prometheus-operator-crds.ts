import { NOTHING } from "../expansion.ts";
import type { Chart } from "../expansion.ts";

export const prometheusOperatorCrds: Chart = {
  name: "prometheus-operator-crds",
  version: "31.0.1",
  source:
    "https://github.com/prometheus-community/helm-charts/blob/prometheus-operator-crds-31.0.1/charts/prometheus-operator-crds/values.yaml",
  keys: ["crds", "global"],
  expand: () => NOTHING,
};
