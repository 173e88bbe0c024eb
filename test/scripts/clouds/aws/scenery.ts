import type { Properties, Thing } from "../../../../scripts/rehearsal/clouds/table.ts";
import { type Cloud, WEST } from "./cloud.ts";

/** What most things stand in: a VPC over three zones, a security group, roles that may be taken. */
export interface Scenery {
  readonly region: string;
  readonly vpc: Thing;
  readonly subnets: readonly Thing[];
  readonly subnetIds: readonly string[];
  readonly group: Thing;
}

export const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

export const scenery = (cloud: Cloud, region = WEST, block = "10.0"): Scenery => {
  const where = { region };
  const vpc = cloud.make("aws:ec2/vpc:Vpc", { cidrBlock: `${block}.0.0/16` }, where);
  const subnets = ["a", "b", "c"].map((letter, index) =>
    cloud.make(
      "aws:ec2/subnet:Subnet",
      { vpcId: vpc.id, cidrBlock: `${block}.${index}.0/24`, availabilityZone: `${region}${letter}` },
      where,
    ),
  );
  const group = cloud.make("aws:ec2/securityGroup:SecurityGroup", { vpcId: vpc.id, name: "nodes" }, where);
  return { region, vpc, subnets, subnetIds: subnets.map(({ id }) => id), group };
};

export const role = (cloud: Cloud, name: string, service: string, more: Properties = {}): Thing =>
  cloud.make("aws:iam/role:Role", { name, assumeRolePolicy: trust(service), ...more });

export const cluster = (cloud: Cloud, around: Scenery, more: Properties = {}): Thing => {
  const name = typeof more["name"] === "string" ? more["name"] : "main";
  return cloud.make(
    "aws:eks/cluster:Cluster",
    {
      name,
      version: "1.36",
      roleArn: role(cloud, `${name}-${around.region}-cluster`, "eks.amazonaws.com").properties["arn"],
      vpcConfig: { subnetIds: around.subnetIds },
      accessConfig: { authenticationMode: "API" },
      ...more,
    },
    { region: around.region },
  );
};
