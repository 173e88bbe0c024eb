import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import { createRole } from "../iam.ts";
import type { Identity } from "./addon.ts";
import type { AddonContext } from "./context.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const ROLE_NAME_LIMIT = 64;

/** The role that an add-on's pods get by EKS Pod Identity, its policies attached. */
export function createIdentityRole(
  name: string,
  { policies = [], statements }: Identity,
  context: AddonContext | undefined,
  parent: pulumi.Resource,
): { role: aws.iam.Role; attachments: pulumi.Resource[] } {
  const logicalName = autoNamed(name, ROLE_NAME_LIMIT);
  const { role, attachments } = createRole(logicalName, "pods.eks.amazonaws.com", [], parent);
  for (const policy of policies) {
    attachments.push(
      new aws.iam.RolePolicyAttachment(
        `${name}-${(policy.split("/").at(-1) ?? policy).toLowerCase().replaceAll("_", "-")}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        { parent },
      ),
    );
  }
  if (statements !== undefined && context !== undefined) {
    const policy = pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements(context) });
    attachments.push(new aws.iam.RolePolicy(`${name}-policy`, { role: role.name, policy }, { parent }));
  }
  return { role, attachments };
}

/** Gives the role to a service account, which need not exist yet. */
export function createAssociation(
  name: string,
  identity: Identity & { readonly namespace: string },
  context: AddonContext,
  parent: pulumi.Resource,
): pulumi.Resource {
  const { role, attachments } = createIdentityRole(name, identity, context, parent);
  return new aws.eks.PodIdentityAssociation(
    `${name}-identity`,
    {
      clusterName: context.clusterName,
      namespace: identity.namespace,
      serviceAccount: identity.serviceAccount,
      roleArn: role.arn,
    },
    { parent, dependsOn: attachments },
  );
}
