import * as aws from "@pulumi/aws";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import { createRole, policyOf } from "./iam.ts";
import type { Statement } from "./iam.ts";

export interface PodIdentityArgs {
  readonly clusterName: Input<string>;
  readonly namespace: string;
  /** It need not exist yet; its pods get the role when they start, so they wait for `ready`. */
  readonly serviceAccount: string;
  /** AWS-managed policies by their names, with the path where they have one. */
  readonly policies?: readonly string[];
  /** What the pods may do beside them. */
  readonly statements?: readonly Statement[];
}

export interface PodIdentity {
  readonly roleArn: Output<string>;
  /** What a pod that uses the role waits for. */
  readonly ready: Resource;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const ROLE_NAME_LIMIT = 64;

/**
 * Gives a service account of one cluster a role of its own at AWS, with no secret and no annotation.
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html
 */
export function podIdentity(name: string, args: PodIdentityArgs, parent: Resource): PodIdentity {
  const { policies = [], statements = [] } = args;
  const { role, attachments } = createRole(
    autoNamed(name, ROLE_NAME_LIMIT),
    "pods.eks.amazonaws.com",
    policies,
    parent,
  );
  if (statements.length > 0)
    attachments.push(
      new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy: policyOf(statements) }, { parent }),
    );
  const ready = new aws.eks.PodIdentityAssociation(
    `${name}-identity`,
    {
      clusterName: args.clusterName,
      namespace: args.namespace,
      serviceAccount: args.serviceAccount,
      roleArn: role.arn,
    },
    { parent, dependsOn: attachments },
  );
  return { roleArn: role.arn, ready };
}
