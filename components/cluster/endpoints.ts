import * as aws from "@pulumi/aws";
import type { Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Network } from "./network.ts";

/**
 * Services that can be reached inside the VPC. https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
 */
export const INTERFACE_SERVICES = [
  "autoscaling",
  "ec2",
  "ec2messages",
  "ecr.api",
  "ecr.dkr",
  "eks",
  "eks-auth",
  "elasticloadbalancing",
  "events",
  "kms",
  "logs",
  "monitoring",
  "secretsmanager",
  "sns",
  "sqs",
  "ssm",
  "ssmmessages",
  "sts",
  "xray",
] as const;

export type InterfaceService = (typeof INTERFACE_SERVICES)[number];

/**
 * What a node and its pods call to come up: with these, new nodes join, pull images from ECR and give pods their roles
 * also while a NAT gateway is lost. https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
 */
export const NODE_SERVICES: readonly InterfaceService[] = ["ec2", "ecr.api", "ecr.dkr", "eks-auth", "sts"];

/** What Session Manager needs. https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html */
export const SESSION_SERVICES: readonly InterfaceService[] = ["ec2messages", "ssm", "ssmmessages"];

export interface EndpointsArgs {
  readonly region: string;
  readonly network: Network;
  /**
   * Interface endpoints, each in every zone: about US$ 7.30 a month for a zone, so US$ 21.90 over three, and US$ 0.01 for
   * a GB, which at a NAT gateway is US$ 0.045. The default five come to about US$ 110 a month in a region.
   * https://aws.amazon.com/privatelink/pricing/
   */
  readonly services: readonly InterfaceService[];
}

/** The gateway to S3, which costs nothing and carries the layers of ECR's images, and the interface endpoints chosen. */
export function createEndpoints(name: string, args: EndpointsArgs, parent: Resource): Resource[] {
  const { network, region, services } = args;
  checkServices(name, services);
  const s3 = new aws.ec2.VpcEndpoint(
    `${name}-s3`,
    {
      vpcId: network.vpcId,
      serviceName: `com.amazonaws.${region}.s3`,
      vpcEndpointType: "Gateway",
      routeTableIds: [...network.privateRouteTableIds],
      tags: { Name: `${name}-s3` },
    },
    { parent },
  );
  if (services.length === 0) return [s3];
  const group = createGroup(name, network, parent);
  const interfaces = services.map((service) => {
    const logical = `${name}-${service.replaceAll(".", "-")}-endpoint`;
    return new aws.ec2.VpcEndpoint(
      logical,
      {
        vpcId: network.vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: "Interface",
        subnetIds: network.subnets.private.map(({ id }) => id),
        securityGroupIds: [group.id],
        privateDnsEnabled: true,
        tags: { Name: logical },
      },
      { parent },
    );
  });
  return [s3, ...interfaces];
}

/** Whoever is in the VPC may call; the endpoints themselves call nobody. */
function createGroup(name: string, network: Network, parent: Resource): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-endpoints`,
    { vpcId: network.vpcId, description: `AWS services inside ${name}`, tags: { Name: `${name}-endpoints` } },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-endpoints-https`,
    {
      securityGroupId: group.id,
      cidrIpv4: network.cidr,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      description: "From the VPC",
    },
    { parent },
  );
  return group;
}

function checkServices(name: string, services: readonly InterfaceService[]): void {
  const twice = services.find((service, index) => services.indexOf(service) !== index);
  if (twice !== undefined)
    throw new BadInput(
      `${name}: endpoints names ${twice} twice; write it once, because one endpoint a VPC has its name.`,
    );
}
