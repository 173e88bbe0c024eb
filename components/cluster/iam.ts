import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A service principal, or the EKS Pod Identity agent on behalf of a pod. */
export type Trusted =
  "eks.amazonaws.com" | "ec2.amazonaws.com" | "pods.eks.amazonaws.com" | "vpc-flow-logs.amazonaws.com";

/** One statement of an IAM policy that allows something. */
export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: Readonly<
    Record<string, Readonly<Record<string, pulumi.Input<string> | readonly pulumi.Input<string>[]>>>
  >;
}

/** A policy document of these statements. */
export function policyOf(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** A role with AWS-managed policies only, by their names. The policies are attached before the role is handed on. */
export function createRole(
  name: string,
  trusted: Trusted,
  policies: readonly string[],
  parent: pulumi.Resource,
  conditions?: object,
): { role: aws.iam.Role; attachments: pulumi.Resource[] } {
  const role = new aws.iam.Role(name, { assumeRolePolicy: assumeRole(trusted, conditions) }, { parent });
  const attachments = policies.map(
    (policy) =>
      new aws.iam.RolePolicyAttachment(
        `${name}-${policy.toLowerCase().replaceAll("_", "-")}`,
        { role: role.name, policyArn: `arn:aws:iam::aws:policy/${policy}` },
        { parent },
      ),
  );
  return { role, attachments };
}

/** Pod Identity also tags the session with cluster, namespace and pod. https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html */
function assumeRole(service: Trusted, conditions: object | undefined): string {
  const tagged = service === "pods.eks.amazonaws.com";
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: service },
        Action: tagged ? ["sts:AssumeRole", "sts:TagSession"] : ["sts:AssumeRole"],
        ...(conditions === undefined ? {} : { Condition: conditions }),
      },
    ],
  });
}
