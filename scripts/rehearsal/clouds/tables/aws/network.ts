import type { Created, Ctx, ResourceType } from "../../table.ts";
import { addressIn, blockSize, contains, overlaps, readCidr } from "@groundwork/lib/cidr";
import {
  all,
  arnOf,
  awsType,
  cidr,
  ec2Id,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  others,
  pattern,
  range,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  thing,
  upstream,
  zone,
} from "./rules.ts";
import { awsZones } from "@groundwork/lib/regions";
import { zoneId } from "./zones.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";
const PREFIX_LIST = `${API}API_CreateManagedPrefixList.html`;
const VPC_CIDR = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html";

export const VPC = "aws:ec2/vpc:Vpc";
export const SUBNET = "aws:ec2/subnet:Subnet";
export const IGW = "aws:ec2/internetGateway:InternetGateway";
export const EIP = "aws:ec2/eip:Eip";
export const NAT = "aws:ec2/natGateway:NatGateway";
export const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";

const vpc = awsType({
  token: VPC,
  source: upstream("ec2/vpc_.go"),
  id: ec2Id("vpc"),
  rules: [
    rule("cidrBlock", cidr(16, 28), VPC_CIDR),
    rule("instanceTenancy", oneOf("default", "dedicated"), `${API}API_CreateVpc.html`),
  ],
  replaces: ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength", "instanceTenancy"],
  updates: [
    "assignGeneratedIpv6CidrBlock",
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "ipv6CidrBlock",
    "ipv6CidrBlockNetworkBorderGroup",
    "ipv6IpamPoolId",
    "ipv6NetmaskLength",
  ],
  defaults: {
    cidrBlock: "10.0.0.0/16",
    enableDnsHostnames: false,
    enableDnsSupport: true,
    enableNetworkAddressUsageMetrics: false,
    instanceTenancy: "default",
    ipv6CidrBlock: "",
    ipv6CidrBlockNetworkBorderGroup: "",
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `vpc/${ctx.id}`),
    ownerId: ctx.account,
    defaultNetworkAclId: ec2Id("acl")(ctx),
    defaultRouteTableId: ec2Id("rtb")(ctx),
    mainRouteTableId: ec2Id("rtb")(ctx),
    defaultSecurityGroupId: ec2Id("sg")(ctx),
    dhcpOptionsId: ec2Id("dopt")(ctx),
    ipv6AssociationId: "",
  }),
  brings: (ctx) => [
    {
      token: "aws:ec2/securityGroup:SecurityGroup",
      id: ec2Id("sg")(ctx),
      properties: {
        name: "default",
        description: "default VPC security group",
        vpcId: ctx.id,
        arn: arnOf(ctx, "ec2", `security-group/${ec2Id("sg")(ctx)}`),
      },
    },
    { token: ROUTE_TABLE, id: ec2Id("rtb")(ctx), properties: { vpcId: ctx.id } },
    { token: "aws:ec2/networkAcl:NetworkAcl", id: ec2Id("acl")(ctx), properties: { vpcId: ctx.id } },
  ],
  quotas: [{ quota: "vpcs" }],
});

const blockProblem = (ctx: Ctx): string | undefined => {
  const mine = readCidr(ctx.inputs["cidrBlock"]);
  const vpcId = input(ctx, "vpcId");
  const whole = readCidr(thing(ctx, VPC, vpcId)?.properties["cidrBlock"]);
  if (mine === undefined || vpcId === "") return undefined;
  if (whole !== undefined && !contains(whole, mine))
    return `InvalidSubnet.Range: the block is not inside its VPC's ${text(thing(ctx, VPC, vpcId)?.properties["cidrBlock"])}`;
  const clash = others(ctx, SUBNET).find((other) => {
    const theirs = readCidr(other.properties["cidrBlock"]);
    return other.properties["vpcId"] === vpcId && theirs !== undefined && overlaps(mine, theirs);
  });
  return clash === undefined
    ? undefined
    : `InvalidSubnet.Conflict: the block overlaps ${text(clash.properties["cidrBlock"])} of ${clash.id}`;
};

const subnet = awsType({
  token: SUBNET,
  source: upstream("ec2/vpc_subnet.go"),
  id: ec2Id("subnet"),
  rules: [
    rule("cidrBlock", cidr(16, 28), "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"),
    rule("availabilityZone", zone, `${API}API_CreateSubnet.html`),
    rule("privateDnsHostnameTypeOnLaunch", oneOf("ip-name", "resource-name"), `${API}API_ModifySubnetAttribute.html`),
  ],
  references: [refer("vpcId", VPC)],
  check: (ctx) => {
    const reason = blockProblem(ctx);
    return reason === undefined ? undefined : { path: "cidrBlock", reason, source: `${API}errors-overview.html` };
  },
  replaces: [
    "availabilityZone",
    "availabilityZoneId",
    "cidrBlock",
    "ipv4IpamPoolId",
    "ipv4NetmaskLength",
    "ipv6IpamPoolId",
    "ipv6Native",
    "ipv6NetmaskLength",
    "outpostArn",
    "vpcId",
  ],
  updates: [
    "assignIpv6AddressOnCreation",
    "customerOwnedIpv4Pool",
    "enableDns64",
    "enableLniAtDeviceIndex",
    "enableResourceNameDnsARecordOnLaunch",
    "enableResourceNameDnsAaaaRecordOnLaunch",
    "ipv6CidrBlock",
    "mapCustomerOwnedIpOnLaunch",
    "mapPublicIpOnLaunch",
    "privateDnsHostnameTypeOnLaunch",
  ],
  defaults: {
    availabilityZone: (ctx: Created) => awsZones(regionOf(ctx))[0],
    availabilityZoneId: (ctx: Created) => zoneId(input(ctx, "availabilityZone") || (awsZones(regionOf(ctx))[0] ?? "")),
    cidrBlock: "",
    mapPublicIpOnLaunch: false,
    assignIpv6AddressOnCreation: false,
    ipv6CidrBlock: "",
    privateDnsHostnameTypeOnLaunch: "ip-name",
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `subnet/${ctx.id}`),
    ownerId: ctx.account,
    ipv6CidrBlockAssociationId: "",
  }),
});

/** Public addresses that a VPC's gateway serves: the service will not detach it while there are any. */
const mappedAddresses = (vpcId: string, ctx: Ctx): boolean =>
  ctx
    .all(NAT)
    .some(
      (nat) =>
        nat.properties["connectivityType"] !== "private" &&
        thing(ctx, SUBNET, nat.properties["subnetId"])?.properties["vpcId"] === vpcId,
    ) ||
  ctx
    .all("aws:lb/loadBalancer:LoadBalancer")
    .some((balancer) => balancer.properties["vpcId"] === vpcId && balancer.properties["internal"] !== true);

const internetGateway = awsType({
  token: IGW,
  source: upstream("ec2/vpc_internet_gateway.go"),
  id: ec2Id("igw"),
  key: (ctx) => input(ctx, "vpcId") || undefined,
  exists: "InvalidParameterValue: the network already has an internet gateway attached",
  references: [refer("vpcId", VPC)],
  updates: ["vpcId"],
  defaults: { vpcId: "" },
  outputs: (ctx: Created) => ({ arn: arnOf(ctx, "ec2", `internet-gateway/${ctx.id}`), ownerId: ctx.account }),
  refuseDelete: (gateway, ctx) =>
    mappedAddresses(text(gateway.properties["vpcId"]), ctx)
      ? `DependencyViolation: Network ${text(gateway.properties["vpcId"])} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`
      : undefined,
  quotas: [{ quota: "internetGateways" }],
});

/** 198.18.0.0/15 is set aside for tests: believable, and nobody's. https://www.rfc-editor.org/rfc/rfc2544 */
const PUBLIC = readCidr("198.18.0.0/15");
const publicIp = (ctx: Pick<Ctx, "hex">): string =>
  PUBLIC === undefined ? "" : addressIn(PUBLIC, parseInt(ctx.hex(6, "public"), 16));

const publicDns = (region: string, ip: string): string =>
  `ec2-${ip.replaceAll(".", "-")}.${region === "us-east-1" ? "compute-1" : `${region}.compute`}.amazonaws.com`;

const eip = awsType({
  token: EIP,
  source: upstream("ec2/ec2_eip.go"),
  id: ec2Id("eipalloc"),
  rules: [rule("domain", oneOf("vpc"), `${API}API_AllocateAddress.html`)],
  replaces: ["address", "customerOwnedIpv4Pool", "domain", "ipamPoolId", "networkBorderGroup", "publicIpv4Pool"],
  updates: ["associateWithPrivateIp", "instance", "networkInterface"],
  defaults: {
    domain: "vpc",
    instance: "",
    ipamPoolId: "",
    networkInterface: "",
    networkBorderGroup: (ctx: Created) => regionOf(ctx),
    publicIpv4Pool: "amazon",
  },
  outputs: (ctx) => ({
    allocationId: ctx.id,
    arn: arnOf(ctx, "ec2", `elastic-ip/${ctx.id}`),
    associationId: "",
    carrierIp: "",
    customerOwnedIp: "",
    privateDns: "",
    privateIp: "",
    ptrRecord: "",
    publicDns: publicDns(regionOf(ctx), publicIp(ctx)),
    publicIp: publicIp(ctx),
  }),
  quotas: [{ quota: "elasticIps" }],
});

const CREATE_NAT = `${API}API_CreateNatGateway.html`;

const natProblem = (ctx: Ctx): { path: string; reason: string } | undefined => {
  const { connectivityType, allocationId, privateIp, subnetId } = ctx.inputs;
  if (connectivityType === "private" && allocationId !== undefined)
    return { path: "allocationId", reason: "leave it out: a private NAT gateway has no public address" };
  const within = readCidr(thing(ctx, SUBNET, subnetId)?.properties["cidrBlock"]);
  const mine = readCidr(`${text(privateIp)}/32`);
  return within !== undefined && mine !== undefined && !contains(within, mine)
    ? { path: "privateIp", reason: "take an address inside the subnet" }
    : undefined;
};

const natGateway = awsType({
  token: NAT,
  source: upstream("ec2/vpc_nat_gateway.go"),
  id: ec2Id("nat"),
  key: (ctx) => input(ctx, "allocationId") || undefined,
  exists: "Resource.AlreadyAssociated",
  rules: [
    rule("connectivityType", oneOf("public", "private"), CREATE_NAT),
    rule("availabilityMode", oneOf("zonal", "regional"), CREATE_NAT),
  ],
  references: [
    refer("allocationId", EIP),
    refer("subnetId", SUBNET),
    refer("vpcId", VPC),
    refer("secondaryAllocationIds[]", EIP),
  ],
  check: (ctx) => sourced(natProblem(ctx), CREATE_NAT),
  replaces: [
    "allocationId",
    "availabilityMode",
    "connectivityType",
    "privateIp",
    "secondaryPrivateIpAddressCount",
    "subnetId",
    "vpcId",
  ],
  updates: ["availabilityZoneAddresses", "secondaryAllocationIds", "secondaryPrivateIpAddresses"],
  defaults: {
    availabilityMode: "zonal",
    connectivityType: "public",
    privateIp: (ctx: Created) => {
      const within = readCidr(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["cidrBlock"]);
      return within === undefined
        ? ""
        : addressIn(within, 4 + (parseInt(ctx.hex(6, "private"), 16) % (blockSize(within.prefix) - 5)));
    },
    secondaryAllocationIds: [],
    secondaryPrivateIpAddressCount: 0,
    secondaryPrivateIpAddresses: [],
    vpcId: (ctx: Created) => text(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["vpcId"]),
  },
  outputs: (ctx) => ({
    associationId: ec2Id("eipassoc")(ctx),
    autoProvisionZones: "",
    autoScalingIps: "",
    networkInterfaceId: ec2Id("eni")(ctx),
    publicIp: text(thing(ctx, EIP, ctx.inputs["allocationId"])?.properties["publicIp"]),
    regionalNatGatewayAddresses: [],
    regionalNatGatewayAutoMode: "",
    routeTableId: "",
  }),
  quotas: [
    {
      quota: "natGatewaysPerZone",
      per: (ctx) => text(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["availabilityZone"]),
    },
  ],
});

const prefixList = awsType({
  token: "aws:ec2/managedPrefixList:ManagedPrefixList",
  source: upstream("ec2/vpc_managed_prefix_list.go"),
  id: ec2Id("pl"),
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(length(1, 255), pattern(/^(?!com\.amazonaws)/, "write a name that does not begin with com.amazonaws")),
      PREFIX_LIST,
    ),
    rule("addressFamily", oneOf("IPv4", "IPv6"), PREFIX_LIST),
    rule("maxEntries", range(1, 1000), "https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"),
    rule("entries[].description", length(0, 255), PREFIX_LIST),
  ],
  check: (ctx) => {
    const entries = list(ctx.inputs["entries"]).map((each) => text(object(each)["cidr"]));
    const most = number(ctx.inputs["maxEntries"]) ?? entries.length;
    if (entries.length > most)
      return {
        path: "entries",
        reason: `PrefixListMaxEntriesExceeded: ${entries.length} entries are more than maxEntries ${most}`,
        source: PREFIX_LIST,
      };
    const odd = entries.findIndex(
      (each, index) =>
        entries.indexOf(each) !== index || (ctx.inputs["addressFamily"] === "IPv4" && readCidr(each)?.aligned !== true),
    );
    return odd < 0
      ? undefined
      : {
          path: `entries[${odd}].cidr`,
          reason: "write each block once, as the network's own address in CIDR notation",
          source: PREFIX_LIST,
        };
  },
  replaces: ["addressFamily"],
  updates: ["entries", "maxEntries", "name"],
  defaults: { entries: [] },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `prefix-list/${ctx.id}`),
    ownerId: ctx.account,
    version: Number(ctx.old?.properties["version"] ?? 0) + 1,
  }),
});

export const network: readonly ResourceType[] = [vpc, subnet, internetGateway, eip, natGateway, prefixList];
