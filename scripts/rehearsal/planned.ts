import { type CustomKind, customKind } from "@groundwork/lib/crds";
import { RELEASE } from "@groundwork/lib/expanders/expand";
import { text } from "./clouds/tables/values.ts";
import { kindOf } from "./clouds/tables/kubernetes/token.ts";
import type { Step } from "./engine/index.ts";
import type { CheckFailure } from "./clouds/simulator.ts";

/** A planned Kubernetes object that the API server would refuse, found before its cluster exists. */
export interface PlannedFailure {
  readonly urn: string;
  readonly failure: CheckFailure;
}

/**
 * Custom resources of clusters that are only planned, whose add-on is not planned with them: the engine asks no provider
 * about objects of a cluster that does not exist yet, so nobody else would say it before the update.
 */
export function missingAddons(steps: readonly Step[]): PlannedFailure[] {
  const planned = steps.filter((step) => step.new !== undefined);
  const releases = Map.groupBy(
    planned.filter(({ type }) => type === RELEASE),
    ({ provider = "" }) => provider,
  );
  return planned.flatMap(({ urn, type, provider = "" }) => {
    const kind = customKindOf(type);
    const charts = (releases.get(provider) ?? []).map((step) => text(step.new?.inputs["chart"]).split("/").at(-1));
    if (kind === undefined || charts.includes(kind.chart)) return [];
    const reason = `no matches for kind "${kind.kind}" in version "${kind.group}/${kind.version}": install the add-on ${kind.addon} (chart ${kind.chart}) in this cluster first`;
    return [{ urn, failure: { path: "kind", reason } }];
  });
}

function customKindOf(type: string): CustomKind | undefined {
  const { group = "", version = "", kind = "" } = kindOf(type) ?? {};
  return customKind(`${group}/${version}`, kind);
}
