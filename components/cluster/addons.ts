import * as aws from "@pulumi/aws";
import type { Input, Resource } from "@pulumi/pulumi";
import { createRole } from "./iam.ts";

/**
 * Pinned, so that a node pool does not change its network because a month went by. These are what EKS resolved for 1.36;
 * `aws eks describe-addon-versions --kubernetes-version 1.36` lists newer ones.
 * https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html
 */
const ADDON_VERSIONS = {
  "vpc-cni": "v1.22.4-eksbuild.3",
  "kube-proxy": "v1.36.0-eksbuild.21",
  "eks-pod-identity-agent": "v1.3.10-eksbuild.3",
  coredns: "v1.14.3-eksbuild.16",
  "metrics-server": "v0.9.0-eksbuild.11",
} as const;

type AddonName = keyof typeof ADDON_VERSIONS;

interface Addon {
  readonly name: AddonName;
  readonly configuration?: object;
  readonly identity?: aws.types.input.eks.AddonPodIdentityAssociation;
}

/** What a node needs before it can become ready: they run on every node, so they are active before there is one. */
export function createNodeAddons(name: string, clusterName: Input<string>, parent: Resource): Resource[] {
  const { role, attachments } = createRole(
    `${name}-vpc-cni`,
    "pods.eks.amazonaws.com",
    ["AmazonEKS_CNI_Policy"],
    parent,
  );
  const agent = createAddon(name, clusterName, { name: "eks-pod-identity-agent" }, [], parent);
  const network: Addon = {
    name: "vpc-cni",
    // Without it NetworkPolicies are accepted and ignored. https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html
    configuration: { enableNetworkPolicy: "true" },
    identity: { roleArn: role.arn, serviceAccount: "aws-node" },
  };
  return [
    agent,
    createAddon(name, clusterName, network, [agent, ...attachments], parent),
    createAddon(name, clusterName, { name: "kube-proxy" }, [], parent),
  ];
}

/** What runs as a Deployment: it becomes active only when there are nodes to run on. */
export function createClusterAddons(
  name: string,
  clusterName: Input<string>,
  nodes: Resource,
  parent: Resource,
): Resource[] {
  // The autoscalers of the workloads read the metrics server; EKS does not install it by itself.
  return (["coredns", "metrics-server"] as const).map((addon) =>
    createAddon(name, clusterName, { name: addon }, [nodes], parent),
  );
}

function createAddon(
  name: string,
  clusterName: Input<string>,
  addon: Addon,
  dependsOn: Resource[],
  parent: Resource,
): aws.eks.Addon {
  return new aws.eks.Addon(
    `${name}-${addon.name}`,
    {
      clusterName,
      addonName: addon.name,
      addonVersion: ADDON_VERSIONS[addon.name],
      ...(addon.configuration ? { configurationValues: JSON.stringify(addon.configuration) } : {}),
      ...(addon.identity ? { podIdentityAssociations: [addon.identity] } : {}),
      resolveConflictsOnCreate: "OVERWRITE",
      resolveConflictsOnUpdate: "OVERWRITE",
    },
    { parent, dependsOn },
  );
}
