import type { Input } from "@pulumi/pulumi";
import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues, ServiceAccountValues } from "./common-values.ts";
import { loadBalancerStatements } from "./load-balancer-policy.ts";
import { IN_KUBE_SYSTEM } from "./common-values.ts";

/** https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.4.3/helm/aws-load-balancer-controller/values.yaml */
export interface LoadBalancerControllerValues extends PlacementValues {
  readonly clusterName: string;
  /** Told, not asked for: a pod cannot reach the node's metadata service. */
  readonly region: string;
  readonly vpcId: Input<string>;
  readonly replicaCount: number;
  readonly resources: ResourceValues;
  readonly serviceAccount: ServiceAccountValues;
  readonly podDisruptionBudget: { readonly maxUnavailable: number };
  readonly serviceMonitor: MonitorValues;
  /** Off: it would be asked about every Service of the cluster, and none could be made while it is away. */
  readonly enableServiceMutatorWebhook: false;
}

const SERVICE_ACCOUNT = "aws-load-balancer-controller";

export const awsLoadBalancerController: HelmAddon<LoadBalancerControllerValues> = {
  name: "aws-load-balancer-controller",
  why: "Balancers in front of Services and Gateways, and pods as targets of balancers that Pulumi makes",
  needs: ["eks-pod-identity-agent", "coredns"],
  after: ["prometheus-operator-crds"],
  namespace: "kube-system",
  guardedBy: IN_KUBE_SYSTEM,
  release: {
    chart: "aws-load-balancer-controller",
    repository: "https://aws.github.io/eks-charts",
    version: "3.4.3",
    source: "https://github.com/kubernetes-sigs/aws-load-balancer-controller/pull/4863",
  },
  identity: { serviceAccount: SERVICE_ACCOUNT, statements: loadBalancerStatements },
  values: (context) => ({
    ...context.placement,
    clusterName: context.clusterName,
    region: context.region,
    vpcId: context.vpcId,
    replicaCount: context.replicas,
    resources: resources("100m", "128Mi", { cpu: "500m", memory: "256Mi" }),
    serviceAccount: { create: true, name: SERVICE_ACCOUNT },
    podDisruptionBudget: { maxUnavailable: 1 },
    serviceMonitor: { enabled: isMonitored(context) },
    enableServiceMutatorWebhook: false,
  }),
};
