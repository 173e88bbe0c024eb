import { createHash } from "node:crypto";
import type { ExpandedWorkload, Expansion } from "@groundwork/lib/expanders/expansion";
import { type Amounts, type PodContainer } from "@groundwork/lib/pods";
import type { Api } from "./api.ts";
import { collection } from "./api.ts";
import type { KubernetesObject } from "./client.ts";
import { awaitGone, awaitReady } from "./rollout.ts";

/** Which resource of the program an object is made for. */
const OWNER = "groundwork.rehearsal/owner";
/** Kinds that stand for what a release hides, by API version. */
const KINDS = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["batch/v1", "Job"],
  ["batch/v1", "CronJob"],
  ["v1", "Service"],
  ["v1", "PersistentVolumeClaim"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
] as const;

/**
 * Makes the workloads, claims and services that a release, a managed add-on or a custom resource would make, so that
 * they count against quota, policy and nodes. What an earlier version of it made and this one does not goes away.
 * @returns why one of them is not ready, where `isAwaited`
 */
export async function applyHidden(
  api: Api,
  urn: string,
  expansion: Expansion,
  isAwaited: boolean,
): Promise<string | undefined> {
  const objects = objectsOf(urn, expansion);
  const applied = await Promise.all(objects.map((object) => api.apply(object)));
  const kept = new Set(objects.map(keyOf));
  for (const object of await hiddenObjects(api, urn)) if (!kept.has(keyOf(object))) await awaitGone(api, object);
  if (!isAwaited) return undefined;
  const rollouts = await Promise.all(
    applied.filter(({ kind }) => kind !== "Service").map((one) => awaitReady(api, one)),
  );
  return rollouts.find(({ notReady }) => notReady !== undefined)?.notReady;
}

/** Makes an object that goes away with the resource of the program for which it is made. */
export async function applyOwned(api: Api, urn: string, object: KubernetesObject): Promise<void> {
  const { labels = {}, ...metadata } = object.metadata as KubernetesObject["metadata"] & { labels?: object };
  await api.apply({ ...object, metadata: { ...metadata, labels: { ...labels, [OWNER]: ownerOf(urn) } } });
}

export async function removeHidden(api: Api, urn: string): Promise<void> {
  await Promise.all((await hiddenObjects(api, urn)).map((object) => awaitGone(api, object)));
}

async function hiddenObjects(api: Api, urn: string): Promise<readonly KubernetesObject[]> {
  const lists = await Promise.all(
    KINDS.map(async ([apiVersion, kind]) => {
      const { plural } = await api.kind(apiVersion, kind);
      const path = collection({ apiVersion, kind, plural, namespaced: false }, undefined);
      const found = await api.client.list(path, { labelSelector: `${OWNER}=${ownerOf(urn)}` });
      return found.map((object) => ({ ...object, apiVersion, kind }));
    }),
  );
  return lists.flat();
}

function ownerOf(urn: string): string {
  return createHash("sha256").update(urn).digest("hex").slice(0, 20);
}

function keyOf({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind ?? ""} ${namespace ?? ""}/${name}`;
}

function objectsOf(urn: string, { workloads, claims, services = [] }: Expansion): KubernetesObject[] {
  const metadata = (namespace: string, name: string) => ({ name, namespace, labels: { [OWNER]: ownerOf(urn) } });
  return [
    ...workloads.map((workload) => workloadObject(workload, metadata(workload.namespace, workload.name))),
    ...claims.flatMap(({ namespace, name, count, bytes, storageClass }) =>
      Array.from({ length: count }, (_, index) => ({
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: metadata(namespace, count === 1 ? name : `${name}-${index}`),
        spec: {
          accessModes: ["ReadWriteOnce"],
          resources: { requests: { storage: String(bytes) } },
          ...(storageClass !== undefined && { storageClassName: storageClass }),
        },
      })),
    ),
    ...services.map(({ namespace, name, ports }) => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: metadata(namespace, name),
      spec: { ports: ports.map((port) => ({ name: `port-${port}`, port })) },
    })),
  ];
}

type Metadata = KubernetesObject["metadata"];

function workloadObject(workload: ExpandedWorkload, metadata: Metadata): KubernetesObject {
  const { kind, pods } = workload;
  const own = { app: metadata.name, [OWNER]: (metadata["labels"] as Record<string, string>)[OWNER] ?? "" };
  const template = { metadata: { labels: { ...workload.labels, ...own } }, spec: podSpec(workload) };
  const selector = { matchLabels: own };
  const replicas = pods.replicas ?? 1;
  switch (kind) {
    case "Deployment":
      return { apiVersion: "apps/v1", kind, metadata, spec: { replicas, selector, template } };
    case "StatefulSet":
      return {
        apiVersion: "apps/v1",
        kind,
        metadata,
        spec: { replicas, selector, template, serviceName: metadata.name, podManagementPolicy: "Parallel" },
      };
    case "DaemonSet":
      return { apiVersion: "apps/v1", kind, metadata, spec: { selector, template } };
    case "Job":
      return { apiVersion: "batch/v1", kind, metadata, spec: { template: onceOnly(template) } };
    case "CronJob":
      return {
        apiVersion: "batch/v1",
        kind,
        metadata,
        // when it runs is not known to the expander, and does not matter to what it may hold
        spec: { schedule: "0 3 * * *", jobTemplate: { spec: { template: onceOnly(template) } } },
      };
  }
}

function onceOnly<T extends { readonly spec: object }>(template: T): T {
  return { ...template, spec: { ...template.spec, restartPolicy: "Never" } };
}

/**
 * Images and what containers do in them are unknown here and run nowhere. The security settings are the strictest: what
 * a chart's pods really ask for is not the namespace's to refuse on our guess.
 */
function podSpec({ pods, nodeSelector, tolerations, priorityClassName, kind }: ExpandedWorkload) {
  const main = pods.containers.filter((container) => container.kind === "container");
  const first = pods.containers.filter((container) => container.kind !== "container");
  return {
    containers: main.map(containerOf),
    ...(first.length > 0 && { initContainers: first.map(containerOf) }),
    securityContext: { runAsNonRoot: true, runAsUser: 65_534, seccompProfile: { type: "RuntimeDefault" } },
    ...(nodeSelector && { nodeSelector }),
    // a DaemonSet of a chart runs on each node unless its values say otherwise
    tolerations: tolerations ?? (kind === "DaemonSet" ? [{ operator: "Exists" }] : []),
    ...(priorityClassName !== undefined && { priorityClassName }),
  };
}

function containerOf({ name, image, requests, limits, kind }: PodContainer) {
  return {
    name,
    image: image === "" ? "registry.invalid/unknown" : image,
    resources: { requests: quantities(requests), limits: quantities(limits) },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    ...(kind === "sidecar" && { restartPolicy: "Always" }),
  };
}

function quantities({ cpu, memory }: Amounts) {
  return {
    ...(cpu !== undefined && { cpu: `${Math.ceil(cpu * 1000)}m` }),
    ...(memory !== undefined && { memory: String(Math.ceil(memory)) }),
  };
}
