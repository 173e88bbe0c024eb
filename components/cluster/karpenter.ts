import * as aws from "@pulumi/aws";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { createRole } from "./iam.ts";
import { createInterruptionQueue } from "./karpenter-queue.ts";

export interface KarpenterArgs {
  readonly accountId: string;
  readonly clusterName: Input<string>;
  readonly subnetIds: readonly Input<string>[];
  /** EKS's own group of the cluster, in which all nodes are. */
  readonly securityGroupId: Output<string>;
}

/** AWS's side of Karpenter: what its release (addons/karpenter.ts) and its node pools (node-pools.ts) are told. */
export interface Karpenter {
  /** Name, not ARN, of the role that its nodes get. */
  readonly nodeRole: Output<string>;
  readonly nodeRoleArn: Output<string>;
  /** Warnings that a machine goes. */
  readonly interruptionQueue: { readonly name: Output<string>; readonly arn: Output<string> };
  readonly subnetIds: readonly Input<string>[];
  readonly securityGroupId: Output<string>;
}

/**
 * Node role, its entry in the cluster, and the queue of interruptions. Subnets and security group are handed to node
 * classes by their ids, which a preview checks, and not found by a tag that anything may carry.
 */
export function createKarpenter(name: string, args: KarpenterArgs, parent: Resource): Karpenter {
  const { role } = createRole(
    `${name}-karpenter-node`,
    "ec2.amazonaws.com",
    ["AmazonEKSWorkerNodeMinimalPolicy", "AmazonEC2ContainerRegistryPullOnly"],
    parent,
  );
  // Managed node groups bring an entry of their own; Karpenter's nodes need one to join.
  new aws.eks.AccessEntry(
    `${name}-karpenter-node`,
    { clusterName: args.clusterName, principalArn: role.arn, type: "EC2_LINUX" },
    { parent },
  );
  const queue = createInterruptionQueue(`${name}-karpenter`, args.accountId, parent);
  return {
    nodeRole: role.name,
    nodeRoleArn: role.arn,
    interruptionQueue: { name: queue.name, arn: queue.arn },
    subnetIds: args.subnetIds,
    securityGroupId: args.securityGroupId,
  };
}
