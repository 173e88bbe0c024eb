import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { architectureOf } from "@groundwork/lib/instance-choice";
import { allocatable, instanceType } from "@groundwork/lib/instances";
import { ApiError, type Client, type KubernetesObject, isMissing } from "./client.ts";

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** A node that should be there. */
export interface WantedNode {
  readonly name: string;
  /** The managed node group or Karpenter node pool that it belongs to. */
  readonly owner: { readonly kind: "node group" | "node pool"; readonly name: string };
  readonly instanceType: string;
  readonly zone: string;
  readonly region: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

/** Which group or pool a node belongs to: EKS's and Karpenter's own labels. https://karpenter.sh/docs/concepts/scheduling/#labels */
const OWNER_LABELS = { "node group": "eks.amazonaws.com/nodegroup", "node pool": "karpenter.sh/nodepool" } as const;

/** `ip-10-0-12-34.us-west-2.compute.internal`, the same for the same node each time. */
export function nodeName(region: string, ...parts: readonly (string | number)[]): string {
  const [a = 0, b = 0] = createHash("sha256").update(parts.join("/")).digest();
  return `ip-10-0-${a}-${b}-${createHash("sha256").update(parts.join("#")).digest("hex").slice(0, 4)}.${region}.compute.internal`;
}

/** Undefined for an instance type of which it is not known what it leaves to pods. */
export function nodeObject(node: WantedNode): KubernetesObject | undefined {
  const type = instanceType(node.instanceType);
  if (type === undefined) return undefined;
  const room = allocatable(type);
  const amounts = (cpu: number, memory: number) => ({
    cpu: `${Math.round(cpu * 1000)}m`,
    memory: `${Math.floor(memory / 1024)}Ki`,
    pods: String(room.pods),
    "ephemeral-storage": "47Gi",
  });
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: node.name,
      // https://kubernetes.io/docs/reference/labels-annotations-taints/ and what EKS adds
      labels: {
        "kubernetes.io/hostname": node.name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": architectureOf(node.instanceType),
        "node.kubernetes.io/instance-type": node.instanceType,
        "topology.kubernetes.io/region": node.region,
        "topology.kubernetes.io/zone": node.zone,
        [OWNER_LABELS[node.owner.kind]]: node.owner.name,
        ...node.labels,
      },
    },
    spec: {
      providerID: `aws:///${node.zone}/i-${createHash("sha256").update(node.name).digest("hex").slice(0, 17)}`,
      ...(node.taints.length > 0 && { taints: node.taints }),
    },
    status: { capacity: amounts(type.vcpu, type.memory), allocatable: amounts(room.cpu, room.memory) },
  };
}

/** The group or pool of a node, and what it is made of. */
export function describeNode({ metadata }: KubernetesObject): {
  readonly owner: string;
  readonly instanceType: string;
  readonly zone: string;
} {
  const labels = (metadata["labels"] ?? {}) as Readonly<Record<string, string>>;
  return {
    owner: labels[OWNER_LABELS["node group"]] ?? labels[OWNER_LABELS["node pool"]] ?? "",
    instanceType: labels["node.kubernetes.io/instance-type"] ?? "",
    zone: labels["topology.kubernetes.io/zone"] ?? "",
  };
}

/** Nodes of one kind of owner, by name. */
export async function nodesOf(
  client: Client,
  kind: WantedNode["owner"]["kind"],
): Promise<ReadonlyMap<string, KubernetesObject>> {
  const nodes = await client.list("/api/v1/nodes", { labelSelector: OWNER_LABELS[kind] });
  return new Map(nodes.map((node) => [node.metadata.name, node]));
}

/** Adds what is missing and drains what is too many. */
export async function reconcileNodes(
  client: Client,
  kind: WantedNode["owner"]["kind"],
  wanted: readonly WantedNode[],
): Promise<void> {
  const there = await nodesOf(client, kind);
  const names = new Set(wanted.map(({ name }) => name));
  for (const node of wanted) if (!there.has(node.name)) await addNode(client, node);
  for (const name of there.keys()) if (!names.has(name)) await removeNode(client, name);
}

export async function addNode(client: Client, wanted: WantedNode): Promise<void> {
  const node = nodeObject(wanted);
  if (node === undefined) return;
  try {
    await client.create("/api/v1/nodes", node);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  }
}

/** A pod that a disruption budget keeps where it is, in the API server's own words. */
export interface HeldPod {
  readonly namespace: string;
  readonly name: string;
  readonly reason: string;
}

const EVICT_POLL_MS = 500;
/** A managed node group gives up after 15 minutes; here a replacement is there in seconds or never. */
const DRAIN_MS = 20_000;

/**
 * Evicts a node's pods as `kubectl drain` does: budgets are asked, DaemonSets stay.
 * @returns the pods that a budget still held when the time was over; none when the node is empty
 */
export async function drain(client: Client, node: string, timeoutMs = DRAIN_MS): Promise<readonly HeldPod[]> {
  await client.merge(`/api/v1/nodes/${node}`, { spec: { unschedulable: true } });
  const end = performance.now() + timeoutMs;
  for (;;) {
    const pods = await podsOn(client, node);
    const held = (await Promise.all(pods.map((pod) => evict(client, pod)))).filter((pod) => pod !== undefined);
    if (pods.length === 0 || (performance.now() > end && held.length > 0)) return held;
    if (performance.now() > end) return [];
    await sleep(EVICT_POLL_MS);
  }
}

async function podsOn(client: Client, node: string): Promise<readonly KubernetesObject[]> {
  const pods = await client.list("/api/v1/pods", { fieldSelector: `spec.nodeName=${node}` });
  return pods.filter(({ metadata }) => {
    const { ownerReferences = [] } = metadata as { ownerReferences?: readonly { kind: string }[] };
    return !ownerReferences.some(({ kind }) => kind === "DaemonSet");
  });
}

async function evict(client: Client, { metadata }: KubernetesObject): Promise<HeldPod | undefined> {
  const { name, namespace = "default" } = metadata;
  try {
    await client.create(`/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name, namespace },
    });
    return undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    // https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/: 429 means that a budget says no for now
    if (error instanceof ApiError && error.status === 429) {
      const [cause] = error.causes;
      return { namespace, name, reason: cause?.message ?? error.message };
    }
    throw error;
  }
}

/** Drained as far as budgets let it, then gone with all that is still on it; other pods are made anew elsewhere. */
export async function removeNode(client: Client, name: string, drainMs = DRAIN_MS): Promise<void> {
  await drain(client, name, drainMs);
  await client.call("DELETE", `/api/v1/nodes/${name}`).catch(ignoreMissing);
  // nobody is left to end them; Kubernetes itself would see to it a minute later
  for (const { metadata } of await client.list("/api/v1/pods", { fieldSelector: `spec.nodeName=${name}` })) {
    const path = `/api/v1/namespaces/${metadata.namespace ?? "default"}/pods/${metadata.name}`;
    await client.call("DELETE", path, { query: { gracePeriodSeconds: "0" } }).catch(ignoreMissing);
  }
}

export function ignoreMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}
