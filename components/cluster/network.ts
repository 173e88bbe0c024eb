import * as aws from "@pulumi/aws";
import type { Input, Output, Resource } from "@pulumi/pulumi";
import { planSubnets } from "@groundwork/lib/cidr";
import type { SubnetPlan, SubnetTier } from "@groundwork/lib/cidr";

export interface NetworkArgs {
  /** The VPC's block; see lib/cidr.ts for how it is divided. */
  readonly cidr: string;
  /** Zone codes, e.g. `us-west-2a`; add new ones at the end, so that no subnet moves. */
  readonly zones: readonly string[];
  /**
   * `perZone` keeps pods of every zone on the internet when one zone is lost; `single` saves about US$ 33 a month for
   * each further zone. https://aws.amazon.com/vpc/pricing/
   */
  readonly natGateways: "perZone" | "single";
}

export interface Subnet extends SubnetPlan {
  readonly id: Output<string>;
}

/**
 * A VPC over several zones: public subnets for the balancer, private ones for nodes and pods, isolated ones for data.
 * The isolated ones stay on the VPC's main route table, which leads nowhere but to the VPC itself.
 */
export interface Network {
  readonly cidr: string;
  readonly vpcId: Output<string>;
  readonly subnets: Readonly<Record<SubnetTier, readonly Subnet[]>>;
  /** Of the private subnets, for what is reached by routes. */
  readonly privateRouteTableIds: readonly Output<string>[];
  /** The routes out; nodes that start before them cannot pull an image. */
  readonly routes: readonly Resource[];
}

const EVERYWHERE = "0.0.0.0/0";

export function createNetwork(name: string, args: NetworkArgs, parent: Resource): Network {
  const vpc = createVpc(name, args.cidr, parent);
  closeDefaultGroup(name, vpc.id, parent);
  const gateway = new aws.ec2.InternetGateway(
    `${name}-igw`,
    { vpcId: vpc.id, tags: { Name: `${name}-igw` } },
    { parent },
  );
  const subnets = createSubnets(name, args, vpc.id, parent);
  const isPublic = subnets.filter(({ tier }) => tier === "public");
  const isPrivate = subnets.filter(({ tier }) => tier === "private");
  const isolated = subnets.filter(({ tier }) => tier === "isolated");
  const table = (part: string, route: aws.types.input.ec2.RouteTableRoute) =>
    createRouteTable(`${name}-${part}`, vpc.id, route, parent);

  const publicTable = table("public", { cidrBlock: EVERYWHERE, gatewayId: gateway.id });
  const publicRoutes = isPublic.map((subnet) => associate(name, subnet, publicTable, parent));
  const nats = isPublic
    .slice(0, args.natGateways === "single" ? 1 : undefined)
    .map((subnet) => createNatGateway(name, subnet, [gateway, ...publicRoutes], parent));
  const privateTables = nats.map((nat, index) =>
    table(`private-${letter(isPublic[index]?.zone ?? "")}`, { cidrBlock: EVERYWHERE, natGatewayId: nat.id }),
  );
  const privateRoutes = isPrivate.map((subnet, index) =>
    associate(name, subnet, privateTables[index] ?? privateTables[0]!, parent),
  );

  return {
    cidr: args.cidr,
    vpcId: vpc.id,
    subnets: { public: isPublic, private: isPrivate, isolated },
    privateRouteTableIds: privateTables.map(({ id }) => id),
    routes: [...publicRoutes, ...privateRoutes],
  };
}

function createVpc(name: string, cidrBlock: string, parent: Resource): aws.ec2.Vpc {
  // EKS's private endpoint and Aurora's names resolve only with both of these on.
  return new aws.ec2.Vpc(
    `${name}-vpc`,
    { cidrBlock, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: `${name}-vpc` } },
    { parent },
  );
}

/**
 * What says no group of its own gets the VPC's default one: without rules, nothing comes in and nothing goes out. The
 * network ACLs stay as they are, open: groups and network policies decide, in one place each.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-2
 */
function closeDefaultGroup(name: string, vpcId: Input<string>, parent: Resource): void {
  new aws.ec2.DefaultSecurityGroup(
    `${name}-default`,
    { vpcId, ingress: [], egress: [], tags: { Name: `${name}-default, unused` } },
    { parent },
  );
}

/** Load balancers look for their subnets by these tags. https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html */
const ROLE_TAGS: Readonly<Record<SubnetTier, Readonly<Record<string, string>>>> = {
  public: { "kubernetes.io/role/elb": "1" },
  private: { "kubernetes.io/role/internal-elb": "1" },
  isolated: {},
};

function createSubnets(name: string, args: NetworkArgs, vpcId: Input<string>, parent: Resource): Subnet[] {
  return planSubnets(args.cidr, args.zones, `the VPC of ${name}`).map((plan) => {
    const logical = `${name}-${plan.tier}-${letter(plan.zone)}`;
    const subnet = new aws.ec2.Subnet(
      logical,
      {
        vpcId,
        availabilityZone: plan.zone,
        cidrBlock: plan.cidr,
        tags: { Name: logical, ...ROLE_TAGS[plan.tier] },
      },
      { parent },
    );
    return { ...plan, id: subnet.id };
  });
}

function createNatGateway(
  name: string,
  subnet: Subnet,
  dependsOn: readonly Resource[],
  parent: Resource,
): aws.ec2.NatGateway {
  const logical = `${name}-nat-${letter(subnet.zone)}`;
  const address = new aws.ec2.Eip(`${logical}-ip`, { domain: "vpc", tags: { Name: logical } }, { parent });
  return new aws.ec2.NatGateway(
    logical,
    { allocationId: address.id, subnetId: subnet.id, tags: { Name: logical } },
    { parent, dependsOn: [...dependsOn] },
  );
}

function createRouteTable(
  logical: string,
  vpcId: Input<string>,
  route: aws.types.input.ec2.RouteTableRoute,
  parent: Resource,
): aws.ec2.RouteTable {
  return new aws.ec2.RouteTable(`${logical}-routes`, { vpcId, routes: [route], tags: { Name: logical } }, { parent });
}

function associate(name: string, subnet: Subnet, table: aws.ec2.RouteTable, parent: Resource): Resource {
  return new aws.ec2.RouteTableAssociation(
    `${name}-${subnet.tier}-${letter(subnet.zone)}-routes`,
    { subnetId: subnet.id, routeTableId: table.id },
    { parent },
  );
}

/** `us-west-2a` is `a`. */
function letter(zone: string): string {
  return zone.slice(-1);
}
