import * as aws from "@pulumi/aws";
import type { Input, Resource } from "@pulumi/pulumi";
import { createAccess } from "./access.ts";
import { createRole, policyOf } from "./iam.ts";
import type { Network } from "./network.ts";

export interface RunnerArgs {
  readonly network: Network;
  readonly cluster: aws.eks.Cluster;
  /** The cluster's own group, which lets the runner in to the API. */
  readonly securityGroupId: Input<string>;
}

/** 2 vCPU and 2 GiB, about US$ 12 a month. https://aws.amazon.com/ec2/pricing/on-demand/ */
const INSTANCE_TYPE = "t4g.small";

/** Always the newest at the time when the runner is made. https://docs.aws.amazon.com/linux/al2023/ug/ec2.html */
const IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";

const DISK_GIB = 20;

/**
 * The way in to a cluster whose API is reachable from within its VPC only: a small machine in a private subnet that
 * nothing can connect to. Session Manager reaches it through connections that it opens itself, so it needs no inbound
 * rule, no key pair and no public address; IAM decides who may, and CloudTrail records it.
 *
 * `pulumi up` and `kubectl` run on your own machine, with your own rights, through it: `groundwork tunnel`
 * (docs/cluster-access.md), which finds it by its name tag. Where the way leads is no business of the stack, so no
 * Kubernetes provider changes with it; but the provider waits for the runner, and so is destroyed before it.
 *
 * A session on the runner itself can look at the cluster (`view`), and change nothing.
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-sessions-start.html
 */
export function createRunner(name: string, args: RunnerArgs, parent: Resource): aws.ec2.Instance {
  const { role, attachments } = createRole(
    `${name}-runner`,
    "ec2.amazonaws.com",
    ["AmazonSSMManagedInstanceCore"],
    parent,
  );
  const rights = new aws.iam.RolePolicy(
    `${name}-runner`,
    {
      role: role.name,
      policy: policyOf([
        { Sid: "FindTheCluster", Effect: "Allow", Action: ["eks:DescribeCluster"], Resource: args.cluster.arn },
      ]),
    },
    { parent },
  );
  createAccess(`${name}-runner`, args.cluster.name, { roleArn: role.arn, policy: "view" }, parent);
  const profile = new aws.iam.InstanceProfile(`${name}-runner`, { role: role.name }, { parent });
  const { group, rules } = createGroup(name, args, parent);
  const template = createTemplate(name, profile, group, parent);
  return new aws.ec2.Instance(
    `${name}-runner`,
    {
      launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
      subnetId: firstOf(args.network),
      tags: { Name: `${name}-runner` },
    },
    { parent, dependsOn: [...attachments, rights, ...rules, ...args.network.routes] },
  );
}

function firstOf({ subnets }: Network): Input<string> {
  const [subnet] = subnets.private;
  if (subnet === undefined) throw new Error("a network has private subnets");
  return subnet.id;
}

/** Nothing comes in. Out: Session Manager and the cluster's API. */
function createGroup(
  name: string,
  args: RunnerArgs,
  parent: Resource,
): { readonly group: aws.ec2.SecurityGroup; readonly rules: readonly Resource[] } {
  const group = new aws.ec2.SecurityGroup(
    `${name}-runner`,
    {
      vpcId: args.network.vpcId,
      description: `The way in to the cluster of ${name}`,
      tags: { Name: `${name}-runner` },
    },
    { parent },
  );
  const https = { ipProtocol: "tcp", fromPort: 443, toPort: 443 };
  const out = new aws.vpc.SecurityGroupEgressRule(
    `${name}-runner-out`,
    {
      ...https,
      securityGroupId: group.id,
      cidrIpv4: "0.0.0.0/0",
      description: "Session Manager and the API of the cluster",
    },
    { parent },
  );
  const api = new aws.vpc.SecurityGroupIngressRule(
    `${name}-runner-in`,
    {
      ...https,
      securityGroupId: args.securityGroupId,
      referencedSecurityGroupId: group.id,
      description: "The API, from the runner",
    },
    { parent },
  );
  return { group, rules: [out, api] };
}

function createTemplate(
  name: string,
  profile: aws.iam.InstanceProfile,
  group: aws.ec2.SecurityGroup,
  parent: Resource,
): aws.ec2.LaunchTemplate {
  return new aws.ec2.LaunchTemplate(
    `${name}-runner`,
    {
      imageId: IMAGE,
      instanceType: INSTANCE_TYPE,
      iamInstanceProfile: { name: profile.name },
      vpcSecurityGroupIds: [group.id],
      metadataOptions: { httpEndpoint: "enabled", httpTokens: "required", httpPutResponseHopLimit: 1 },
      blockDeviceMappings: [
        {
          deviceName: "/dev/xvda",
          ebs: { volumeType: "gp3", volumeSize: DISK_GIB, encrypted: "true", deleteOnTermination: "true" },
        },
      ],
      tagSpecifications: [{ resourceType: "volume", tags: { Name: `${name}-runner` } }],
      updateDefaultVersion: true,
    },
    { parent },
  );
}
