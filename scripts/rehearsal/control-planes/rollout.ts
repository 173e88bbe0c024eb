import { setTimeout as sleep } from "node:timers/promises";
import { type Api, named } from "./api.ts";
import type { KubernetesObject } from "./client.ts";

/** What a controller has written about an object. */
interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
  readonly availableReplicas?: number;
  readonly currentRevision?: string;
  readonly updateRevision?: string;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
  readonly phase?: string;
  readonly hard?: Readonly<Record<string, string>>;
  readonly loadBalancer?: { readonly ingress?: readonly unknown[] };
  readonly conditions?: readonly Condition[];
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface Spec {
  readonly replicas?: number;
  readonly selector?: Readonly<Record<string, unknown>>;
  readonly clusterIP?: string;
  readonly type?: string;
  readonly hard?: Readonly<Record<string, string>>;
}

type Wait = (object: KubernetesObject, api: Api) => boolean | Promise<boolean>;

/**
 * What the official provider waits for, by kind.
 * https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/await-logic/ and
 * https://github.com/pulumi/pulumi-kubernetes/tree/master/provider/pkg/await
 */
const WAITS: Readonly<Record<string, Wait>> = {
  Deployment: (object) => {
    const { replicas = 1 } = specOf(object);
    const status = statusOf(object);
    const isThrough = [status.updatedReplicas, status.replicas, status.availableReplicas].every(
      (count = 0) => count === replicas,
    );
    return isObserved(object) && isThrough;
  },
  StatefulSet: (object) => {
    const { replicas = 1 } = specOf(object);
    const { readyReplicas = 0, currentRevision, updateRevision } = statusOf(object);
    return isObserved(object) && readyReplicas === replicas && currentRevision === updateRevision;
  },
  DaemonSet: (object) => {
    const { desiredNumberScheduled = 0, updatedNumberScheduled = 0, numberAvailable = 0 } = statusOf(object);
    return (
      isObserved(object) &&
      updatedNumberScheduled === desiredNumberScheduled &&
      numberAvailable === desiredNumberScheduled
    );
  },
  Pod: (object) => isTrue(object, "Ready") || statusOf(object).phase === "Succeeded",
  Job: (object) => isTrue(object, "Complete") || isTrue(object, "SuccessCriteriaMet"),
  Service: async (object, api) => {
    const { type = "ClusterIP", selector = {}, clusterIP } = specOf(object);
    if (type === "LoadBalancer" && !hasAddress(object)) return false;
    if (type === "ExternalName" || clusterIP === "None" || Object.keys(selector).length === 0) return true;
    return hasEndpoints(object, api);
  },
  Ingress: hasAddress,
  PersistentVolumeClaim: async (object, api) =>
    statusOf(object).phase === "Bound" || (await waitsForConsumer(object, api)),
  PersistentVolume: (object) => ["Available", "Bound"].includes(statusOf(object).phase ?? ""),
  Namespace: (object) => statusOf(object).phase === "Active",
  ResourceQuota: (object) =>
    Object.keys(specOf(object).hard ?? {}).every((name) => statusOf(object).hard?.[name] !== undefined),
  CustomResourceDefinition: (object) => isTrue(object, "Established"),
  APIService: (object) => isTrue(object, "Available"),
};

/** Minutes that the official provider waits at most; the annotation below changes it for one object. Same pages. */
const PROVIDER_MINUTES: Readonly<Record<string, number>> = { Pod: 5, PersistentVolumeClaim: 5 };
const DEFAULT_MINUTES = 10;
const SKIP = "pulumi.com/skipAwait";
const TIMEOUT = "pulumi.com/timeoutSeconds";

/**
 * Nothing is pulled or started here: what has not moved for so long, while nothing else in the update moved either, will
 * not move any more.
 */
const STALLED_MS = 25_000;
/** The same for what is to go: Kubernetes looks after pods whose node is gone once a minute. */
const HELD_MS = 75_000;
/** A controller that says why it makes no pods tries again in growing intervals; quota may yet be freed meanwhile. */
const REFUSED_MS = 5_000;
const POLL_MS = 150;
const SLOW_POLL_MS = 500;
const SLOW_AFTER_MS = 5_000;

export interface Rollout {
  readonly object: KubernetesObject;
  /** Why it is not ready; absent when it is, or when nobody waits for it. */
  readonly notReady?: string;
}

/** Waits until an object is ready, as the official provider does, or until it no longer moves. */
export async function awaitReady(api: Api, applied: KubernetesObject): Promise<Rollout> {
  const wait = WAITS[applied.kind ?? ""];
  const { annotations = {} } = applied.metadata as { annotations?: Readonly<Record<string, string>> };
  if (wait === undefined || annotations[SKIP] === "true") return { object: applied };
  const seconds = Number(annotations[TIMEOUT]) || (PROVIDER_MINUTES[applied.kind ?? ""] ?? DEFAULT_MINUTES) * 60;
  const began = performance.now();
  let object = applied;
  let last = "";
  let moved = began;
  while (!(await wait(object, api))) {
    const failed = failureOf(object);
    if (failed !== undefined) return { object, notReady: `${named(object)} failed: ${failed}` };
    const now = performance.now();
    const shown = JSON.stringify(object["status"] ?? {});
    if (shown !== last) moved = now;
    last = shown;
    if (isStuck(object, now, moved, api.activity.last) || now - began > seconds * 1000) {
      return { object, notReady: await explain(api, object, Math.round((now - began) / 1000), seconds) };
    }
    await sleep(now - began > SLOW_AFTER_MS ? SLOW_POLL_MS : POLL_MS);
    object = (await api.find(object)) ?? object;
  }
  return { object };
}

/** A refusal is the object's own; what is not ready for another reason may be waiting for what is still to come. */
function isStuck(object: KubernetesObject, now: number, moved: number, othersMoved: number): boolean {
  if (isTrue(object, "ReplicaFailure")) return now - moved > REFUSED_MS;
  return now - Math.max(moved, othersMoved) > STALLED_MS;
}

async function explain(api: Api, object: KubernetesObject, waited: number, limit: number): Promise<string> {
  const reasons = await reasonsOf(api, object);
  const told = reasons.length === 0 ? "its controller says nothing" : reasons.join("; ");
  return `${named(object)} is not ready after ${waited} s, and nothing moves any more (the provider waits ${limit} s): ${told}`;
}

/** Why a workload's pods are not there or do not run, in the words of controllers and scheduler. */
export async function reasonsOf(api: Api, object: KubernetesObject): Promise<string[]> {
  const { namespace, name } = object.metadata;
  const own = (statusOf(object).conditions ?? []).filter(
    ({ type, status }) =>
      (type === "ReplicaFailure" && status === "True") || (type === "Available" && status === "False"),
  );
  const failures = own.filter(({ type }) => type === "ReplicaFailure").map(({ message = "" }) => message);
  if (namespace === undefined) return failures;
  const pods = await pendingPods(api, namespace);
  const pending = pods.filter((pod) => pod.name === name || pod.name.startsWith(`${name}-`));
  const events = failures.length > 0 ? [] : await warnings(api, namespace, name);
  const words = [...failures, ...pending.map(({ name: pod, reason }) => `pod ${pod} is pending: ${reason}`), ...events];
  return [...new Set(words)].slice(0, 3);
}

export interface PendingPod {
  readonly namespace: string;
  readonly name: string;
  /** The scheduler's own words. */
  readonly reason: string;
}

/** Pods that have no node, in a namespace or everywhere. */
export async function pendingPods(api: Api, namespace?: string): Promise<readonly PendingPod[]> {
  const path = namespace === undefined ? "/api/v1/pods" : `/api/v1/namespaces/${namespace}/pods`;
  const pods = await api.client.list(path, { fieldSelector: "status.phase=Pending" });
  return pods
    .filter((pod) => (pod["spec"] as { nodeName?: string }).nodeName === undefined)
    .map((pod) => ({
      namespace: pod.metadata.namespace ?? "",
      name: pod.metadata.name,
      reason:
        statusOf(pod).conditions?.find(({ type, status }) => type === "PodScheduled" && status === "False")?.message ??
        "not scheduled yet",
    }));
}

/** What controllers warn of: quota, limits, policy. */
async function warnings(api: Api, namespace: string, name: string): Promise<string[]> {
  const events = (await api.client.list(`/api/v1/namespaces/${namespace}/events`, {
    fieldSelector: "type=Warning",
  })) as readonly (KubernetesObject & { message?: string; involvedObject?: { name?: string } })[];
  return events
    .filter(({ involvedObject }) => involvedObject?.name === name || involvedObject?.name?.startsWith(`${name}-`))
    .map(({ message = "" }) => message)
    .filter((message) => !message.includes("nodes are available"));
}

function failureOf(object: KubernetesObject): string | undefined {
  const { conditions = [], phase } = statusOf(object);
  if (object.kind === "Job") {
    const failed = conditions.find(({ type, status }) => type === "Failed" && status === "True");
    return failed && (failed.message ?? failed.reason ?? "it failed");
  }
  return object.kind === "Pod" && phase === "Failed" ? "its containers failed" : undefined;
}

async function hasEndpoints(object: KubernetesObject, api: Api): Promise<boolean> {
  const { namespace = "default", name } = object.metadata;
  const slices = await api.client.list(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`, {
    labelSelector: `kubernetes.io/service-name=${name}`,
  });
  const endpoints = slices.flatMap((slice) => (slice["endpoints"] ?? []) as { conditions?: { ready?: boolean } }[]);
  return endpoints.some(({ conditions }) => conditions?.ready !== false);
}

/** A volume that is made when its first pod is scheduled is waited for by nobody. */
async function waitsForConsumer(object: KubernetesObject, api: Api): Promise<boolean> {
  const { storageClassName } = object["spec"] as { storageClassName?: string };
  if (storageClassName === undefined || storageClassName === "") return false;
  const storageClass = await api.find({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: storageClassName },
  });
  return storageClass?.["volumeBindingMode"] === "WaitForFirstConsumer";
}

function hasAddress(object: KubernetesObject): boolean {
  return (statusOf(object).loadBalancer?.ingress ?? []).length > 0;
}

function isTrue(object: KubernetesObject, condition: string): boolean {
  return (statusOf(object).conditions ?? []).some(({ type, status }) => type === condition && status === "True");
}

function isObserved(object: KubernetesObject): boolean {
  const { generation = 0 } = object.metadata as { generation?: number };
  return (statusOf(object).observedGeneration ?? 0) >= generation;
}

export function statusOf(object: KubernetesObject): Status {
  return object["status"] ?? {};
}

function specOf(object: KubernetesObject): Spec {
  return object["spec"] ?? {};
}

const GONE_TIMEOUT_MS = 600_000;

/** Deletes an object and waits until it is gone, or until nothing has moved for so long. */
export async function awaitGone(api: Api, object: KubernetesObject, heldMs = HELD_MS): Promise<void> {
  await api.delete(object);
  const began = performance.now();
  let last = "";
  let moved = began;
  for (;;) {
    const left = await api.find(object);
    if (left === undefined) return;
    const now = performance.now();
    const shown = JSON.stringify([left.metadata, left["status"]]);
    if (shown !== last) moved = now;
    last = shown;
    if (now - Math.max(moved, api.activity.last) > heldMs || now - began > GONE_TIMEOUT_MS) {
      const { finalizers = [] } = left.metadata as { finalizers?: string[] };
      throw new Error(
        `${named(object)} is still there ${Math.round((now - began) / 1000)} s after its deletion: ${finalizers.join(", ") || "no finalizer"} holds it`,
      );
    }
    await sleep(now - began > SLOW_AFTER_MS ? SLOW_POLL_MS : POLL_MS);
  }
}
