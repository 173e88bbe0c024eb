import type { Client, KubernetesObject } from "./client.ts";
import { isMissing } from "./client.ts";
import { ignoreMissing } from "./nodes.ts";

interface Counts {
  readonly replicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly updatedReplicas?: number;
}

const ROLLOUTS = "/apis/argoproj.io/v1alpha1";

/**
 * What Argo Rollouts does as far as others see it: the pods of a Rollout, for which a Deployment of the same name stands
 * here, are as many as the Rollout says, and it says how many there are. Versions are not run side by side.
 * https://argo-rollouts.readthedocs.io/en/stable/features/hpa-support/
 */
export async function actForArgo(client: Client): Promise<void> {
  for (const rollout of await rollouts(client)) {
    const { name, namespace = "default" } = rollout.metadata;
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    const pods = await client.get(path).catch(ignoreMissing);
    if (pods !== undefined) await follow(client, rollout, pods, path);
  }
}

async function rollouts(client: Client): Promise<readonly KubernetesObject[]> {
  try {
    return await client.glance(`${ROLLOUTS}/rollouts`);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function follow(client: Client, rollout: KubernetesObject, pods: KubernetesObject, path: string): Promise<void> {
  const {
    name,
    namespace = "default",
    generation = 1,
  } = rollout.metadata as KubernetesObject["metadata"] & {
    generation?: number;
  };
  const spec = rollout["spec"] as { readonly replicas?: number; readonly selector?: Selector };
  const own = `${ROLLOUTS}/namespaces/${namespace}/rollouts/${name}`;
  const wanted = spec.replicas ?? 1;
  // no autoscaler scales what says nothing: so does the controller. https://github.com/argoproj/argo-rollouts/issues/119
  if (spec.replicas === undefined) await client.merge(own, { spec: { replicas: wanted } }).catch(ignoreMissing);
  if ((pods["spec"] as { replicas?: number }).replicas !== wanted) {
    await client.merge(path, { spec: { replicas: wanted } }).catch(ignoreMissing);
  }
  const {
    replicas = 0,
    readyReplicas = 0,
    availableReplicas = 0,
    updatedReplicas = 0,
  } = (pods["status"] ?? {}) as Counts;
  const status = {
    replicas,
    HPAReplicas: replicas,
    readyReplicas,
    availableReplicas,
    updatedReplicas,
    observedGeneration: String(generation),
    selector: textOf(spec.selector),
    phase: availableReplicas >= wanted ? "Healthy" : "Progressing",
  };
  if (JSON.stringify(pick(rollout["status"], Object.keys(status))) === JSON.stringify(status)) return;
  await client.merge(`${own}/status`, { status }).catch(ignoreMissing);
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}

/** As an autoscaler wants it: text. */
function textOf({ matchLabels = {} }: Selector = {}): string {
  return Object.entries(matchLabels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

function pick(from: unknown, names: readonly string[]): object {
  const object = (from ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.map((name) => [name, object[name]]));
}
