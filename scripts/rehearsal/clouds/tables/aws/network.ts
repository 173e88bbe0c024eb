import { crc32 } from "node:zlib";
import type { Ctx, ResourceType } from "../../table.ts";
import { address, block, contains, overlaps } from "./cidr.ts";
import {
  arnOf,
  awsType,
  cidr,
  ec2Id,
  input,
  kept,
  list,
  number,
  object,
  oneOf,
  others,
  range,
  refer,
  regionOf,
  rule,
  text,
  texts,
  thing,
  upstream,
  zone,
} from "./rules.ts";
import { zoneId, zonesOf } from "./zones.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";
const VPC_CIDR = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const IGW = "aws:ec2/internetGateway:InternetGateway";
const EIP = "aws:ec2/eip:Eip";
const NAT = "aws:ec2/natGateway:NatGateway";
const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";

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
  const mine = block(ctx.inputs["cidrBlock"]);
  const vpcId = input(ctx, "vpcId");
  const whole = block(thing(ctx, VPC, vpcId)?.properties["cidrBlock"]);
  if (mine === undefined || vpcId === "") return undefined;
  if (whole !== undefined && !contains(whole, mine))
    return `InvalidSubnet.Range: the block is not inside its VPC's ${text(thing(ctx, VPC, vpcId)?.properties["cidrBlock"])}`;
  const clash = others(ctx, SUBNET).find((other) => {
    const theirs = block(other.properties["cidrBlock"]);
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
    availabilityZone: (ctx) => zonesOf(regionOf(ctx))[0],
    availabilityZoneId: (ctx) => zoneId(input(ctx, "availabilityZone") || (zonesOf(regionOf(ctx))[0] ?? "")),
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
  outputs: (ctx) => ({ arn: arnOf(ctx, "ec2", `internet-gateway/${ctx.id}`), ownerId: ctx.account }),
  refuseDelete: (gateway, ctx) =>
    mappedAddresses(text(gateway.properties["vpcId"]), ctx)
      ? `DependencyViolation: Network ${text(gateway.properties["vpcId"])} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`
      : undefined,
  quotas: [{ quota: "internetGateways" }],
});

/** 198.18.0.0/15 is set aside for tests: believable, and nobody's. https://www.rfc-editor.org/rfc/rfc2544 */
const PUBLIC = block("198.18.0.0/15");
const publicIp = (ctx: Pick<Ctx, "hex">): string =>
  PUBLIC === undefined ? "" : address(PUBLIC, parseInt(ctx.hex(6, "public"), 16));

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
    networkBorderGroup: (ctx) => regionOf(ctx),
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
  const within = block(thing(ctx, SUBNET, subnetId)?.properties["cidrBlock"]);
  const mine = block(`${text(privateIp)}/32`);
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
  check: (ctx) => {
    const problem = natProblem(ctx);
    return problem === undefined ? undefined : { ...problem, source: CREATE_NAT };
  },
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
    privateIp: (ctx) => {
      const within = block(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["cidrBlock"]);
      return within === undefined ? "" : address(within, 4 + (parseInt(ctx.hex(6, "private"), 16) % (within.size - 5)));
    },
    secondaryAllocationIds: [],
    secondaryPrivateIpAddressCount: 0,
    secondaryPrivateIpAddresses: [],
    vpcId: (ctx) => text(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["vpcId"]),
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

/** What a route may lead to, with the types of it that are known here. */
const TARGETS: readonly (readonly [property: string, token: string | undefined])[] = [
  ["gatewayId", IGW],
  ["natGatewayId", NAT],
  ["vpcEndpointId", "aws:ec2/vpcEndpoint:VpcEndpoint"],
  ["carrierGatewayId", undefined],
  ["coreNetworkArn", undefined],
  ["egressOnlyGatewayId", undefined],
  ["localGatewayId", undefined],
  ["networkInterfaceId", undefined],
  ["odbNetworkArn", undefined],
  ["transitGatewayId", undefined],
  ["vpcPeeringConnectionId", undefined],
];

const DESTINATIONS = ["destinationCidrBlock", "destinationIpv6CidrBlock", "destinationPrefixListId"] as const;

const destination = (ctx: Ctx): string =>
  DESTINATIONS.map((property) => input(ctx, property)).find((value) => value !== "") ?? "";

const routeTable = awsType({
  token: ROUTE_TABLE,
  source: upstream("ec2/vpc_route_table.go"),
  id: ec2Id("rtb"),
  rules: [rule("routes[].cidrBlock", cidr(), `${API}API_CreateRoute.html`)],
  references: [
    refer("vpcId", VPC),
    refer("routes[].gatewayId", IGW, { except: /^(local|vgw-|vpce-|$)/ }),
    refer("routes[].natGatewayId", NAT, { except: /^$/ }),
  ],
  replaces: ["vpcId"],
  updates: ["propagatingVgws", "routes"],
  defaults: { propagatingVgws: [], routes: [] },
  outputs: (ctx) => ({ arn: arnOf(ctx, "ec2", `route-table/${ctx.id}`), ownerId: ctx.account }),
});

const routeProblem = (ctx: Ctx): { path: string; reason: string } | undefined => {
  const targets = TARGETS.filter(([property]) => input(ctx, property) !== "").map(([property]) => property);
  if (targets.length > 1) return { path: targets[1] ?? "", reason: `one route has one target, not ${targets.join(" and ")}` };
  const table = thing(ctx, ROUTE_TABLE, ctx.inputs["routeTableId"])?.properties["vpcId"];
  const gateway = thing(ctx, IGW, ctx.inputs["gatewayId"])?.properties["vpcId"];
  return table !== undefined && gateway !== undefined && gateway !== "" && table !== gateway
    ? { path: "gatewayId", reason: `InvalidParameterValue: the gateway belongs to ${text(gateway)} and the route table to ${text(table)}` }
    : undefined;
};

const route = awsType({
  token: "aws:ec2/route:Route",
  source: upstream("ec2/vpc_route.go"),
  id: (ctx) => `r-${input(ctx, "routeTableId")}${crc32(destination(ctx))}`,
  key: (ctx) => `${input(ctx, "routeTableId")} ${destination(ctx)}`,
  exists: "RouteAlreadyExists",
  rules: [rule("destinationCidrBlock", cidr(), `${API}API_CreateRoute.html`)],
  references: [
    refer("routeTableId", ROUTE_TABLE, { holds: false }),
    ...TARGETS.flatMap(([property, token]) =>
      token === undefined ? [] : [refer(property, token, { holds: false, except: /^(local$|vgw-)/ })],
    ),
  ],
  check: (ctx) => {
    const problem = routeProblem(ctx);
    return problem === undefined ? undefined : { ...problem, source: `${API}API_CreateRoute.html` };
  },
  replaces: ["routeTableId", ...DESTINATIONS],
  updates: TARGETS.map(([property]) => property),
  defaults: { networkInterfaceId: "" },
  outputs: () => ({ instanceId: "", instanceOwnerId: "", origin: "CreateRoute", state: "active" }),
});

const routeTableAssociation = awsType({
  token: "aws:ec2/routeTableAssociation:RouteTableAssociation",
  source: upstream("ec2/vpc_route_table_association.go"),
  id: ec2Id("rtbassoc"),
  key: (ctx) => input(ctx, "subnetId") || input(ctx, "gatewayId") || undefined,
  exists: "Resource.AlreadyAssociated",
  references: [
    refer("routeTableId", ROUTE_TABLE),
    refer("subnetId", SUBNET, { holds: false }),
    refer("gatewayId", IGW, { holds: false, except: /^vgw-/ }),
  ],
  check: (ctx) => {
    const table = thing(ctx, ROUTE_TABLE, ctx.inputs["routeTableId"])?.properties["vpcId"];
    const own = thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["vpcId"];
    return table !== undefined && own !== undefined && table !== own
      ? {
          path: "subnetId",
          reason: `InvalidParameterValue: the subnet belongs to ${text(own)} and the route table to ${text(table)}`,
          source: `${API}API_AssociateRouteTable.html`,
        }
      : undefined;
  },
  replaces: ["subnetId", "gatewayId"],
  updates: ["routeTableId"],
});

const SERVICES = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html";
const isInterface = (ctx: Ctx): boolean => input(ctx, "vpcEndpointType") === "Interface";

const vpcEndpoint = awsType({
  token: "aws:ec2/vpcEndpoint:VpcEndpoint",
  source: upstream("ec2/vpc_endpoint.go"),
  id: ec2Id("vpce"),
  key: (ctx) =>
    isInterface(ctx) && ctx.inputs["privateDnsEnabled"] === true
      ? `${input(ctx, "vpcId")} ${input(ctx, "serviceName")}`
      : undefined,
  exists: "InvalidParameter: private-dns-enabled cannot be set because there is already a conflicting DNS domain",
  rules: [
    rule(
      "vpcEndpointType",
      oneOf("Gateway", "GatewayLoadBalancer", "Interface", "Resource", "ServiceNetwork"),
      `${API}API_CreateVpcEndpoint.html`,
    ),
    rule(
      "serviceName",
      (value, ctx) =>
        text(value).startsWith(`com.amazonaws.${regionOf(ctx)}.`) || /^(aws\.|com\.amazonaws\.vpce\.)/.test(text(value))
          ? undefined
          : `write a service of this region, com.amazonaws.${regionOf(ctx)}.<service>`,
      SERVICES,
    ),
  ],
  references: [
    refer("vpcId", VPC),
    refer("subnetIds[]", SUBNET),
    refer("routeTableIds[]", ROUTE_TABLE, { holds: false }),
    refer("securityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup"),
  ],
  check: (ctx) => {
    const gateway = !isInterface(ctx) && [undefined, "Gateway"].includes(ctx.inputs["vpcEndpointType"] as string);
    if (!gateway) return undefined;
    const wrong = ["subnetIds", "securityGroupIds"].find((property) => list(ctx.inputs[property]).length > 0);
    const only = /\.(s3|dynamodb)$/.test(input(ctx, "serviceName"));
    if (wrong !== undefined) return { path: wrong, reason: "leave it out: a gateway endpoint is reached by route tables", source: SERVICES };
    return input(ctx, "serviceName") === "" || only
      ? undefined
      : { path: "vpcEndpointType", reason: "write Interface: only s3 and dynamodb have gateway endpoints", source: SERVICES };
  },
  replaces: ["vpcId", "serviceName", "serviceRegion", "vpcEndpointType", "resourceConfigurationArn", "serviceNetworkArn"],
  updates: [
    "autoAccept",
    "dnsOptions",
    "ipAddressType",
    "policy",
    "privateDnsEnabled",
    "routeTableIds",
    "securityGroupIds",
    "subnetConfigurations",
    "subnetIds",
  ],
  defaults: {
    dnsOptions: (ctx) => ({ dnsRecordIpType: isInterface(ctx) ? "ipv4" : "service-defined", privateDnsOnlyForInboundResolverEndpoint: false }),
    ipAddressType: "ipv4",
    policy: '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}',
    privateDnsEnabled: false,
    routeTableIds: [],
    securityGroupIds: [],
    serviceRegion: (ctx) => regionOf(ctx),
    subnetConfigurations: [],
    subnetIds: [],
    vpcEndpointType: "Gateway",
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `vpc-endpoint/${ctx.id}`),
    ownerId: ctx.account,
    cidrBlocks: isInterface(ctx) ? [] : ["52.218.128.0/17"],
    dnsEntries: isInterface(ctx)
      ? [{ dnsName: `${ctx.id}-${ctx.hex(8, "dns")}.${input(ctx, "serviceName").split(".").pop() ?? ""}.${regionOf(ctx)}.vpce.amazonaws.com`, hostedZoneId: "Z1YSA3EXCYUU9Z" }]
      : [],
    networkInterfaceIds: texts(ctx.inputs["subnetIds"]).map((id) => `eni-0${ctx.hex(16, id)}`),
    prefixListId: isInterface(ctx) ? "" : `pl-${ctx.hex(8, "pl")}`,
    requesterManaged: false,
    state: "available",
  }),
});

const flowLog = awsType({
  token: "aws:ec2/flowLog:FlowLog",
  source: upstream("ec2/vpc_flow_log.go"),
  id: (ctx) => `fl-0${ctx.hex(16, "fl")}`,
  rules: [
    rule("trafficType", oneOf("ACCEPT", "REJECT", "ALL"), `${API}API_CreateFlowLogs.html`),
    rule("logDestinationType", oneOf("cloud-watch-logs", "s3", "kinesis-data-firehose"), `${API}API_CreateFlowLogs.html`),
    rule("maxAggregationInterval", (value) => (number(value) === 60 || number(value) === 600 ? undefined : "write 60 or 600 seconds"), `${API}API_CreateFlowLogs.html`),
    rule("logFormat", (value) => (text(value).includes("${") ? undefined : "write fields such as ${srcaddr}"), `${API}API_CreateFlowLogs.html`),
  ],
  references: [
    refer("vpcId", VPC, { holds: false }),
    refer("subnetId", SUBNET, { holds: false }),
    refer("iamRoleArn", "aws:iam/role:Role", { by: "arn", holds: false }),
  ],
  check: (ctx) => {
    const watched = ["vpcId", "subnetId", "eniId", "transitGatewayId", "transitGatewayAttachmentId", "regionalNatGatewayId"].filter((property) => input(ctx, property) !== "");
    return watched.length > 1
      ? { path: watched[1] ?? "", reason: `one flow log watches one thing, not ${watched.join(" and ")}`, source: upstream("ec2/vpc_flow_log.go") }
      : undefined;
  },
  replaces: [
    "deliverCrossAccountRole",
    "destinationOptions",
    "eniId",
    "iamRoleArn",
    "logDestination",
    "logDestinationType",
    "logFormat",
    "maxAggregationInterval",
    "regionalNatGatewayId",
    "subnetId",
    "tagFieldSpecifications",
    "trafficType",
    "transitGatewayAttachmentId",
    "transitGatewayId",
    "vpcId",
  ],
  defaults: {
    logDestination: "",
    logDestinationType: "cloud-watch-logs",
    logFormat:
      "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}",
    maxAggregationInterval: 600,
  },
  outputs: (ctx) => ({ arn: arnOf(ctx, "ec2", `vpc-flow-log/${ctx.id}`) }),
});

export const network: readonly ResourceType[] = [
  vpc,
  subnet,
  internetGateway,
  eip,
  natGateway,
  routeTable,
  route,
  routeTableAssociation,
  vpcEndpoint,
  flowLog,
];
