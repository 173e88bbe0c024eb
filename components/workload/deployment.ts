import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Size } from "@groundwork/lib/quantity";
import type { WorkloadForm, WorkloadSource } from "./forms.ts";
import { workloadForm } from "./forms.ts";
import { SURGE_PERCENT } from "./rollout.ts";
import { SECRETS_FOLDER } from "./spec.ts";
import type { Autoscaling, HealthCheck, WorkloadSpec } from "./spec.ts";

type PodSpec = kubernetes.types.input.core.v1.PodSpec;
type Container = kubernetes.types.input.core.v1.Container;
type Probe = kubernetes.types.input.core.v1.Probe;

export interface KubernetesWorkloadArgs extends WorkloadSource {
  /** The namespace, which exists already. */
  readonly namespace: Input<string>;
  /** What runs; default: the spec's own. */
  readonly image: Input<string>;
  /** The port of every node that leads here, for a workload that is exposed; none: reachable inside the cluster only. */
  readonly nodePort?: number;
}

/**
 * A workload as a Kubernetes Deployment that meets the `restricted` Pod Security standard, with its autoscaler,
 * disruption budget and service. Needs the cluster's Kubernetes provider.
 */
export class KubernetesWorkload extends ComponentResource {
  constructor(name: string, args: KubernetesWorkloadArgs, opts: ComponentResourceOptions) {
    super("groundwork:workload:KubernetesWorkload", name, {}, opts);
    const { spec, namespace } = args;
    const form = workloadForm(args);
    const labels = {
      ...form.labels,
      "app.kubernetes.io/name": form.host,
      "app.kubernetes.io/managed-by": "groundwork",
    };
    const metadata = { name: form.host, namespace, labels };
    const account = createServiceAccount(name, metadata, this);
    const secret = createSecret(name, form, { namespace, labels }, this);
    const pod = podSpec(args, form, labels, account.metadata.name, secret?.metadata.name);
    const deployment = createDeployment(name, spec, metadata, pod, this);
    if (typeof spec.replicas !== "number") createAutoscaler(name, metadata, spec.replicas, deployment, this);
    createDisruptionBudget(name, metadata, labels, this);
    if (form.ports.length > 0) createService(name, form, args.nodePort, metadata, this);
    this.registerOutputs({ deployment: deployment.metadata.name });
  }
}

type Labels = Readonly<Record<string, string>>;
type Metadata = { readonly name: string; readonly namespace: Input<string>; readonly labels: Labels };

function createServiceAccount(
  name: string,
  metadata: Metadata,
  parent: ComponentResource,
): kubernetes.core.v1.ServiceAccount {
  return new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata, automountServiceAccountToken: false },
    { parent },
  );
}

/** Named by Pulumi, so that a changed secret is a new object and the pods are rolled onto it. */
function createSecret(
  name: string,
  { secretFiles }: WorkloadForm,
  metadata: Omit<Metadata, "name">,
  parent: ComponentResource,
): kubernetes.core.v1.Secret | undefined {
  if (Object.keys(secretFiles).length === 0) return undefined;
  return new kubernetes.core.v1.Secret(
    `${name}-secrets`,
    { metadata, type: "Opaque", stringData: { ...secretFiles } },
    { parent },
  );
}

function createDeployment(
  name: string,
  spec: WorkloadSpec,
  metadata: Metadata,
  template: kubernetes.types.input.core.v1.PodTemplateSpec,
  parent: ComponentResource,
): kubernetes.apps.v1.Deployment {
  return new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata,
      spec: {
        // Where an autoscaler decides, a number here would be put back at every update.
        ...(typeof spec.replicas === "number" ? { replicas: spec.replicas } : {}),
        revisionHistoryLimit: 5,
        selector: { matchLabels: selector(metadata.labels) },
        strategy: {
          type: "RollingUpdate",
          rollingUpdate: { maxSurge: `${SURGE_PERCENT}%`, maxUnavailable: 0 },
        },
        template,
      },
    },
    { parent },
  );
}

/** The one label that never changes: a selector cannot be changed in place. */
function selector(labels: Labels): Record<string, string> {
  return { "app.kubernetes.io/name": labels["app.kubernetes.io/name"] ?? "" };
}

/** Any group will do that is not root's: the secret files are readable for it. */
const FILE_GROUP = 10001;

const SCRATCH_SIZE = "256Mi";

/** The balancer needs this long to notice that a pod is going; then the server has the rest of the grace period to finish. */
const DRAIN_SECONDS = 10;
const GRACE_SECONDS = 40;

function podSpec(
  args: KubernetesWorkloadArgs,
  form: WorkloadForm,
  labels: Labels,
  serviceAccountName: Output<string>,
  secretName: Output<string> | undefined,
): kubernetes.types.input.core.v1.PodTemplateSpec {
  const spec: PodSpec = {
    serviceAccountName,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: { runAsNonRoot: true, fsGroup: FILE_GROUP, seccompProfile: { type: "RuntimeDefault" } },
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      topologyKey,
      maxSkew: 1,
      // With a zone lost, its pods must still start somewhere.
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selector(labels) },
      matchLabelKeys: ["pod-template-hash"],
    })),
    containers: [container(args, form, secretName !== undefined)],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: SCRATCH_SIZE } },
      ...(secretName === undefined ? [] : [{ name: "secrets", secret: { secretName, defaultMode: 0o440 } }]),
    ],
  };
  return { metadata: { labels }, spec };
}

function container({ spec, image }: KubernetesWorkloadArgs, form: WorkloadForm, hasSecrets: boolean): Container {
  return {
    name: form.host,
    image,
    // a pod's `command` would replace the image's entry point; its `args` are what Docker calls command
    ...(spec.command === undefined ? {} : { args: [...spec.command] }),
    env: Object.entries(form.environment).map(([name, value]) => ({ name, value })),
    ports: form.ports.map(({ name, containerPort }) => ({ name, containerPort, protocol: "TCP" })),
    resources: { requests: quantities(spec.resources.requests), limits: quantities(spec.resources.limits) },
    ...probes(spec.health),
    lifecycle: { preStop: { sleep: { seconds: DRAIN_SECONDS } } },
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ["ALL"] },
    },
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      ...(hasSecrets ? [{ name: "secrets", mountPath: SECRETS_FOLDER, readOnly: true }] : []),
    ],
  };
}

function quantities({ cpu, memory }: Size): { cpu: string; memory: string } {
  return { cpu: formatCpu(parseCpu(cpu)), memory: formatMemory(parseMemory(memory)) };
}

/** Until the startup probe has passed, the other two wait: so the start period is generous without a slow check later. */
const STARTUP_INTERVAL = 5;

function probes(health: HealthCheck): Pick<Container, "startupProbe" | "livenessProbe" | "readinessProbe"> {
  const probe = (periodSeconds: number, failureThreshold: number): Probe => ({
    httpGet: { path: health.path, port: health.port },
    periodSeconds,
    timeoutSeconds: health.timeout,
    failureThreshold,
  });
  return {
    startupProbe: probe(STARTUP_INTERVAL, Math.max(1, Math.ceil(health.startPeriod / STARTUP_INTERVAL))),
    livenessProbe: probe(health.interval, health.retries),
    readinessProbe: probe(health.interval, health.retries),
  };
}

/** Seconds that the load must stay lower before replicas go; the API's own default, written down. */
const SCALE_DOWN_WINDOW = 300;

function createAutoscaler(
  name: string,
  metadata: Metadata,
  { min, max, cpuPercent, memoryPercent }: Autoscaling,
  deployment: kubernetes.apps.v1.Deployment,
  parent: ComponentResource,
): void {
  const metric = (resource: "cpu" | "memory", averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  new kubernetes.autoscaling.v2.HorizontalPodAutoscaler(
    `${name}-autoscaler`,
    {
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name },
        minReplicas: min,
        maxReplicas: max,
        metrics: [metric("cpu", cpuPercent), ...(memoryPercent === undefined ? [] : [metric("memory", memoryPercent)])],
        behavior: { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_WINDOW } },
      },
    },
    { parent },
  );
}

/** A share, because the number of pods changes; it rounds up, so that a drain can always go on. */
function createDisruptionBudget(name: string, metadata: Metadata, labels: Labels, parent: ComponentResource): void {
  new kubernetes.policy.v1.PodDisruptionBudget(
    `${name}-disruption`,
    {
      metadata,
      spec: {
        maxUnavailable: "25%",
        selector: { matchLabels: selector(labels) },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      },
    },
    { parent },
  );
}

function createService(
  name: string,
  { ports }: WorkloadForm,
  nodePort: number | undefined,
  metadata: Metadata,
  parent: ComponentResource,
): void {
  new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata,
      spec: {
        type: nodePort === undefined ? "ClusterIP" : "NodePort",
        selector: selector(metadata.labels),
        ports: ports.map((port, index) => ({
          name: port.name,
          port: port.containerPort,
          targetPort: port.name,
          protocol: "TCP",
          ...(nodePort !== undefined && index === 0 ? { nodePort } : {}),
        })),
      },
    },
    { parent },
  );
}
