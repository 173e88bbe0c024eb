import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { WorkloadSpec } from "../workload/spec.ts";
import { largestContainer, quotaFor, within } from "./quota.ts";
import type { ContainerSize } from "./quota.ts";

/** Traffic that a workload may have, beside DNS. */
export interface Flow {
  /** The workload's name. */
  readonly workload: string;
  /** Ports on which it is reached, and from where. */
  readonly ingress: readonly Peers[];
  /** Where it may connect to, e.g. the database's subnets on 5432. */
  readonly egress: readonly Peers[];
}

export interface Peers {
  readonly cidrs: readonly string[];
  /** TCP port. */
  readonly port: number;
}

export interface SystemNamespaceArgs {
  /** The namespace's name: a DNS label. */
  readonly namespace: string;
  /** Everything that will run in it; quota and limit range follow from them. */
  readonly workloads: readonly WorkloadSpec[];
  readonly flows: readonly Flow[];
}

/**
 * A system's own namespace, in which nothing runs without limits, nothing outgrows what the system was planned for,
 * nothing runs privileged, and no packet flows that is not named. Needs the cluster's Kubernetes provider.
 */
export class SystemNamespace extends ComponentResource {
  readonly namespace: string;

  constructor(name: string, args: SystemNamespaceArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:SystemNamespace", name, {}, opts);
    this.namespace = args.namespace;
    const namespace = createNamespace(name, args.namespace, this);
    // The name as an output makes every object wait for its namespace.
    const metadata = (object: string) => ({ name: object, namespace: namespace.metadata.name });
    createQuota(name, metadata("quota"), args.workloads, this);
    createLimitRange(name, metadata("limits"), args.workloads, this);
    createPolicies(name, metadata, args.flows, this);
    this.registerOutputs({ namespace: namespace.metadata.name });
  }
}

type Metadata = kubernetes.types.input.meta.v1.ObjectMeta;

function createNamespace(name: string, namespace: string, parent: ComponentResource): kubernetes.core.v1.Namespace {
  return new kubernetes.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: namespace,
        // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
        labels: {
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
        },
      },
    },
    { parent },
  );
}

function createQuota(
  name: string,
  metadata: Metadata,
  workloads: readonly WorkloadSpec[],
  parent: ComponentResource,
): void {
  new kubernetes.core.v1.ResourceQuota(`${name}-quota`, { metadata, spec: { hard: quotaFor(workloads) } }, { parent });
}

/** What a container gets that says nothing: a debug container, an injected sidecar. */
const DEFAULT_REQUEST: ContainerSize = { cpu: "100m", memory: "128Mi" };
const DEFAULT_LIMIT: ContainerSize = { cpu: "250m", memory: "256Mi" };

function createLimitRange(
  name: string,
  metadata: Metadata,
  workloads: readonly WorkloadSpec[],
  parent: ComponentResource,
): void {
  const max = largestContainer(workloads);
  new kubernetes.core.v1.LimitRange(
    `${name}-limits`,
    {
      metadata,
      spec: {
        limits: [
          { type: "Container", defaultRequest: within(DEFAULT_REQUEST, max), default: within(DEFAULT_LIMIT, max), max },
        ],
      },
    },
    { parent },
  );
}

function createPolicies(
  name: string,
  metadata: (object: string) => Metadata,
  flows: readonly Flow[],
  parent: ComponentResource,
): void {
  const policy = (object: string, spec: kubernetes.types.input.networking.v1.NetworkPolicySpec) =>
    new kubernetes.networking.v1.NetworkPolicy(`${name}-${object}`, { metadata: metadata(object), spec }, { parent });
  policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  policy("dns", { podSelector: {}, policyTypes: ["Egress"], egress: [DNS] });
  for (const flow of flows) {
    if (flow.ingress.length + flow.egress.length === 0) continue;
    policy(`${flow.workload}-flows`, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": flow.workload } },
      policyTypes: [...(flow.ingress.length > 0 ? ["Ingress"] : []), ...(flow.egress.length > 0 ? ["Egress"] : [])],
      ...(flow.ingress.length > 0
        ? { ingress: flow.ingress.map((peers) => ({ from: blocks(peers), ports: ports(peers) })) }
        : {}),
      ...(flow.egress.length > 0
        ? { egress: flow.egress.map((peers) => ({ to: blocks(peers), ports: ports(peers) })) }
        : {}),
    });
  }
}

/** CoreDNS carries the label of its predecessor. https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/ */
const DNS: kubernetes.types.input.networking.v1.NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

function blocks({ cidrs }: Peers): { ipBlock: { cidr: string } }[] {
  return cidrs.map((cidr) => ({ ipBlock: { cidr } }));
}

function ports({ port }: Peers): { protocol: string; port: number }[] {
  return [{ protocol: "TCP", port }];
}
