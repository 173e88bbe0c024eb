import type * as kubernetes from "@pulumi/kubernetes";
import type { Input, Output } from "@pulumi/pulumi";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Size } from "@groundwork/lib/quantity";
import type { WorkloadForm } from "./forms.ts";
import { readinessPath, SECRETS_FOLDER } from "./spec.ts";
import type { Autoscaling, Gpu, HealthCheck, WorkloadSpec } from "./spec.ts";

type PodSpec = kubernetes.types.input.core.v1.PodSpec;
type Container = kubernetes.types.input.core.v1.Container;
type Probe = kubernetes.types.input.core.v1.Probe;

export type Labels = Readonly<Record<string, string>>;

/**
 * A Deployment's, and an Argo Rollout's.
 * https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#pod-template-hash-label
 * https://github.com/argoproj/argo-rollouts/blob/master/pkg/apis/rollouts/v1alpha1/types.go, DefaultRolloutUniqueLabelKey
 */
export type VersionLabel = "pod-template-hash" | "rollouts-pod-template-hash";

/** What a pod is made of. */
export interface PodSource {
  readonly spec: WorkloadSpec;
  readonly image: Input<string>;
  readonly form: WorkloadForm;
  readonly labels: Labels;
  /** The label by which the controller of the pods tells one version of them from the next. */
  readonly versionLabel: VersionLabel;
  readonly serviceAccountName: Output<string>;
  /** The Secret with the files; none when the workload has no secrets. */
  readonly secretName: Output<string> | undefined;
}

/** The one label that never changes: a selector cannot be changed in place. */
export function selector(labels: Labels): Record<string, string> {
  return { "app.kubernetes.io/name": labels["app.kubernetes.io/name"] ?? "" };
}

/** Any group will do that is not root's: the secret files are readable for it. */
const FILE_GROUP = 10001;

const SCRATCH_SIZE = "256Mi";

/** The balancer needs this long to notice that a pod is going; then the server has the rest of the grace period to finish. */
const DRAIN_SECONDS = 10;
const GRACE_SECONDS = 40;

/** The pods of a workload, as the `restricted` Pod Security standard wants them. */
export function podTemplate(source: PodSource): kubernetes.types.input.core.v1.PodTemplateSpec {
  const { labels, serviceAccountName, secretName } = source;
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
      matchLabelKeys: [source.versionLabel],
    })),
    ...(source.spec.gpu ? onGpuNodes(source.spec.gpu) : bearsSpot(source.spec.replicas) && { tolerations: [ON_SPOT] }),
    containers: [container(source)],
    volumes: [
      { name: "tmp", emptyDir: { sizeLimit: SCRATCH_SIZE } },
      ...(secretName === undefined ? [] : [{ name: "secrets", secret: { secretName, defaultMode: 0o440 } }]),
    ],
  };
  return { metadata: { labels }, spec };
}

function container({ spec, image, form, secretName }: PodSource): Container {
  return {
    name: form.host,
    image,
    // a pod's `command` would replace the image's entry point; its `args` are what Docker calls command
    ...(spec.command === undefined ? {} : { args: [...spec.command] }),
    env: Object.entries(form.environment).map(([name, value]) => ({ name, value })),
    ports: form.ports.map(({ name, containerPort }) => ({ name, containerPort, protocol: "TCP" })),
    resources: {
      requests: quantities(spec.resources.requests),
      limits: { ...quantities(spec.resources.limits), ...(spec.gpu && { [GPU]: String(spec.gpu.count) }) },
    },
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
      ...(secretName === undefined ? [] : [{ name: "secrets", mountPath: SECRETS_FOLDER, readOnly: true }]),
    ],
  };
}

/** Where there are spot nodes (components/cluster/node-pools.ts), whoever goes on without one of its pods may use them. */
const ON_SPOT = { key: "groundwork/spot", operator: "Exists", effect: "NoSchedule" };

/** What keeps something is a tier, and no workload. */
function bearsSpot(replicas: number | Autoscaling): boolean {
  return (typeof replicas === "number" ? replicas : replicas.min) > 1;
}

/** The device plug-in's name of an NVIDIA GPU, which is also the taint of the nodes that have one. */
const GPU = "nvidia.com/gpu";

/** GPU nodes keep everyone else away, and are chosen by the memory that Karpenter knows of their GPUs, in MiB. https://karpenter.sh/docs/concepts/scheduling/#labels */
function onGpuNodes({ memory }: Gpu): Pick<PodSpec, "tolerations" | "affinity"> {
  const least = parseMemory(memory) / 2 ** 20;
  const matchExpressions = [
    { key: "karpenter.k8s.aws/instance-gpu-memory", operator: "Gt", values: [String(Math.ceil(least) - 1)] },
  ];
  return {
    tolerations: [{ key: GPU, operator: "Exists", effect: "NoSchedule" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
      },
    },
  };
}

function quantities({ cpu, memory }: Size): { cpu: string; memory: string } {
  return { cpu: formatCpu(parseCpu(cpu)), memory: formatMemory(parseMemory(memory)) };
}

/**
 * Until the startup probe has passed, the other two wait: so the start period is generous without a slow check later. It
 * does not ask for readiness: a pod whose database comes later than itself would be restarted for that.
 */
const STARTUP_INTERVAL = 5;

function probes(health: HealthCheck): Pick<Container, "startupProbe" | "livenessProbe" | "readinessProbe"> {
  const probe = (periodSeconds: number, failureThreshold: number, path = health.path): Probe => ({
    httpGet: { path, port: health.port },
    periodSeconds,
    timeoutSeconds: health.timeout,
    failureThreshold,
  });
  return {
    startupProbe: probe(STARTUP_INTERVAL, Math.max(1, Math.ceil(health.startPeriod / STARTUP_INTERVAL))),
    livenessProbe: probe(health.interval, health.retries),
    readinessProbe: probe(health.interval, health.retries, readinessPath(health)),
  };
}
