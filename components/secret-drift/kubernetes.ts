import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import type { Expansion } from "@groundwork/lib/expanders/expansion";
import { formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Memory, Size } from "@groundwork/lib/quantity";
import { MONITORING_NAMESPACE, PROMETHEUS_PODS } from "../cluster/addons/network.ts";
import { podIdentity } from "../cluster/pod-identity.ts";
import { HTTPS, POD_IDENTITY, TierNamespace } from "../cluster/tier-namespace.ts";
import { partLabels } from "../workload/labels.ts";
import { createServiceMonitor } from "../workload/service-monitor.ts";
import { podSpec } from "./kubernetes-pod.ts";
import { awsStatements, secretRules } from "./rights.ts";
import type { AwsAccount } from "./rights.ts";
import type { SecretDriftSpec } from "./spec.ts";
import { credentialFiles, mappingText, PART, PORT, RESOURCES, scopesOf } from "./spec.ts";

export interface KubernetesSecretDriftCheckerArgs extends SecretDriftSpec {
  readonly image: Input<string>;
  /** Its name at AWS, whose agent gives the pod its role. */
  readonly clusterName: Input<string>;
  readonly aws: AwsAccount;
  /**
   * `deployment` stays, looks every 5 minutes and has metrics, page and alerts. `cronJob` looks as often as `schedule`
   * says and is a failed job while anything differs. Default `deployment`.
   */
  readonly runs?: "deployment" | "cronJob";
  /** Of a `cronJob`. https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax Default every 5 minutes. */
  readonly schedule?: string;
  /** Whether Prometheus asks it; needs the add-on kube-prometheus-stack. */
  readonly monitored: boolean;
  /** Of the volume; default the cluster's own class. */
  readonly storageClass?: string;
  /** For history of 30 days; default 1Gi, the least that EBS has. */
  readonly storage?: Memory;
  /** Whether the volume of the history refuses deletion. */
  readonly protect: boolean;
}

const NAMESPACE = PART;
const STORAGE: Memory = "1Gi";
const SCHEDULE = "*/5 * * * *";
/** Of a round; the next one is due by then. */
const DEADLINE_SECONDS = 240;
const KEPT_JOBS = 3;
const SELECTOR = { "app.kubernetes.io/name": PART };

/**
 * The secret-drift checker of one cluster, in a namespace of its own that lets it reach APIs by HTTPS and be asked by
 * Prometheus, and nothing else. At AWS it may read what the mapping names, by a role of its own; in each namespace that
 * the mapping names it may list the Secrets. It may write only where it heals. One pod: there is one history, on a disk
 * that one node mounts, and one healer. Needs the cluster's Kubernetes provider and the region's AWS provider.
 */
export class KubernetesSecretDriftChecker extends ComponentResource {
  readonly namespace: Output<string>;

  constructor(name: string, args: KubernetesSecretDriftCheckerArgs, opts: ComponentResourceOptions) {
    super("groundwork:secret-drift:KubernetesSecretDriftChecker", name, {}, opts);
    const place = createNamespace(name, args, this);
    this.namespace = place.namespace;
    const labels = { ...partLabels(args.system, PART), ...SELECTOR, "app.kubernetes.io/managed-by": "groundwork" };
    const metadata = { name: PART, namespace: place.namespace, labels };
    const identity = podIdentity(
      `${name}-role`,
      {
        clusterName: args.clusterName,
        namespace: NAMESPACE,
        serviceAccount: PART,
        statements: awsStatements(args.mapping, args.aws),
      },
      this,
    );
    const account = createAccount(name, metadata, this);
    const roles = createRoles(name, args, labels, this);
    const files = createFiles(name, args, metadata, this);
    createPods(name, args, { metadata, account, files, after: [identity.ready, ...roles] }, this);
    this.registerOutputs({ namespace: this.namespace });
  }
}

interface Metadata {
  readonly name: string;
  readonly namespace: Output<string>;
  readonly labels: Record<string, string>;
}

function createNamespace(name: string, args: KubernetesSecretDriftCheckerArgs, parent: Resource): TierNamespace {
  const ingress = [{ pods: { namespace: MONITORING_NAMESPACE, labels: PROMETHEUS_PODS }, port: PORT }];
  return new TierNamespace(
    `${name}-place`,
    {
      namespace: NAMESPACE,
      holds: [holds(args)],
      flows: [
        {
          name: PART,
          pods: SELECTOR,
          egress: [HTTPS, POD_IDENTITY],
          ...(args.monitored && args.runs !== "cronJob" && { ingress }),
        },
      ],
      protect: false,
    },
    { parent },
  );
}

/** What quota and limit range are made for. */
function holds({ resources = RESOURCES, storage = STORAGE }: KubernetesSecretDriftCheckerArgs): Expansion {
  const amounts = ({ cpu, memory }: Size) => ({ cpu: parseCpu(cpu), memory: parseMemory(memory) });
  const container = {
    name: PART,
    image: "",
    kind: "container" as const,
    requests: amounts(resources.requests),
    limits: amounts(resources.limits),
  };
  return {
    workloads: [
      { kind: "Deployment", namespace: NAMESPACE, name: PART, pods: { replicas: 1, containers: [container] } },
    ],
    claims: [{ namespace: NAMESPACE, name: "history", count: 1, bytes: parseMemory(storage) }],
  };
}

function createAccount(name: string, metadata: Metadata, parent: Resource): Input<string> {
  return new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata, automountServiceAccountToken: false },
    { parent },
  ).metadata.name;
}

/** In the namespaces that the mapping names, and nowhere else. */
function createRoles(
  name: string,
  { mapping }: KubernetesSecretDriftCheckerArgs,
  labels: Record<string, string>,
  parent: Resource,
): Resource[] {
  return scopesOf(mapping, "kubernetes").map((scope) => {
    const namespace = scope.slice(scope.indexOf("/") + 1);
    const metadata = { name: PART, namespace, labels };
    const role = new kubernetes.rbac.v1.Role(
      `${name}-${namespace}`,
      { metadata, rules: secretRules(mapping) },
      { parent },
    );
    return new kubernetes.rbac.v1.RoleBinding(
      `${name}-${namespace}`,
      {
        metadata,
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: PART, namespace: NAMESPACE }],
      },
      { parent },
    );
  });
}

interface Files {
  readonly mapping: Output<string>;
  /** Of what is in the mapping: a provider that changes ConfigMaps in place keeps their names. */
  readonly digest: Output<string>;
  readonly credentials: Output<string> | undefined;
  readonly claim: Output<string>;
}

/** Mapping and tokens are named by Pulumi: with new ones comes a new pod, and what it has read is never half old. */
function createFiles(
  name: string,
  args: KubernetesSecretDriftCheckerArgs,
  { namespace, labels }: Metadata,
  parent: Resource,
): Files {
  const text = mappingText(args.mapping);
  const mapping = new kubernetes.core.v1.ConfigMap(
    `${name}-mapping`,
    { metadata: { namespace, labels }, data: { "mapping.yaml": text } },
    { parent },
  );
  const tokens = credentialFiles(args);
  const credentials =
    Object.keys(tokens).length === 0
      ? undefined
      : new kubernetes.core.v1.Secret(
          `${name}-tokens`,
          { metadata: { namespace, labels }, type: "Opaque", stringData: tokens },
          { parent },
        );
  const claim = new kubernetes.core.v1.PersistentVolumeClaim(
    `${name}-history`,
    {
      // a claim is bound when its first pod comes, and that pod waits for the claim
      metadata: { name: "history", namespace, labels, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: formatMemory(parseMemory(args.storage ?? STORAGE)) } },
        ...(args.storageClass !== undefined && { storageClassName: args.storageClass }),
      },
    },
    { parent, protect: args.protect },
  );
  return {
    mapping: mapping.metadata.name,
    digest: text.apply((content) => createHash("sha256").update(content).digest("hex")),
    credentials: credentials?.metadata.name,
    claim: claim.metadata.name,
  };
}

interface Surroundings {
  readonly metadata: Metadata;
  readonly account: Input<string>;
  readonly files: Files;
  readonly after: readonly Resource[];
}

function createPods(
  name: string,
  args: KubernetesSecretDriftCheckerArgs,
  around: Surroundings,
  parent: ComponentResource,
): void {
  const { runs = "deployment" } = args;
  if (runs === "cronJob") return createCronJob(name, args, around, parent);
  createDeployment(name, args, around, parent);
  createService(name, around.metadata, parent);
  if (args.monitored)
    createServiceMonitor(
      name,
      { metadata: around.metadata, selector: SELECTOR, port: "http", system: args.system, part: PART },
      parent,
    );
}

function template(args: KubernetesSecretDriftCheckerArgs, around: Surroundings, command: "monitor" | "check") {
  const { files, account, metadata } = around;
  return {
    metadata: { labels: metadata.labels, annotations: { "checksum/mapping": files.digest } },
    spec: podSpec({ ...files, spec: args, image: args.image, command, account }),
  };
}

function createDeployment(
  name: string,
  args: KubernetesSecretDriftCheckerArgs,
  around: Surroundings,
  parent: Resource,
): void {
  new kubernetes.apps.v1.Deployment(
    `${name}-deployment`,
    {
      metadata: around.metadata,
      spec: {
        replicas: 1,
        revisionHistoryLimit: 5,
        selector: { matchLabels: SELECTOR },
        // the disk is mounted by one node at a time, and history has one writer
        strategy: { type: "Recreate" },
        template: template(args, around, "monitor"),
      },
    },
    { parent, dependsOn: [...around.after] },
  );
}

function createCronJob(
  name: string,
  args: KubernetesSecretDriftCheckerArgs,
  around: Surroundings,
  parent: Resource,
): void {
  new kubernetes.batch.v1.CronJob(
    `${name}-job`,
    {
      metadata: around.metadata,
      spec: {
        schedule: args.schedule ?? SCHEDULE,
        concurrencyPolicy: "Forbid",
        startingDeadlineSeconds: DEADLINE_SECONDS,
        successfulJobsHistoryLimit: KEPT_JOBS,
        failedJobsHistoryLimit: KEPT_JOBS,
        jobTemplate: {
          spec: {
            backoffLimit: 0,
            activeDeadlineSeconds: DEADLINE_SECONDS,
            template: template(args, around, "check"),
          },
        },
      },
    },
    { parent, dependsOn: [...around.after] },
  );
}

function createService(name: string, metadata: Metadata, parent: Resource): void {
  new kubernetes.core.v1.Service(
    `${name}-service`,
    {
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        type: "ClusterIP",
        selector: SELECTOR,
        ports: [{ name: "http", port: PORT, targetPort: "http", protocol: "TCP" }],
      },
    },
    { parent },
  );
}
