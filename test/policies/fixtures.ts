import type { Fake } from "./harness.ts";

const SIZE = { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } };

export const container: Fake = {
  type: "docker:index/container:Container",
  name: "api",
  props: { name: "shop-api", image: "shop/api:1", memory: 1024, cpus: "1.5" },
};

export const service: Fake = {
  type: "docker:index/service:Service",
  name: "chat",
  props: {
    name: "chat",
    taskSpec: { containerSpec: { image: "chat:1" }, resources: { limits: { nanoCpus: 1e9, memoryBytes: 2 ** 30 } } },
  },
};

export const pod: Fake = {
  type: "kubernetes:core/v1:Pod",
  name: "once",
  props: { metadata: { name: "once" }, spec: { containers: [{ name: "main", image: "x", resources: SIZE }] } },
};

export const cronJob: Fake = {
  type: "kubernetes:batch/v1:CronJob",
  name: "nightly",
  props: {
    metadata: { name: "nightly" },
    spec: {
      jobTemplate: { spec: { template: { spec: { containers: [{ name: "main", image: "x", resources: SIZE }] } } } },
    },
  },
};

const CLUSTER: readonly Fake[] = [
  { type: "aws:eks/cluster:Cluster", name: "main", props: { name: "main" } },
  {
    type: "aws:eks/nodeGroup:NodeGroup",
    name: "general",
    props: {
      clusterName: "main",
      nodeGroupName: "general",
      instanceTypes: ["m7g.xlarge"],
      scalingConfig: { minSize: 2, desiredSize: 2, maxSize: 4 },
    },
    from: { clusterName: ["main"] },
  },
  // the kubeconfig is not known before the cluster exists
  {
    type: "pulumi:providers:kubernetes",
    name: "k8s",
    props: { kubeconfig: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" },
    from: { kubeconfig: ["main"] },
  },
];

/** A cluster of its own with one namespace in it, every object in order. In preview the engine knows none of their outputs. */
export const environment: readonly Fake[] = [
  ...CLUSTER,
  inside("kubernetes:core/v1:Namespace", "shop", { metadata: { name: "shop" } }),
  inside("kubernetes:core/v1:ResourceQuota", "quota", {
    metadata: { name: "quota", namespace: "shop" },
    spec: {
      hard: { "requests.cpu": "8", "requests.memory": "16Gi", "limits.cpu": "16", "limits.memory": "32Gi", pods: "20" },
    },
  }),
  inside("kubernetes:core/v1:LimitRange", "defaults", {
    metadata: { name: "defaults", namespace: "shop" },
    spec: {
      limits: [
        { type: "Container", default: { cpu: "1", memory: "512Mi" }, defaultRequest: { cpu: "100m", memory: "256Mi" } },
      ],
    },
  }),
  inside("kubernetes:apps/v1:Deployment", "web", {
    metadata: { name: "web", namespace: "shop" },
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: {
        metadata: { labels: { app: "web", "app.kubernetes.io/part-of": "shop" } },
        spec: { containers: [{ name: "web", image: "x", resources: SIZE }] },
      },
    },
  }),
  inside("kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "web-scale", {
    metadata: { name: "web", namespace: "shop" },
    spec: {
      minReplicas: 3,
      maxReplicas: 10,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    },
  }),
  inside("kubernetes:policy/v1:PodDisruptionBudget", "web-budget", {
    metadata: { name: "web", namespace: "shop" },
    spec: { minAvailable: 2, selector: { matchLabels: { app: "web" } } },
  }),
];

function inside(type: string, name: string, props: Record<string, unknown>): Fake {
  return { type, name, props, provider: "k8s", outputs: {} };
}

/** The same environment with one field changed: `web/spec/replicas`. */
export function changed(path: string, value: unknown, base: readonly Fake[] = environment): readonly Fake[] {
  const [name = "", ...keys] = path.split("/");
  return base.map((resource) => (resource.name === name ? set(resource, keys, value) : resource));
}

function set(resource: Fake, keys: readonly string[], value: unknown): Fake {
  const copy = structuredClone(resource);
  const [last = "", ...inner] = keys.toReversed();
  const holder = inner
    .reverse()
    .reduce<Record<string, unknown>>((object, key) => object[key] as Record<string, unknown>, copy.props);
  if (value === undefined) Reflect.deleteProperty(holder, last);
  else holder[last] = value;
  return copy;
}

export function without(name: string): readonly Fake[] {
  return environment.filter((resource) => resource.name !== name);
}
