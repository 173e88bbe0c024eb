import * as aws from "@pulumi/aws";
import type { Input, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";

/** EKS's own policies for people and services. https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
export const ACCESS_POLICIES = {
  clusterAdmin: "AmazonEKSClusterAdminPolicy",
  adminView: "AmazonEKSAdminViewPolicy",
  admin: "AmazonEKSAdminPolicy",
  edit: "AmazonEKSEditPolicy",
  view: "AmazonEKSViewPolicy",
} as const;

export type AccessPolicy = keyof typeof ACCESS_POLICIES;

/** Who may do what in the cluster. Whoever made the cluster is its administrator without one. */
export interface ClusterAccess {
  /** ARN of an IAM role, which people or pipelines assume; with its path, if it has one. */
  readonly roleArn: Input<string>;
  /**
   * `view` sees all but secrets, `adminView` all, `edit` changes workloads, `admin` roles too (in namespaces),
   * `clusterAdmin` everything.
   */
  readonly policy: AccessPolicy;
  /** Namespaces that it is limited to; default the whole cluster. */
  readonly namespaces?: readonly string[];
}

/** One role as a user of the cluster; `name` must stay the same for the same role. */
export function createAccess(
  name: string,
  clusterName: Input<string>,
  { roleArn, policy, namespaces = [] }: ClusterAccess,
  parent: Resource,
): Resource {
  if (policy === "clusterAdmin" && namespaces.length > 0)
    throw new BadInput(
      `${name}: policy is clusterAdmin for the namespaces ${namespaces.join(", ")}; write admin, or no namespaces.`,
    );
  const entry = new aws.eks.AccessEntry(name, { clusterName, principalArn: roleArn, type: "STANDARD" }, { parent });
  return new aws.eks.AccessPolicyAssociation(
    name,
    {
      clusterName,
      principalArn: entry.principalArn,
      policyArn: `arn:aws:eks::aws:cluster-access-policy/${ACCESS_POLICIES[policy]}`,
      accessScope: namespaces.length > 0 ? { type: "namespace", namespaces: [...namespaces] } : { type: "cluster" },
    },
    { parent },
  );
}
