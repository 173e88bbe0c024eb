import { allocatableOf } from "@groundwork/lib/instances";
import type { Client, KubernetesObject } from "./client.ts";
import { ignoreMissing, nodesOf } from "./nodes.ts";

/** What the device plug-in calls an NVIDIA GPU. https://github.com/NVIDIA/k8s-device-plugin */
export const GPU = "nvidia.com/gpu";

/** Charts whose DaemonSet tells the kubelet of its GPUs: until then no pod gets one. */
const PLUGINS = ["nvidia-device-plugin", "gpu-operator"];

export function bringsGpus(chart: string): boolean {
  return PLUGINS.includes(chart.split("/").at(-1) ?? "");
}

/** What the device plug-in does on each node that has GPUs. */
export async function offerGpus(client: Client): Promise<void> {
  const groups = await Promise.all([nodesOf(client, "node group"), nodesOf(client, "node pool")]);
  for (const node of groups.flatMap((nodes) => [...nodes.values()])) {
    const gpus = gpusOf(node);
    if (gpus === 0 || capacityOf(node)[GPU] !== undefined) continue;
    const amount = { [GPU]: String(gpus) };
    const status = { capacity: amount, allocatable: amount };
    await client.merge(`/api/v1/nodes/${node.metadata.name}/status`, { status }).catch(ignoreMissing);
  }
}

/** Nodes are made of types that lib/instances.ts knows. */
function gpusOf({ metadata }: KubernetesObject): number {
  const labels = (metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
  return allocatableOf(labels["node.kubernetes.io/instance-type"] ?? "").gpus ?? 0;
}

function capacityOf({ status }: KubernetesObject): Readonly<Record<string, string>> {
  return ((status ?? {}) as { readonly capacity?: Readonly<Record<string, string>> }).capacity ?? {};
}
