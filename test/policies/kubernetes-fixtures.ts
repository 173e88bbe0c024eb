import type { Fake } from "./harness.ts";

const LABELS = { app: "web" };

/** A container that follows every policy. */
export const hardened = {
  name: "api",
  image: "registry.example.com/shop/web:1.4.2",
  env: [
    { name: "PORT", value: "8080" },
    { name: "PGPASSWORD_FILE", value: "/run/secrets/pgpassword" },
  ],
  args: ["--level=info", "--password-file=/run/secrets/pgpassword"],
  ports: [{ name: "http", containerPort: 8080 }],
  lifecycle: { preStop: { sleep: { seconds: 10 } } },
  livenessProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 10 },
  readinessProbe: { httpGet: { path: "/ready", port: 8080 }, periodSeconds: 10 },
  startupProbe: { httpGet: { path: "/health", port: 8080 }, periodSeconds: 5 },
  resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1", memory: "512Mi" } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
  },
};

/** A pod's spec that follows every policy. */
export const podSpec = {
  serviceAccountName: "web",
  automountServiceAccountToken: false,
  priorityClassName: "shop",
  terminationGracePeriodSeconds: 40,
  securityContext: { runAsNonRoot: true, fsGroup: 1000, seccompProfile: { type: "RuntimeDefault" } },
  topologySpreadConstraints: [
    {
      topologyKey: "topology.kubernetes.io/zone",
      maxSkew: 1,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: LABELS },
    },
  ],
  containers: [hardened],
  volumes: [{ name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
};

const metadata = (name: string, more: object = {}) => ({ name, namespace: "shop", annotations: {}, ...more });
const template = { metadata: { labels: LABELS, annotations: {} }, spec: podSpec };

export const deployment: Fake = {
  type: "kubernetes:apps/v1:Deployment",
  name: "web",
  props: {
    metadata: metadata("web"),
    spec: {
      replicas: 3,
      selector: { matchLabels: LABELS },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template,
    },
  },
};

/** One object of each other kind that has a pod. */
export const workloads: readonly Fake[] = [
  { type: "kubernetes:core/v1:Pod", name: "once", props: { metadata: metadata("once"), spec: podSpec } },
  workload("apps/v1:StatefulSet", "data", { template }),
  workload("apps/v1:DaemonSet", "agent", { template }),
  workload("apps/v1:ReplicaSet", "set", { template }),
  workload("apps/v1:DeploymentPatch", "patch", { template }),
  workload("batch/v1:Job", "migration", { template }),
  workload("batch/v1:CronJob", "nightly", { jobTemplate: { spec: { template } } }),
  workload("argoproj.io/v1alpha1:Rollout", "release", { template }),
  workload("keda.sh/v1alpha1:ScaledJob", "burst", { jobTargetRef: { template } }),
];

function workload(type: string, name: string, spec: object): Fake {
  return { type: `kubernetes:${type}`, name, props: { metadata: metadata(name), spec } };
}

export const namespace: Fake = {
  type: "kubernetes:core/v1:Namespace",
  name: "shop",
  props: { metadata: { name: "shop", labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
};

/** An object of the namespace `shop`. */
export function inShop(type: string, name: string, fields: object, from: Fake["from"] = {}): Fake {
  return { type: `kubernetes:${type}`, name, props: { metadata: metadata(name), ...fields }, from };
}
