import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { WorkloadForm, WorkloadSource } from "./forms.ts";
import { workloadForm } from "./forms.ts";
import { podTemplate, selector } from "./pod.ts";
import type { Labels } from "./pod.ts";
import { createQueueScaling } from "./queue-scaling.ts";
import type { QueueScaling } from "./queue-scaling.ts";
import { createRelease, previewName, ROLLOUT } from "./release.ts";
import type { Release } from "./release.ts";
import { exchangesInPlace, SURGE_PERCENT } from "./rollout.ts";
import { createServiceMonitor } from "./service-monitor.ts";
import type { Autoscaling } from "./spec.ts";

export interface KubernetesWorkloadArgs extends WorkloadSource {
  /** The namespace, which exists already. */
  readonly namespace: Input<string>;
  /** What runs; default: the spec's own. */
  readonly image: Input<string>;
  /** The port of every node that leads here, for a workload that is exposed; none: reachable inside the cluster only. */
  readonly nodePort?: number;
  /** How a new version comes in, where that is not by a rolling update. Needs the add-on argo-rollouts and `prometheusUrl`. */
  readonly release?: Release;
  /** Scales by a queue in place of `spec.replicas`; `uri` is an AMQP URI with its password, a secret. Needs the add-on keda. */
  readonly queue?: QueueScaling & { readonly uri: Input<string> };
  /** Where Prometheus answers inside the cluster; its operator is told to scrape the workload. Absent: nobody watches it. */
  readonly prometheusUrl?: Input<string>;
}

/**
 * A workload as a Kubernetes Deployment, or an Argo Rollout, that meets the `restricted` Pod Security standard, with its
 * autoscaler, disruption budget, service and monitor. Needs the cluster's Kubernetes provider.
 */
export class KubernetesWorkload extends ComponentResource {
  /** Name of the Secret with its files, whose keys are the variables in lower case; none when it has no secrets. */
  readonly secretName: Output<string> | undefined;

  constructor(name: string, args: KubernetesWorkloadArgs, opts: ComponentResourceOptions) {
    refuseUnwatchedRelease(name, args);
    super("groundwork:workload:KubernetesWorkload", name, {}, opts);
    const form = workloadForm(args);
    const labels = {
      ...form.labels,
      "app.kubernetes.io/name": form.host,
      "app.kubernetes.io/managed-by": "groundwork",
    };
    const metadata = { name: form.host, namespace: args.namespace, labels };
    const secret = createSecret(name, form, { namespace: metadata.namespace, labels }, this);
    this.secretName = secret?.metadata.name;
    const template = createTemplate(name, args, form, metadata, this.secretName, this);
    const services = createServices(name, args, form, metadata, this);
    const target = createPods(name, args, metadata, template, services, this);
    createScaling(name, args, metadata, target, this);
    createDisruptionBudget(name, metadata, labels, this);
    createMonitor(name, args, form, metadata, this);
    this.registerOutputs({ [target.kind.toLowerCase()]: target.name });
  }
}

/** Rolled without being asked for, a version that answers with errors would stay. */
function refuseUnwatchedRelease(name: string, { release, prometheusUrl }: KubernetesWorkloadArgs): void {
  if (release !== undefined && prometheusUrl === undefined)
    throw new BadInput(
      `${name}: release is ${release.kind} and prometheusUrl is not set; write where Prometheus answers, which counts the errors of a new version, or leave release out.`,
    );
}

type Metadata = { readonly name: string; readonly namespace: Input<string>; readonly labels: Record<string, string> };
type Template = kubernetes.types.input.core.v1.PodTemplateSpec;

/** What an autoscaler scales. */
interface Target {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: Output<string>;
}

function createTemplate(
  name: string,
  { spec, image, release }: KubernetesWorkloadArgs,
  form: WorkloadForm,
  metadata: Metadata,
  secretName: Output<string> | undefined,
  parent: ComponentResource,
): Template {
  const { labels } = metadata;
  const account = createServiceAccount(name, metadata, parent);
  const names = { serviceAccountName: account.metadata.name, secretName };
  const versionLabel = release === undefined ? "pod-template-hash" : "rollouts-pod-template-hash";
  return podTemplate({ spec, image, form, labels, versionLabel, ...names });
}

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

function createPods(
  name: string,
  { spec, system, release, queue, prometheusUrl }: KubernetesWorkloadArgs,
  metadata: Metadata,
  template: Template,
  services: readonly Resource[],
  parent: ComponentResource,
): Target {
  // Where an autoscaler decides, a number here would be put back at every update.
  const replicas = typeof spec.replicas === "number" && queue === undefined ? { replicas: spec.replicas } : {};
  const own = { metadata, ...replicas, selector: selector(metadata.labels), template };
  if (release !== undefined && prometheusUrl !== undefined)
    return {
      ...ROLLOUT,
      name: createRelease(name, { ...own, release, system, prometheusUrl, dependsOn: services }, parent),
    };
  const deployment = createDeployment(name, { ...own, inPlace: exchangesInPlace(spec) }, parent);
  return { apiVersion: "apps/v1", kind: "Deployment", name: deployment.metadata.name };
}

interface DeploymentSource {
  readonly metadata: Metadata;
  readonly replicas?: number;
  readonly selector: Record<string, string>;
  readonly template: Template;
  /** Whether the old pod goes before the new one comes. */
  readonly inPlace: boolean;
}

function createDeployment(
  name: string,
  { metadata, selector: matchLabels, template, inPlace, ...replicas }: DeploymentSource,
  parent: ComponentResource,
): kubernetes.apps.v1.Deployment {
  const rollingUpdate = inPlace
    ? { maxSurge: 0, maxUnavailable: 1 }
    : { maxSurge: `${SURGE_PERCENT}%`, maxUnavailable: 0 };
  return new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata,
      spec: {
        ...replicas,
        revisionHistoryLimit: 5,
        selector: { matchLabels },
        strategy: { type: "RollingUpdate", rollingUpdate },
        template,
      },
    },
    { parent },
  );
}

function createScaling(
  name: string,
  { spec, queue }: KubernetesWorkloadArgs,
  metadata: Metadata,
  target: Target,
  parent: ComponentResource,
): void {
  if (queue !== undefined) createQueueScaling(name, { ...queue, metadata, target }, parent);
  else if (typeof spec.replicas !== "number") createAutoscaler(name, metadata, spec.replicas, target, parent);
}

function createMonitor(
  name: string,
  { prometheusUrl, system, spec }: KubernetesWorkloadArgs,
  { ports: [port] }: WorkloadForm,
  metadata: Metadata,
  parent: ComponentResource,
): void {
  if (prometheusUrl === undefined || port === undefined) return;
  const labels = selector(metadata.labels);
  createServiceMonitor(name, { metadata, selector: labels, port: port.name, system, part: spec.name }, parent);
}

/** Seconds that the load must stay lower before replicas go; the API's own default, written down. */
const SCALE_DOWN_WINDOW = 300;

function createAutoscaler(
  name: string,
  metadata: Metadata,
  { min, max, cpuPercent, memoryPercent }: Autoscaling,
  target: Target,
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
        scaleTargetRef: { ...target },
        minReplicas: min,
        maxReplicas: max,
        metrics: [metric("cpu", cpuPercent), ...(memoryPercent === undefined ? [] : [metric("memory", memoryPercent)])],
        behavior: { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_WINDOW } },
      },
    },
    { parent },
  );
}

/** A share, because the number of pods changes; it rounds up, so that a drain can always go on: of one replica it leaves none. */
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

/** The workload's Service and, where two versions run at a time, the one that leads to the new version alone. */
function createServices(
  name: string,
  { nodePort, release }: KubernetesWorkloadArgs,
  form: WorkloadForm,
  metadata: Metadata,
  parent: ComponentResource,
): Resource[] {
  if (form.ports.length === 0) return [];
  const isSwitched = release?.kind === "blueGreen";
  const pods = selector(metadata.labels);
  const own = createService(name, { metadata, selector: pods, form, nodePort, isSwitched }, parent);
  if (!isSwitched) return [own];
  // labels of its own, or Prometheus would find every pod twice
  const labels = { ...metadata.labels, "app.kubernetes.io/name": previewName(metadata.name) };
  const preview = { ...metadata, name: previewName(metadata.name), labels };
  return [
    own,
    createService(
      `${name}-preview`,
      { metadata: preview, selector: pods, form, nodePort: undefined, isSwitched },
      parent,
    ),
  ];
}

interface ServiceSource {
  readonly metadata: Metadata;
  readonly selector: Record<string, string>;
  readonly form: WorkloadForm;
  readonly nodePort: number | undefined;
  /** Whether Argo Rollouts leads it from one version to the next. */
  readonly isSwitched: boolean;
}

/**
 * The provider waits up to 10 minutes for a Service's pods, which come later: after databases that take longer than that,
 * and never where a Rollout waits for its Services. Their workload is what tells whether they are ready.
 * https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#pulumi-kubernetes-specific-annotations
 */
const NOT_AWAITED = { "pulumi.com/skipAwait": "true" };

function createService(
  name: string,
  { metadata, selector: pods, form, nodePort, isSwitched }: ServiceSource,
  parent: ComponentResource,
): kubernetes.core.v1.Service {
  return new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata: { ...metadata, annotations: NOT_AWAITED },
      spec: {
        type: nodePort === undefined ? "ClusterIP" : "NodePort",
        selector: pods,
        ports: form.ports.map((port, index) => ({
          name: port.name,
          port: port.containerPort,
          targetPort: port.name,
          protocol: "TCP",
          ...(nodePort !== undefined && index === 0 ? { nodePort } : {}),
        })),
      },
    },
    // the version's hash comes into the selector, which is Argo's from then on
    { parent, ...(isSwitched && { ignoreChanges: ["spec.selector"] }) },
  );
}
