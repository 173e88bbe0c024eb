import { setTimeout as sleep } from "node:timers/promises";
import type { AutoscalerReport, ControlPlaneReport, LiveReport } from "@groundwork/lib/rehearsal-report";
import { type Api, named } from "./api.ts";
import type { KubernetesObject } from "./client.ts";
import { kedaProblems, scaledObjects } from "./keda.ts";
import { describeNode } from "./nodes.ts";
import type { Region } from "./region.ts";
import { pendingPods, reasonsOf, statusOf } from "./rollout.ts";

const POLL_MS = 500;
/** An autoscaler looks every other second; a new node is there within another two. */
const PATIENCE_MS = 30_000;

/** What should be so after an update and is not: every Deployment available, every autoscaler reading its metrics. */
export async function problemsOf(regions: readonly Region[]): Promise<readonly string[]> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = (await Promise.all(running(regions).map(problemsIn))).flat();
    if (found.length === 0 || performance.now() > end) return found;
    await sleep(POLL_MS);
  }
}

async function problemsIn(region: Region): Promise<string[]> {
  await region.settled();
  const api = await region.api();
  const [deployments, sets, autoscalers] = await Promise.all([
    listed(api, "Deployment"),
    listed(api, "StatefulSet"),
    api.client.list("/apis/autoscaling/v2/horizontalpodautoscalers"),
  ]);
  const unavailable = await Promise.all(
    [...deployments.filter((one) => !isAvailable(one)), ...sets.filter((one) => !isReady(one))].map(async (object) => {
      const reasons = await reasonsOf(api, object);
      return `${region.name}: ${named(object)} is not available: ${reasons.join("; ") || "its controller says nothing"}`;
    }),
  );
  const queues = await Promise.all((await scaledObjects(api)).map((object) => kedaProblems(api, object)));
  const blind = autoscalers
    .map((object) => ({ object, condition: scalingActive(object) }))
    .filter(({ object, condition }) => condition?.status !== "True" && readsWhatIsServed(object))
    .map(
      ({ object: { metadata }, condition }) =>
        `${region.name}: HorizontalPodAutoscaler ${metadata.namespace}/${metadata.name} reads no metrics: ${condition?.message ?? "it has not looked yet"}`,
    );
  return [...unavailable, ...blind, ...queues.flat().map((problem) => `${region.name}: ${problem}`)];
}

/** Items of a list do not say what kind they are. */
async function listed({ client }: Api, kind: "Deployment" | "StatefulSet"): Promise<readonly KubernetesObject[]> {
  const found = await client.list(`/apis/apps/v1/${kind.toLowerCase()}s`);
  return found.map((object) => ({ ...object, apiVersion: "apps/v1", kind }));
}

function isReady(set: KubernetesObject): boolean {
  const { replicas = 1 } = set["spec"] as { replicas?: number };
  return (statusOf(set).readyReplicas ?? 0) >= replicas;
}

function isAvailable(deployment: KubernetesObject): boolean {
  return (statusOf(deployment).conditions ?? []).some(({ type, status }) => type === "Available" && status === "True");
}

function scalingActive(object: KubernetesObject) {
  return (statusOf(object).conditions ?? []).find(({ type }) => type === "ScalingActive");
}

interface Amount {
  readonly averageUtilization?: number;
  readonly averageValue?: string;
  readonly value?: string;
}

interface Metric {
  readonly type: string;
  readonly resource?: { readonly name: string; readonly target?: Amount; readonly current?: Amount };
  readonly external?: {
    readonly metric: { readonly name: string };
    readonly target?: Amount;
    readonly current?: Amount;
  };
}

interface AutoscalerSpec {
  readonly scaleTargetRef: { readonly name: string };
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
  readonly metrics?: readonly Metric[];
}

const SERVED = ["Resource", "ContainerResource", "External"];

/** Nothing here serves custom metrics, so an autoscaler of those is shown but not judged. */
function readsWhatIsServed(object: KubernetesObject): boolean {
  const { metrics = [] } = object["spec"] as AutoscalerSpec;
  return metrics.every(({ type }) => SERVED.includes(type));
}

export async function reportOf(
  regions: readonly Region[],
  objects: number,
  refused: ReadonlyMap<string, string>,
): Promise<LiveReport> {
  const up = running(regions);
  const [controlPlanes, pending, autoscalers] = await Promise.all([
    Promise.all(up.map(controlPlaneOf)),
    Promise.all(up.map(pendingIn)),
    Promise.all(up.map(autoscalersIn)),
  ]);
  const provisioned = up.filter((region) => region.provisioned > 0);
  return {
    controlPlanes,
    objects,
    refused: [...refused].map(([urn, reason]) => ({ urn, reason })),
    permissiveKinds: [...new Set(up.flatMap((region) => [...region.permissive]))].sort(),
    pendingPods: pending.flat(),
    autoscalers: autoscalers.flat(),
    notes: [
      ...new Set([
        ...up.flatMap((region) => [...region.notes]),
        ...provisioned.map(
          ({ name, provisioned: count }) =>
            `${name}: ${count} node(s) by a stand-in for Karpenter (requirements, limits, taints, smallest type that fits; no prices, no consolidation)`,
        ),
      ]),
    ],
  };
}

async function controlPlaneOf(region: Region): Promise<ControlPlaneReport> {
  const api = await region.api();
  const [nodes, pods, deployments, sets] = await Promise.all([
    api.client.list("/api/v1/nodes"),
    api.client.list("/api/v1/pods"),
    listed(api, "Deployment"),
    listed(api, "StatefulSet"),
  ]);
  const groups = Map.groupBy(nodes.map(describeNode), ({ owner, instanceType }) => `${owner} ${instanceType}`);
  return {
    region: region.name,
    version: region.plane.version,
    startSeconds: Math.round(region.plane.startSeconds * 10) / 10,
    memoryMiB: region.plane.memoryMiB,
    nodes: [...groups.values()].map((group) => ({
      owner: group[0]?.owner ?? "",
      instanceType: group[0]?.instanceType ?? "",
      count: group.length,
      zones: [...new Set(group.map(({ zone }) => zone))].sort(),
    })),
    pods: pods.length,
    deployments: { available: deployments.filter(isAvailable).length, total: deployments.length },
    statefulSets: { ready: sets.filter(isReady).length, total: sets.length },
  };
}

async function pendingIn(region: Region): Promise<LiveReport["pendingPods"]> {
  const pods = await pendingPods(await region.api());
  return pods.map(({ namespace, name, reason }) => ({ region: region.name, namespace, pod: name, reason }));
}

async function autoscalersIn(region: Region): Promise<AutoscalerReport[]> {
  const { client } = await region.api();
  const found = await client.list("/apis/autoscaling/v2/horizontalpodautoscalers");
  return found.map((object) => {
    const { minReplicas = 1, maxReplicas = 1, metrics = [], scaleTargetRef } = object["spec"] as AutoscalerSpec;
    const status = object["status"] as { currentReplicas?: number; currentMetrics?: readonly Metric[] } | undefined;
    return {
      region: region.name,
      namespace: object.metadata.namespace ?? "default",
      name: object.metadata.name,
      workload: scaleTargetRef.name,
      replicas: status?.currentReplicas ?? 0,
      min: minReplicas,
      max: maxReplicas,
      metrics: metrics.map((metric, index) => shown(metric, status?.currentMetrics?.[index])),
      active: scalingActive(object)?.status === "True",
    };
  });
}

function shown({ type, resource, external }: Metric, current: Metric | undefined): string {
  const name = resource?.name ?? external?.metric.name ?? type.toLowerCase();
  const target = resource?.target ?? external?.target;
  const now = current?.resource?.current ?? current?.external?.current;
  if (target === undefined) return name;
  if (target.averageUtilization !== undefined) {
    return `${name} ${now?.averageUtilization ?? "?"}% / ${target.averageUtilization}%`;
  }
  return `${name} ${now?.averageValue ?? now?.value ?? "?"} / ${target.averageValue ?? target.value ?? "?"}`;
}

function running(regions: readonly Region[]): readonly Region[] {
  return regions.filter(({ isLost }) => !isLost);
}
