import type { Created, Ctx, ResourceType } from "../../table.ts";
import { trusts } from "./eks-rules.ts";
import { ROUTE_TABLE, SUBNET, VPC } from "./network.ts";
import type { Problem } from "./rules.ts";
import {
  arnOf,
  awsType,
  ec2Id,
  input,
  list,
  number,
  oneOf,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  texts,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";
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
    if (wrong !== undefined)
      return { path: wrong, reason: "leave it out: a gateway endpoint is reached by route tables", source: SERVICES };
    return input(ctx, "serviceName") === "" || only
      ? undefined
      : {
          path: "vpcEndpointType",
          reason: "write Interface: only s3 and dynamodb have gateway endpoints",
          source: SERVICES,
        };
  },
  quotas: [
    {
      quota: "interfaceEndpoints",
      count: (ctx) => (isInterface(ctx) ? 1 : 0),
      per: (ctx) => input(ctx, "vpcId"),
    },
  ],
  replaces: [
    "vpcId",
    "serviceName",
    "serviceRegion",
    "vpcEndpointType",
    "resourceConfigurationArn",
    "serviceNetworkArn",
  ],
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
    dnsOptions: (ctx: Created) => ({
      dnsRecordIpType: isInterface(ctx) ? "ipv4" : "service-defined",
      privateDnsOnlyForInboundResolverEndpoint: false,
    }),
    ipAddressType: "ipv4",
    policy: '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}],"Version":"2008-10-17"}',
    privateDnsEnabled: false,
    routeTableIds: [],
    securityGroupIds: [],
    serviceRegion: (ctx: Created) => regionOf(ctx),
    subnetConfigurations: [],
    subnetIds: [],
    vpcEndpointType: "Gateway",
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `vpc-endpoint/${ctx.id}`),
    ownerId: ctx.account,
    cidrBlocks: isInterface(ctx) ? [] : ["52.218.128.0/17"],
    dnsEntries: isInterface(ctx)
      ? [
          {
            dnsName: `${ctx.id}-${ctx.hex(8, "dns")}.${input(ctx, "serviceName").split(".").pop() ?? ""}.${regionOf(ctx)}.vpce.amazonaws.com`,
            hostedZoneId: "Z1YSA3EXCYUU9Z",
          },
        ]
      : [],
    networkInterfaceIds: texts(ctx.inputs["subnetIds"]).map((id) => `eni-0${ctx.hex(16, id)}`),
    prefixListId: isInterface(ctx) ? "" : `pl-${ctx.hex(8, "pl")}`,
    requesterManaged: false,
    state: "available",
  }),
});

/** A log group needs a role that the service may take; a bucket takes none. */
const destinationProblem = (ctx: Ctx): Problem | undefined => {
  const type = input(ctx, "logDestinationType") || "cloud-watch-logs";
  const role = input(ctx, "iamRoleArn");
  if (type === "cloud-watch-logs" && role !== "" && !trusts(ctx, role, "vpc-flow-logs.amazonaws.com"))
    return {
      path: "iamRoleArn",
      reason: "InvalidParameter: Access Denied for LogDestination: let vpc-flow-logs.amazonaws.com assume the role",
    };
  return type === "s3" && role !== ""
    ? { path: "iamRoleArn", reason: "InvalidParameter: leave it out: the bucket's policy lets the service write" }
    : undefined;
};

const flowLog = awsType({
  token: "aws:ec2/flowLog:FlowLog",
  source: upstream("ec2/vpc_flow_log.go"),
  id: (ctx) => `fl-0${ctx.hex(16, "fl")}`,
  rules: [
    rule("trafficType", oneOf("ACCEPT", "REJECT", "ALL"), `${API}API_CreateFlowLogs.html`),
    rule(
      "logDestinationType",
      oneOf("cloud-watch-logs", "s3", "kinesis-data-firehose"),
      `${API}API_CreateFlowLogs.html`,
    ),
    rule(
      "maxAggregationInterval",
      (value) => (number(value) === 60 || number(value) === 600 ? undefined : "write 60 or 600 seconds"),
      `${API}API_CreateFlowLogs.html`,
    ),
    rule(
      "logFormat",
      (value) => (text(value).includes("${") ? undefined : "write fields such as ${srcaddr}"),
      `${API}API_CreateFlowLogs.html`,
    ),
  ],
  references: [
    refer("vpcId", VPC, { holds: false }),
    refer("subnetId", SUBNET, { holds: false }),
    refer("iamRoleArn", "aws:iam/role:Role", { by: "arn", holds: false }),
    // a bucket may be another account's, which its ARN does not tell
    refer("logDestination", "aws:cloudwatch/logGroup:LogGroup", {
      by: "arn",
      holds: false,
      except: /^arn:aws[a-z-]*:(firehose|s3):/,
    }),
  ],
  check: (ctx) => {
    const watched = [
      "vpcId",
      "subnetId",
      "eniId",
      "transitGatewayId",
      "transitGatewayAttachmentId",
      "regionalNatGatewayId",
    ].filter((property) => input(ctx, property) !== "");
    return watched.length > 1
      ? {
          path: watched[1] ?? "",
          reason: `one flow log watches one thing, not ${watched.join(" and ")}`,
          source: upstream("ec2/vpc_flow_log.go"),
        }
      : sourced(destinationProblem(ctx), "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html");
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

export const endpoints: readonly ResourceType[] = [vpcEndpoint, flowLog];
