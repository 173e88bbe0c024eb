import { createStorageClass } from "./storage-class.ts";
import type { ManagedAddon } from "./addon.ts";
import { resources } from "./context.ts";

/**
 * What EKS installs and keeps, pinned, so that a node pool does not change its network because a month went by. These are
 * what EKS resolved for 1.36; `aws eks describe-addon-versions --kubernetes-version 1.36` lists newer ones.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
 */
export const MANAGED_ADDONS: readonly ManagedAddon[] = [
  {
    name: "eks-pod-identity-agent",
    why: "Gives pods the AWS role of their service account",
    needs: [],
    namespace: "kube-system",
    managed: {
      addonName: "eks-pod-identity-agent",
      version: "v1.3.10-eksbuild.3",
      configuration: () => ({ resources: resources("10m", "32Mi", { cpu: "100m", memory: "64Mi" }) }),
      before: "nodes",
    },
  },
  {
    name: "vpc-cni",
    why: "Addresses of pods in the VPC, and network policies that are enforced",
    needs: ["eks-pod-identity-agent"],
    namespace: "kube-system",
    managed: {
      addonName: "vpc-cni",
      version: "v1.22.4-eksbuild.3",
      // Without it NetworkPolicies are accepted and ignored. https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
      configuration: () => ({
        enableNetworkPolicy: "true",
        init: { resources: resources("25m", "32Mi", { cpu: "250m", memory: "128Mi" }) },
        resources: resources("25m", "64Mi", { cpu: "500m", memory: "256Mi" }),
        nodeAgent: { resources: resources("25m", "64Mi", { cpu: "500m", memory: "256Mi" }) },
      }),
      before: "nodes",
    },
    identity: { serviceAccount: "aws-node", policies: ["AmazonEKS_CNI_Policy"] },
  },
  {
    name: "kube-proxy",
    why: "Services' addresses on each node",
    needs: [],
    namespace: "kube-system",
    managed: {
      addonName: "kube-proxy",
      version: "v1.36.0-eksbuild.21",
      configuration: () => ({ resources: resources("50m", "64Mi", { cpu: "500m", memory: "256Mi" }) }),
      before: "nodes",
    },
  },
  {
    name: "coredns",
    why: "Names of services",
    needs: ["vpc-cni", "kube-proxy"],
    namespace: "kube-system",
    managed: {
      addonName: "coredns",
      version: "v1.14.3-eksbuild.16",
      configuration: ({ replicas }) => ({
        replicaCount: replicas,
        resources: resources("100m", "96Mi", { cpu: "500m", memory: "192Mi" }),
      }),
      before: "workloads",
    },
  },
  {
    name: "metrics-server",
    why: "CPU and memory of pods, which autoscalers read",
    needs: ["vpc-cni", "kube-proxy"],
    namespace: "kube-system",
    managed: {
      addonName: "metrics-server",
      version: "v0.9.0-eksbuild.11",
      configuration: ({ replicas }) => ({
        replicas,
        // Of the system nodes (nodes.ts); CoreDNS and the EBS driver tolerate it by themselves.
        tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
        resources: resources("100m", "200Mi", { cpu: "500m", memory: "400Mi" }),
      }),
      before: "workloads",
    },
  },
  {
    name: "aws-ebs-csi-driver",
    why: "Volumes of stateful pods: encrypted gp3 disks by default",
    needs: ["eks-pod-identity-agent", "vpc-cni", "kube-proxy"],
    namespace: "kube-system",
    managed: {
      addonName: "aws-ebs-csi-driver",
      // EKS's own default for 1.36. https://github.com/mitodl/ol-infrastructure/pull/5959
      version: "v1.66.0-eksbuild.1",
      configuration: ({ replicas, volumeTags }) => ({
        controller: {
          replicaCount: replicas,
          // By the driver and not by a class, whose parameters cannot change: it holds for volumes made from then on.
          // https://github.com/kubernetes-sigs/aws-ebs-csi-driver/issues/2233
          ...(Object.keys(volumeTags).length > 0 && { extraVolumeTags: volumeTags }),
          resources: resources("10m", "40Mi", { cpu: "200m", memory: "256Mi" }),
        },
        node: { resources: resources("10m", "40Mi", { cpu: "200m", memory: "256Mi" }) },
      }),
      before: "workloads",
    },
    // Only volumes and snapshots that the driver itself has tagged.
    // https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonEBSCSIDriverPolicyV2.html
    identity: { serviceAccount: "ebs-csi-controller-sa", policies: ["AmazonEBSCSIDriverPolicyV2"] },
    objects: (_context, scope) => [createStorageClass(scope)],
  },
];
