import { kubernetesQuantity } from "./kubernetes-quantity.ts";

/** What a container asks for or is held to; a member that is missing was not set or is not known yet. */
export interface Amounts {
  /** CPU cores. */
  readonly cpu?: number;
  /** Bytes. */
  readonly memory?: number;
}

export interface PodContainer {
  readonly name: string;
  /** Empty where it is not known yet. */
  readonly image: string;
  /** As written, without what the API server fills in: see {@link effectiveRequests}. */
  readonly requests: Amounts;
  readonly limits: Amounts;
  /** `sidecar`: an init container that goes on running (`restartPolicy: Always`). */
  readonly kind: "container" | "init" | "sidecar";
}

export interface Pods {
  /** How many; `undefined`: one for each node (DaemonSet, global Swarm service). */
  readonly replicas: number | undefined;
  /** Init containers first, in the order in which they start. */
  readonly containers: readonly PodContainer[];
  /** `spec.resources` of the pod, which goes before the sum of its containers. */
  readonly pod?: { readonly requests: Amounts; readonly limits: Amounts };
}

/** The bounds of a HorizontalPodAutoscaler and the workload that it scales. */
export interface AutoscalerRange {
  readonly min: number;
  readonly max: number;
  readonly target: { readonly kind: string; readonly name: string };
  readonly namespace: string;
}

type Plain = Readonly<Record<string, unknown>>;

/**
 * The pods or containers that a resource makes, from its type token and its inputs, in which anything may be missing.
 * `undefined` for a type that makes none.
 */
export function podsOf(type: string, inputs: Plain): Pods | undefined {
  if (type === "docker:index/container:Container") return dockerContainer(inputs);
  if (type === "docker:index/service:Service") return dockerService(inputs);
  const [, kind = ""] = /^kubernetes:(?:core|apps|batch|extensions)\/v\w+:(\w+?)(?:Patch)?$/.exec(type) ?? [];
  const spec = plain(inputs.spec);
  switch (kind) {
    case "Pod":
      return kubernetesPods(1, spec);
    case "Deployment":
    case "StatefulSet":
    case "ReplicaSet":
    case "ReplicationController":
      return kubernetesPods(count(spec.replicas, 1), plain(plain(spec.template).spec));
    case "DaemonSet":
      return kubernetesPods(undefined, plain(plain(spec.template).spec));
    case "Job":
      return jobPods(spec);
    case "CronJob":
      return jobPods(plain(plain(spec.jobTemplate).spec));
    default:
      return undefined;
  }
}

/** The range of a HorizontalPodAutoscaler's inputs; `undefined` while its maximum or target is not known. */
export function hpaRange(inputs: Plain): AutoscalerRange | undefined {
  const spec = plain(inputs.spec);
  const target = plain(spec.scaleTargetRef);
  if (typeof spec.maxReplicas !== "number" || typeof target.name !== "string") return undefined;
  return {
    min: count(spec.minReplicas, 1),
    max: spec.maxReplicas,
    target: { kind: text(target.kind), name: target.name },
    namespace: text(plain(inputs.metadata).namespace) || "default",
  };
}

/**
 * What the scheduler and a ResourceQuota count for one pod: the larger of what runs together and what its hungriest init
 * container needs. A request that is not written equals the limit.
 * https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
 */
export function effectiveRequests(pods: Pods): Amounts {
  const requested = (container: PodContainer): Amounts => ({ ...container.limits, ...container.requests });
  return { ...together(pods.containers, requested), ...pods.pod?.limits, ...pods.pod?.requests };
}

/** As {@link effectiveRequests}, for limits. A container without a limit adds nothing. */
export function effectiveLimits(pods: Pods): Amounts {
  return { ...together(pods.containers, (container) => container.limits), ...pods.pod?.limits };
}

function together(containers: readonly PodContainer[], amounts: (container: PodContainer) => Amounts): Amounts {
  const cpu = peak(containers, (container) => amounts(container).cpu);
  const memory = peak(containers, (container) => amounts(container).memory);
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

function peak(containers: readonly PodContainer[], amount: (container: PodContainer) => number | undefined) {
  if (containers.every((container) => amount(container) === undefined)) return undefined;
  let running = 0;
  let highest = 0;
  for (const container of containers) {
    const own = amount(container) ?? 0;
    highest = Math.max(highest, running + own);
    if (container.kind === "sidecar") running += own;
  }
  const main = containers.filter((container) => container.kind === "container");
  return Math.max(
    highest,
    main.reduce((sum, container) => sum + (amount(container) ?? 0), running),
  );
}

function kubernetesPods(replicas: number | undefined, pod: Plain): Pods {
  const init = list(pod.initContainers).map((container) =>
    kubernetesContainer(container, container.restartPolicy === "Always" ? "sidecar" : "init"),
  );
  const main = list(pod.containers).map((container) => kubernetesContainer(container, "container"));
  const own = plain(pod.resources);
  return {
    replicas,
    containers: [...init, ...main],
    ...(pod.resources !== undefined && { pod: { requests: quantities(own.requests), limits: quantities(own.limits) } }),
  };
}

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#controlling-parallelism */
function jobPods(spec: Plain): Pods {
  const atOnce = Math.min(count(spec.parallelism, 1), count(spec.completions, Infinity));
  return kubernetesPods(spec.suspend === true ? 0 : atOnce, plain(plain(spec.template).spec));
}

function kubernetesContainer(container: Plain, kind: PodContainer["kind"]): PodContainer {
  const resources = plain(container.resources);
  return {
    name: text(container.name),
    image: imageOf(container),
    requests: quantities(resources.requests),
    limits: quantities(resources.limits),
    kind,
  };
}

/** The provider counts memory in MiB. https://github.com/kreuzwerker/terraform-provider-docker/blob/master/docs/resources/container.md */
const MEBIBYTE = 2 ** 20;

function dockerContainer(inputs: Plain): Pods {
  const period = Number(inputs.cpuPeriod ?? 100_000);
  const share = typeof inputs.cpuQuota === "number" && inputs.cpuQuota > 0 ? inputs.cpuQuota / period : undefined;
  const container: PodContainer = {
    name: text(inputs.name),
    image: imageOf(inputs),
    requests: amounts(undefined, scaled(inputs.memoryReservation, MEBIBYTE)),
    limits: amounts(scaled(inputs.cpus, 1) ?? share, scaled(inputs.memory, MEBIBYTE)),
    kind: "container",
  };
  return { replicas: inputs.start === false ? 0 : 1, containers: [container] };
}

function dockerService(inputs: Plain): Pods {
  const task = plain(inputs.taskSpec);
  const resources = plain(task.resources);
  const size = (value: unknown) => amounts(scaled(plain(value).nanoCpus, 1e-9), scaled(plain(value).memoryBytes, 1));
  const mode = plain(inputs.mode);
  const container: PodContainer = {
    name: text(inputs.name),
    image: imageOf(plain(task.containerSpec)),
    requests: size(resources.reservation),
    limits: size(resources.limits),
    kind: "container",
  };
  const replicas = mode.global === true ? undefined : count(plain(mode.replicated).replicas, 1);
  return { replicas, containers: [container] };
}

/** In a preview, the engine's proxies throw when an image that is still to be built is read; sizes are known by then. */
function imageOf(holder: Plain): string {
  try {
    return text(holder.image);
  } catch {
    return "";
  }
}

function quantities(value: unknown): Amounts {
  return amounts(kubernetesQuantity(plain(value).cpu), kubernetesQuantity(plain(value).memory));
}

function amounts(cpu: number | undefined, memory: number | undefined): Amounts {
  return { ...(cpu !== undefined && { cpu }), ...(memory !== undefined && { memory }) };
}

/** Docker reads 0 as "no limit". */
function scaled(value: unknown, factor: number): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && number > 0 ? number * factor : undefined;
}

function count(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function plain(value: unknown): Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Plain) : {};
}

function list(value: unknown): readonly Plain[] {
  return Array.isArray(value) ? value.map(plain) : [];
}
