import type { Input } from "@pulumi/pulumi";
import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues, ServiceAccountValues } from "./common-values.ts";
import { karpenterStatements } from "./karpenter-policy.ts";
import { IN_KUBE_SYSTEM } from "./common-values.ts";

/** https://github.com/aws/karpenter-provider-aws/blob/v1.14.0/charts/karpenter/values.yaml */
export interface KarpenterValues extends PlacementValues {
  /** Pods; one leads, the others take over. */
  readonly replicas: number;
  readonly serviceAccount: ServiceAccountValues;
  readonly serviceMonitor: MonitorValues;
  readonly podDisruptionBudget: { readonly name: string; readonly maxUnavailable: number };
  /** `Default`: the node's resolver, so that nodes can be added while CoreDNS has none to run on. */
  readonly dnsPolicy: "Default";
  readonly controller: { readonly resources: ResourceValues };
  readonly settings: {
    readonly clusterName: string;
    /** Name of the queue with EC2's warnings; empty: they are not listened to. */
    readonly interruptionQueue: Input<string>;
  };
}

const SERVICE_ACCOUNT = "karpenter";

export const karpenter: HelmAddon<KarpenterValues> = {
  name: "karpenter",
  why: "Nodes as workloads need them: the cheapest that fit, spot where allowed, none that idle",
  needs: ["eks-pod-identity-agent", "vpc-cni", "coredns"],
  after: ["prometheus-operator-crds"],
  // Where the API server's priority rules expect it. https://karpenter.sh/docs/getting-started/getting-started-with-karpenter/#preventing-apiserver-request-throttling
  namespace: "kube-system",
  guardedBy: IN_KUBE_SYSTEM,
  release: {
    chart: "oci://public.ecr.aws/karpenter/karpenter",
    version: "1.14.0",
    source: "https://github.com/entigolabs/entigo-infralib/pull/1591",
  },
  identity: { serviceAccount: SERVICE_ACCOUNT, statements: karpenterStatements },
  lacks: ({ settings }) => (settings.nodes ? undefined : "needs settings.nodes, the role that its nodes get"),
  values: (context) => ({
    ...context.placement,
    replicas: context.replicas,
    serviceAccount: { create: true, name: SERVICE_ACCOUNT },
    serviceMonitor: { enabled: isMonitored(context) },
    podDisruptionBudget: { name: "karpenter", maxUnavailable: 1 },
    dnsPolicy: "Default",
    controller: { resources: resources("250m", "512Mi", { cpu: "1", memory: "1Gi" }) },
    settings: {
      clusterName: context.clusterName,
      interruptionQueue: context.settings.nodes?.interruptionQueue?.name ?? "",
    },
  }),
};
