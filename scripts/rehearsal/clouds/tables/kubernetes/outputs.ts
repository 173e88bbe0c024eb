import { isCustomGroup } from "@groundwork/lib/expanders/expand";
import { podsOf } from "@groundwork/lib/pods";
import type { Created, Ctx, Properties } from "../../table.ts";
import { list, plain, text } from "../values.ts";
import { findObject, nameOf, namespaceOf } from "./cluster.ts";
import { quotaStatus } from "./quota.ts";
import { isNamespaced, kindOf } from "./token.ts";

function uuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    "-",
  );
}

/** What the API server adds to every object. */
function metadata(ctx: Created, token: string): Properties {
  const kind = kindOf(token);
  const before = plain(ctx.old?.properties.metadata);
  const changed = ctx.old !== undefined && JSON.stringify(ctx.old.inputs.spec) !== JSON.stringify(ctx.inputs.spec);
  const generation = typeof before.generation === "number" ? before.generation + (changed ? 1 : 0) : 1;
  return {
    name: nameOf(ctx.inputs) || ctx.name,
    ...(kind && isNamespaced(kind) && { namespace: namespaceOf(ctx.inputs, ctx.provider) }),
    uid: text(before.uid) || uuid(ctx.hex(32, "uid")),
    creationTimestamp: text(before.creationTimestamp) || new Date().toISOString().replace(/\.\d+Z$/, "Z"),
    // Only objects with a spec count their changes
    ...(ctx.inputs.spec !== undefined && { generation }),
    resourceVersion: String(
      (Number(before.resourceVersion ?? 0) || parseInt(ctx.hex(5, "version"), 16)) + (ctx.old ? 1 : 0),
    ),
    ...(kind?.kind === "Namespace" && {
      labels: { ...plain(plain(ctx.inputs.metadata).labels), "kubernetes.io/metadata.name": nameOf(ctx.inputs) },
    }),
  };
}

type Part = (ctx: Created, token: string) => Properties;

function condition(type: string, reason: string): Properties {
  return { type, status: "True", reason };
}

/** Replicas as the controller sees them: one until an autoscaler raises them. */
function replicas(ctx: Ctx, token: string): number {
  const own = podsOf(token, ctx.inputs)?.replicas ?? 1;
  const before = plain(ctx.old?.properties.status).replicas;
  const isLeft = typeof plain(ctx.inputs.spec).replicas !== "number";
  return isLeft && typeof before === "number" ? before : own;
}

const deployment: Part = (ctx, token) => {
  const count = replicas(ctx, token);
  const status = { replicas: count, updatedReplicas: count, readyReplicas: count, availableReplicas: count };
  const conditions = [
    condition("Available", "MinimumReplicasAvailable"),
    condition("Progressing", "NewReplicaSetAvailable"),
  ];
  return { spec: { replicas: count }, status: { ...status, observedGeneration: 1, conditions } };
};

const statefulSet: Part = (ctx, token) => {
  const count = replicas(ctx, token);
  const revision = `${nameOf(ctx.inputs)}-${ctx.hex(10, "revision")}`;
  const revisions = { currentRevision: revision, updateRevision: revision };
  return {
    spec: { replicas: count },
    status: {
      replicas: count,
      readyReplicas: count,
      availableReplicas: count,
      currentReplicas: count,
      updatedReplicas: count,
      ...revisions,
    },
  };
};

/** EKS gives clusters outside of 10/8 services in 10.100.0.0/16. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
function clusterIp(ctx: Created): string {
  const n = parseInt(ctx.hex(4, "clusterIP"), 16);
  return `10.100.${n >> 8}.${Math.max(1, (n & 255) % 255)}`;
}

/** A load balancer of the region that the cluster's endpoint names. */
function balancerHost(ctx: Created): string {
  const region = /\.([a-z]{2}(?:-[a-z]+)+-\d)\./.exec(ctx.place)?.[1] ?? "us-east-1";
  return `${ctx.hex(32, "balancer")}-${ctx.hex(16, "zone")}.elb.${region}.amazonaws.com`;
}

const service: Part = (ctx) => {
  const spec = plain(ctx.inputs.spec);
  const type = text(spec.type) || "ClusterIP";
  const known = plain(ctx.old?.properties.spec);
  const ip = text(spec.clusterIP) || text(known.clusterIP) || clusterIp(ctx);
  const published = type === "NodePort" || type === "LoadBalancer";
  const ports = list(spec.ports).map((each, index) => {
    const port = plain(each);
    const drawn = 30000 + (parseInt(ctx.hex(4, `nodePort/${index}`), 16) % 2768);
    return {
      ...port,
      protocol: port.protocol ?? "TCP",
      targetPort: port.targetPort ?? port.port,
      ...(published && { nodePort: port.nodePort ?? drawn }),
    };
  });
  if (type === "ExternalName") return { status: { loadBalancer: {} } };
  const addresses = { clusterIP: ip, clusterIPs: [ip], ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack" };
  const loadBalancer = type === "LoadBalancer" ? { ingress: [{ hostname: balancerHost(ctx) }] } : {};
  return {
    spec: {
      ...addresses,
      type,
      ports,
      sessionAffinity: text(spec.sessionAffinity) || "None",
      internalTrafficPolicy: "Cluster",
    },
    status: { loadBalancer },
  };
};

const secret: Part = ({ inputs }) => {
  const written = Object.entries(plain(inputs.stringData));
  const encoded = written.map(([key, value]) => [key, Buffer.from(String(value)).toString("base64")]);
  const data = { ...plain(inputs.data), ...(Object.fromEntries(encoded) as Properties) };
  return { type: text(inputs.type) || "Opaque", ...(Object.keys(data).length > 0 && { data }) };
};

const autoscaler: Part = (ctx) => {
  const spec = plain(ctx.inputs.spec);
  const target = plain(spec.scaleTargetRef);
  const token = `kubernetes:${text(target.apiVersion) || "apps/v1"}:${text(target.kind)}`;
  const found = findObject(ctx, token, namespaceOf(ctx.inputs, ctx.provider), text(target.name));
  const running = Number(plain(found?.properties.status).replicas ?? 1);
  const min = typeof spec.minReplicas === "number" ? spec.minReplicas : 1;
  const desired = Math.min(Math.max(running, min), Number(spec.maxReplicas ?? running));
  return {
    spec: { minReplicas: min },
    status: {
      currentReplicas: running,
      desiredReplicas: desired,
      conditions: [condition("AbleToScale", "ReadyForNewScale")],
    },
  };
};

const PARTS: Readonly<Record<string, Part>> = {
  CronJob: () => ({ status: {} }),
  CustomResourceDefinition: () => ({ status: { conditions: [condition("Established", "InitialNamesAccepted")] } }),
  DaemonSet: () => ({
    status: {
      currentNumberScheduled: 3,
      desiredNumberScheduled: 3,
      numberAvailable: 3,
      numberMisscheduled: 0,
      numberReady: 3,
    },
  }),
  Deployment: deployment,
  HorizontalPodAutoscaler: autoscaler,
  Ingress: (ctx) => ({ status: { loadBalancer: { ingress: [{ hostname: balancerHost(ctx) }] } } }),
  Job: () => ({ status: { succeeded: 1, conditions: [condition("Complete", "CompletionsReached")] } }),
  Namespace: () => ({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } }),
  PersistentVolume: () => ({ status: { phase: "Available" } }),
  PersistentVolumeClaim: (ctx) => ({
    spec: { volumeName: `pvc-${uuid(ctx.hex(32, "uid"))}`, volumeMode: "Filesystem" },
    status: { phase: "Bound" },
  }),
  Pod: (ctx) => ({
    status: {
      phase: "Running",
      podIP: `10.0.${parseInt(ctx.hex(2, "a"), 16)}.${parseInt(ctx.hex(2, "b"), 16)}`,
      conditions: [condition("Ready", "")],
    },
  }),
  PodDisruptionBudget: () => ({
    status: { currentHealthy: 1, desiredHealthy: 1, disruptionsAllowed: 0, expectedPods: 1, observedGeneration: 1 },
  }),
  ReplicaSet: (ctx, token) => ({
    status: {
      replicas: replicas(ctx, token),
      readyReplicas: replicas(ctx, token),
      availableReplicas: replicas(ctx, token),
    },
  }),
  ResourceQuota: (ctx) => ({ status: quotaStatus(ctx) }),
  Secret: secret,
  Service: service,
  StatefulSet: statefulSet,
};

/** The object as a read would return it, as far as it differs from what was written. */
export function outputsOf(ctx: Created, token: string): Properties {
  const kind = kindOf(token)?.kind ?? "";
  const isOwnKind = !isCustomGroup(kindOf(token)?.group ?? "");
  const own = (isOwnKind ? PARTS[kind]?.(ctx, token) : undefined) ?? {};
  return { ...own, metadata: metadata(ctx, token) };
}
