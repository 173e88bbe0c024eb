import { FakeCloud } from "../fake-cloud.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/kubernetes.ts";

export const token = (name: string) => `kubernetes:${name}`;
export const NAMESPACE = token("core/v1:Namespace");
export const DEPLOYMENT = token("apps/v1:Deployment");
export const AUTOSCALER = token("autoscaling/v2:HorizontalPodAutoscaler");
export const QUOTA = token("core/v1:ResourceQuota");
export const LIMIT_RANGE = token("core/v1:LimitRange");
export const SECRET = token("core/v1:Secret");
export const CONFIG_MAP = token("core/v1:ConfigMap");
export const SERVICE = token("core/v1:Service");
export const SERVICE_ACCOUNT = token("core/v1:ServiceAccount");

type Object_ = Record<string, unknown>;

export const container = (rest: Object_ = {}): Object_ => ({
  name: "backend",
  image: "registry.k8s.io/pause:3.10",
  resources: { requests: { cpu: "500m", memory: "512Mi" }, limits: { cpu: "1", memory: "1Gi" } },
  ports: [{ name: "http", containerPort: 8080 }],
  ...rest,
});

export const podSpec = (one: Object_ = {}, rest: Object_ = {}): Object_ => ({ containers: [container(one)], ...rest });

/** The backend of a real environment; `spec` and `pod` override parts of it. */
export const deployment = (spec: Object_ = {}, pod: Object_ = podSpec(), name = "backend"): Object_ => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "nexus", labels: { app: name } },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: name } },
    strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: 0 } },
    template: { metadata: { labels: { app: name } }, spec: pod },
    ...spec,
  },
});

export const autoscaler = (spec: Object_ = {}): Object_ => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "backend", namespace: "nexus" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "backend" },
    minReplicas: 3,
    maxReplicas: 20,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } } }],
    ...spec,
  },
});

export const object = (kind: string, apiVersion: string, rest: Object_, name = "it"): Object_ => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "nexus" },
  ...rest,
});

export const quota = (hard: Object_): Object_ => object("ResourceQuota", "v1", { spec: { hard } }, "quota");
export const limits = (...entries: Object_[]): Object_ =>
  object("LimitRange", "v1", { spec: { limits: entries } }, "limits");

/** A cluster with the namespace `nexus`. */
export function cluster(): FakeCloud {
  const made = new FakeCloud(table, "kubernetes/https://A1.gr7.us-west-2.eks.amazonaws.com");
  made.create(NAMESPACE, { apiVersion: "v1", kind: "Namespace", metadata: { name: "nexus" } }, "nexus");
  return made;
}

export function cron(schedule = "0 3 * * *"): Object_ {
  return object("CronJob", "batch/v1", {
    spec: { schedule, jobTemplate: { spec: { template: { spec: podSpec({}, { restartPolicy: "OnFailure" }) } } } },
  });
}
export function policy(rule: Object_): Object_ {
  return object("NetworkPolicy", "networking.k8s.io/v1", {
    spec: { podSelector: {}, policyTypes: ["Ingress"], ingress: [rule] },
  });
}
export function ingress(path: Object_): Object_ {
  const backend = { service: { name: "backend", port: { name: "http" } } };
  return object("Ingress", "networking.k8s.io/v1", {
    spec: {
      rules: [{ host: "a.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend, ...path }] } }],
    },
  });
}
export function claim(accessModes: string[]): Object_ {
  return object("PersistentVolumeClaim", "v1", { spec: { accessModes, resources: { requests: { storage: "10Gi" } } } });
}
