import type { ManagedAddon } from "./addon.ts";

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
    managed: { addonName: "eks-pod-identity-agent", version: "v1.3.10-eksbuild.3", before: "nodes" },
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
      configuration: () => ({ enableNetworkPolicy: "true" }),
      before: "nodes",
    },
    identity: { serviceAccount: "aws-node", policies: ["AmazonEKS_CNI_Policy"] },
  },
  {
    name: "kube-proxy",
    why: "Services' addresses on each node",
    needs: [],
    namespace: "kube-system",
    managed: { addonName: "kube-proxy", version: "v1.36.0-eksbuild.21", before: "nodes" },
  },
  {
    name: "coredns",
    why: "Names of services",
    needs: ["vpc-cni", "kube-proxy"],
    namespace: "kube-system",
    managed: { addonName: "coredns", version: "v1.14.3-eksbuild.16", before: "workloads" },
  },
  {
    name: "metrics-server",
    why: "CPU and memory of pods, which autoscalers read",
    needs: ["vpc-cni", "kube-proxy"],
    namespace: "kube-system",
    managed: { addonName: "metrics-server", version: "v0.9.0-eksbuild.11", before: "workloads" },
  },
];
