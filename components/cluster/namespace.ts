import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { PlannedWorkload } from "../workload/rollout.ts";
import { createFlowPolicies } from "./flow-policies.ts";
import type { Peers, TierFlow } from "./flow-policies.ts";
import { WAYPOINT } from "./mesh-names.ts";
import { largestContainer, quotaFor, within } from "./quota.ts";
import type { ContainerSize } from "./quota.ts";

/** Traffic that a workload may have, beside DNS and, in the mesh, the mesh's own. */
export interface Flow {
  /** The workload's name. */
  readonly workload: string;
  /** Ports on which it is reached, and from where. */
  readonly ingress: readonly Peers[];
  /** Where it may connect to, e.g. the database's subnets on 5432 or another workload's pods. */
  readonly egress: readonly Peers[];
}

export interface SystemNamespaceArgs {
  /** The namespace's name: a DNS label. */
  readonly namespace: string;
  /** Everything that will run in it; quota and limit range follow from them. */
  readonly workloads: readonly PlannedWorkload[];
  readonly flows: readonly Flow[];
  /**
   * Whether the pods are in the Istio mesh (ambient mode): mutual TLS between them, on a port of the mesh's own beside the
   * named ones. Default false.
   */
  readonly mesh?: boolean;
  /** Namespace of the waypoint through which the mesh leads calls to its Services. Default: straight to the pods. */
  readonly waypoint?: string;
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
    const namespace = createNamespace(name, args, this);
    // The name as an output makes every object wait for its namespace.
    const metadata = (object: string) => ({ name: object, namespace: namespace.metadata.name });
    createQuota(name, metadata("quota"), args.workloads, this);
    createLimitRange(name, metadata("limits"), args.workloads, this);
    createFlowPolicies({
      name,
      namespace: namespace.metadata.name,
      flows: args.flows.flatMap(flowOf),
      ...(args.mesh !== undefined && { mesh: args.mesh }),
      parent: this,
    });
    this.registerOutputs({ namespace: namespace.metadata.name });
  }
}

type Metadata = kubernetes.types.input.meta.v1.ObjectMeta;

function createNamespace(
  name: string,
  { namespace, mesh = false, waypoint }: SystemNamespaceArgs,
  parent: ComponentResource,
): kubernetes.core.v1.Namespace {
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
          ...(mesh && { "istio.io/dataplane-mode": "ambient" }),
          // https://istio.io/latest/docs/ambient/usage/waypoint/#cross-namespace-waypoint-use
          ...(waypoint !== undefined && {
            "istio.io/use-waypoint": WAYPOINT,
            "istio.io/use-waypoint-namespace": waypoint,
          }),
        },
      },
    },
    { parent },
  );
}

function createQuota(
  name: string,
  metadata: Metadata,
  workloads: readonly PlannedWorkload[],
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
  workloads: readonly PlannedWorkload[],
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

/** A workload's pods by the name that they carry; one that neither is reached nor reaches anybody needs no policy. */
function flowOf({ workload, ingress, egress }: Flow): TierFlow[] {
  if (ingress.length + egress.length === 0) return [];
  return [
    {
      name: workload,
      pods: { "app.kubernetes.io/name": workload },
      ...(ingress.length > 0 && { ingress }),
      ...(egress.length > 0 && { egress }),
    },
  ];
}
