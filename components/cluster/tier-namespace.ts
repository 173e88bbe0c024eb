import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { Expansion } from "@groundwork/lib/expanders/expansion";
import { effectiveLimits, effectiveRequests } from "@groundwork/lib/pods";
import type { Amounts } from "@groundwork/lib/pods";
import { formatCpu, formatMemory } from "@groundwork/lib/quantity";
import { createFlowPolicies } from "./flow-policies.ts";
import type { Peers, TierFlow } from "./flow-policies.ts";

export interface TierNamespaceArgs {
  /** The namespace's name: a DNS label. */
  readonly namespace: string;
  /** What will run in it, as its expanders say; quota and limit range follow from it. */
  readonly holds: readonly Expansion[];
  readonly flows: readonly TierFlow[];
  /** Whether the namespace refuses deletion: the tier and its volumes' claims would go with it. */
  readonly protect: boolean;
}

/**
 * The API server, object storage and the rest of AWS's APIs; the addresses of none of them are known to a policy. S3's
 * are public also where packets take a gateway endpoint. https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
 */
export const HTTPS: Peers = { cidrs: ["0.0.0.0/0"], port: 443 };
/** Where the EKS Pod Identity agent answers on each node. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
export const POD_IDENTITY: Peers = { cidrs: ["169.254.170.23/32"], port: 80 };

/**
 * A namespace of its own for a data tier that an operator runs: so the tier's pods count against their own quota and
 * not against the workloads', and the operator's rights over secrets end at its border. Needs the cluster's Kubernetes
 * provider.
 */
export class TierNamespace extends ComponentResource {
  /** The name, known once the namespace and everything that guards it are there. */
  readonly namespace: Output<string>;

  constructor(name: string, args: TierNamespaceArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:TierNamespace", name, {}, opts);
    const namespace = createNamespace(name, args, this);
    this.namespace = namespace.metadata.name;
    const metadata = (object: string) => ({ name: object, namespace: this.namespace });
    new kubernetes.core.v1.ResourceQuota(
      `${name}-quota`,
      { metadata: metadata("quota"), spec: { hard: tierQuota(args.holds) } },
      { parent: this },
    );
    new kubernetes.core.v1.LimitRange(
      `${name}-limits`,
      { metadata: metadata("limits"), spec: { limits: [DEFAULTS] } },
      { parent: this },
    );
    createFlowPolicies({ name, namespace: this.namespace, flows: args.flows, parent: this });
    this.registerOutputs({ namespace: this.namespace });
  }
}

/** What a container gets that says nothing: one that an operator adds. */
export const DEFAULTS = {
  type: "Container",
  defaultRequest: { cpu: "100m", memory: "256Mi" },
  default: { cpu: "500m", memory: "512Mi" },
};

function createNamespace(
  name: string,
  { namespace, protect }: TierNamespaceArgs,
  parent: ComponentResource,
): kubernetes.core.v1.Namespace {
  const labels = Object.fromEntries(
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
  );
  return new kubernetes.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: namespace, labels } },
    { parent, protect },
  );
}

/**
 * What the tier's pods come to, and one more of each kind: an operator starts a pod or a job (initialise, join, restore)
 * before it takes another away.
 */
export function tierQuota(holds: readonly Expansion[]): Record<string, string> {
  const workloads = holds.flatMap((expansion) => expansion.workloads);
  const most = workloads.map(({ pods }) => ({ pods, count: (pods.replicas ?? 1) + 1 }));
  const sum = (amount: (pods: (typeof most)[number]["pods"]) => number | undefined): number =>
    most.reduce((total, { pods, count }) => total + count * (amount(pods) ?? 0), 0);
  const of = (key: keyof Amounts, amounts: typeof effectiveLimits) => sum((pods) => amounts(pods)[key]);
  const claims = holds.flatMap((expansion) => expansion.claims);
  return {
    pods: String(sum(() => 1)),
    "requests.cpu": formatCpu(of("cpu", effectiveRequests)),
    "requests.memory": formatMemory(of("memory", effectiveRequests)),
    "limits.cpu": formatCpu(of("cpu", effectiveLimits)),
    "limits.memory": formatMemory(of("memory", effectiveLimits)),
    "services.nodeports": "0",
    "services.loadbalancers": "0",
    persistentvolumeclaims: String(claims.reduce((total, { count }) => total + count + 1, 0)),
  };
}
