import { CUSTOM_KINDS, type CustomKind } from "@groundwork/lib/crds";
import type { Api } from "./api.ts";
import type { KubernetesObject } from "./client.ts";
import { ignoreMissing } from "./nodes.ts";
import { awaitReady } from "./rollout.ts";

/** The custom kinds that a chart brings. */
export function kindsOf(chart: string): readonly CustomKind[] {
  const name = chart.split("/").at(-1);
  return CUSTOM_KINDS.filter((kind) => kind.chart === name);
}

/** The chart whose controller looks after objects of a custom kind. */
export function chartOf(group: string, kind: string): string | undefined {
  return CUSTOM_KINDS.find((one) => one.group === group && one.kind === kind)?.chart;
}

/**
 * What the controller of a custom kind does last: it lets the object go. Its finalizers hold it until then, and for ever
 * where the controller went first.
 */
export async function letGo(api: Api, object: KubernetesObject): Promise<void> {
  const found = await api.find(object);
  if (((found?.metadata["finalizers"] ?? []) as readonly string[]).length === 0) return;
  await api.client.merge(await api.path(object), { metadata: { finalizers: null } }).catch(ignoreMissing);
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

/** Kinds that an autoscaler may scale, with where it finds what it needs. https://github.com/argoproj/argo-rollouts/blob/master/manifests/crds/rollout-crd.yaml */
const SCALED: Readonly<Record<string, object>> = {
  "rollouts.argoproj.io": {
    specReplicasPath: ".spec.replicas",
    statusReplicasPath: ".status.HPAReplicas",
    labelSelectorPath: ".status.selector",
  },
};

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
        subresources: { status: {}, ...(SCALED[name] && { scale: SCALED[name] }) },
      })),
    },
  };
}
