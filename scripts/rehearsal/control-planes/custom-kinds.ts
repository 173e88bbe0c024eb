import { CUSTOM_KINDS, type CustomKind } from "@groundwork/lib/crds";
import type { Api } from "./api.ts";
import type { KubernetesObject } from "./client.ts";
import { awaitReady } from "./rollout.ts";

/** The custom kinds that a chart brings. */
export function kindsOf(chart: string): readonly CustomKind[] {
  const name = chart.split("/").at(-1);
  return CUSTOM_KINDS.filter((kind) => kind.chart === name);
}

/**
 * Declares custom kinds without a schema, as their charts would with one: no chart repository is read here. The objects
 * are checked by their types in the program and by what the rehearsal knows of them.
 * @returns their names, `<plural>.<group>`
 */
export async function declareKinds(api: Api, kinds: readonly CustomKind[]): Promise<readonly string[]> {
  const byName = Map.groupBy(kinds, ({ plural, group }) => `${plural}.${group}`);
  const applied = await Promise.all([...byName].map(([name, versions]) => api.apply(declaration(name, versions))));
  await Promise.all(applied.map((object) => awaitReady(api, object)));
  return [...byName.keys()];
}

function declaration(name: string, versions: readonly CustomKind[]): KubernetesObject {
  const [{ group = "", kind = "", plural = "", namespaced = true } = {}] = versions;
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name,
      // groups of Kubernetes' own suffix must say who approved them: https://github.com/kubernetes/enhancements/pull/1111
      annotations: { "api-approved.kubernetes.io": "unapproved, a stand-in without a schema" },
    },
    spec: {
      group,
      scope: namespaced ? "Namespaced" : "Cluster",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: versions.map(({ version }, index) => ({
        name: version,
        served: true,
        storage: index === versions.length - 1,
        schema,
        subresources: { status: {} },
      })),
    },
  };
}
