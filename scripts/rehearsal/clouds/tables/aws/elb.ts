import type { Created, Ctx, ResourceType } from "../../table.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arnOf,
  awsType,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  oneVpc,
  pattern,
  port,
  range,
  refer,
  regionOf,
  rule,
  sourced,
  spansZones,
  text,
  texts,
  thing,
  upstream,
  vpcOf,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/";
const CREATE = `${API}API_CreateLoadBalancer.html`;
export const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";
export const TARGET_GROUP = "aws:lb/targetGroup:TargetGroup";
export const LISTENER = "aws:lb/listener:Listener";
const SUBNET = "aws:ec2/subnet:Subnet";

const name = all(
  length(1, 32),
  pattern(
    /^(?!internal-)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$/,
    "write letters, digits and hyphens, with no hyphen first or last and not beginning with internal-",
  ),
);

const KINDS: Readonly<Record<string, string>> = { application: "app", network: "net", gateway: "gwy" };
const kindOf = (ctx: Ctx): string => input(ctx, "loadBalancerType") || "application";
const isInternal = (ctx: Ctx): boolean => ctx.inputs["internal"] === true;

const subnetsOf = (ctx: Ctx): readonly string[] => [
  ...texts(ctx.inputs["subnets"]),
  ...list(ctx.inputs["subnetMappings"]).map((each) => text(object(each)["subnetId"])),
];

const balancerProblem = (ctx: Ctx): Problem | undefined => {
  if (ctx.inputs["subnets"] !== undefined && ctx.inputs["subnetMappings"] !== undefined)
    return { path: "subnetMappings", reason: "write either subnets or subnetMappings" };
  const subnets = subnetsOf(ctx);
  const zones = subnets.map((id) => thing(ctx, SUBNET, id)?.properties["availabilityZone"]);
  const twice = zones.find((zone, index) => zone !== undefined && zones.indexOf(zone) !== index);
  const source = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html";
  if (twice !== undefined)
    return {
      path: "subnets",
      reason: `InvalidConfigurationRequest: A load balancer cannot be attached to multiple subnets in the same Availability Zone: ${text(twice)}`,
      source,
    };
  const reason = oneVpc(ctx, subnets) ?? (kindOf(ctx) === "application" ? spansZones(ctx, subnets, 2) : undefined);
  if (reason !== undefined) return { path: "subnets", reason: `InvalidSubnet: ${reason}`, source };
  const [before, vpc] = [text(ctx.old?.properties["vpcId"]), vpcOf(ctx, subnets)];
  if (before !== "" && vpc !== "" && before !== vpc)
    return {
      path: "subnets",
      reason: `InvalidSubnet: the subnets are of ${vpc}, the load balancer of ${before}`,
      source,
    };
  const stranger = texts(ctx.inputs["securityGroups"])
    .map((id) => thing(ctx, "aws:ec2/securityGroup:SecurityGroup", id))
    .find((group) => group !== undefined && vpc !== "" && group.properties["vpcId"] !== vpc);
  return stranger === undefined
    ? undefined
    : { path: "securityGroups", reason: `InvalidSecurityGroup: ${stranger.id} does not belong to ${vpc}`, source };
};

/** https://docs.aws.amazon.com/general/latest/gr/elb.html */
const HOSTED_ZONES: Readonly<Record<string, string>> = {
  "us-east-1 application": "Z35SXDOTRQ7X7K",
  "us-east-1 network": "Z26RNL4JYFTOTI",
  "us-west-2 application": "Z1H1FL5HABSF5",
  "us-west-2 network": "Z18D5FSROUN65G",
};

const dnsName = (ctx: Created): string => {
  const prefix = isInternal(ctx) ? "internal-" : "";
  return kindOf(ctx) === "application"
    ? `${prefix}${input(ctx, "name")}-${parseInt(ctx.hex(7, "dns"), 16)}.${regionOf(ctx)}.elb.amazonaws.com`
    : `${input(ctx, "name")}-${ctx.hex(16, "dns")}.elb.${regionOf(ctx)}.amazonaws.com`;
};

const suffix = (id: string): string => id.split(/:(?:loadbalancer\/)?(?=[^:]*$)/).pop() ?? "";

const loadBalancer = awsType({
  token: LOAD_BALANCER,
  source: upstream("elbv2/load_balancer.go"),
  id: (ctx) =>
    arnOf(
      ctx,
      "elasticloadbalancing",
      `loadbalancer/${KINDS[kindOf(ctx)] ?? "app"}/${input(ctx, "name")}/${ctx.hex(16, "lb")}`,
    ),
  key: (ctx) => input(ctx, "name"),
  exists: "DuplicateLoadBalancerName",
  autoName: { property: "name", maxLength: 32 },
  rules: [
    rule("name", name, CREATE),
    rule("loadBalancerType", oneOf("application", "network", "gateway"), CREATE),
    rule("ipAddressType", oneOf("ipv4", "dualstack", "dualstack-without-public-ipv4"), CREATE),
    rule("idleTimeout", range(1, 4000), `${API}API_LoadBalancerAttribute.html`),
    rule("clientKeepAlive", range(60, 604_800), `${API}API_LoadBalancerAttribute.html`),
    rule("desyncMitigationMode", oneOf("monitor", "defensive", "strictest"), `${API}API_LoadBalancerAttribute.html`),
    rule("subnets", length(1, 20), CREATE),
  ],
  references: [
    refer("subnets[]", SUBNET),
    refer("subnetMappings[].subnetId", SUBNET),
    refer("subnetMappings[].allocationId", "aws:ec2/eip:Eip"),
    refer("securityGroups[]", "aws:ec2/securityGroup:SecurityGroup"),
    refer("accessLogs.bucket", "aws:s3/bucket:Bucket", { by: "bucket", holds: false, anyRegion: true }),
  ],
  check: (ctx) => sourced(balancerProblem(ctx), CREATE),
  replaces: ["customerOwnedIpv4Pool", "internal", "loadBalancerType", "name", "namePrefix"],
  updates: [
    "accessLogs",
    "clientKeepAlive",
    "connectionLogs",
    "desyncMitigationMode",
    "dnsRecordClientRoutingPolicy",
    "dropInvalidHeaderFields",
    "enableCrossZoneLoadBalancing",
    "enableDeletionProtection",
    "enableHttp2",
    "enablePrefixForIpv6SourceNat",
    "enableTlsVersionAndCipherSuiteHeaders",
    "enableWafFailOpen",
    "enableXffClientPort",
    "enableZonalShift",
    "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
    "healthCheckLogs",
    "idleTimeout",
    "ipAddressType",
    "ipamPools",
    "minimumLoadBalancerCapacity",
    "preserveHostHeader",
    "secondaryIpsAutoAssignedPerSubnet",
    "securityGroups",
    "subnetMappings",
    "subnets",
    "xffHeaderProcessingMode",
  ],
  defaults: {
    enableDeletionProtection: false,
    enablePrefixForIpv6SourceNat: "off",
    enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: "",
    internal: false,
    ipAddressType: "ipv4",
    loadBalancerType: "application",
    namePrefix: "",
    secondaryIpsAutoAssignedPerSubnet: 0,
    securityGroups: [],
    subnetMappings: (ctx: Created) =>
      texts(ctx.inputs["subnets"]).map((subnetId) => ({
        subnetId,
        allocationId: "",
        ipv6Address: "",
        outpostId: "",
        privateIpv4Address: "",
      })),
    subnets: (ctx: Created) => subnetsOf(ctx),
  },
  outputs: (ctx) => ({
    arn: ctx.id,
    arnSuffix: suffix(ctx.id),
    dnsName: dnsName(ctx),
    vpcId: vpcOf(ctx, subnetsOf(ctx)),
    zoneId:
      HOSTED_ZONES[`${regionOf(ctx)} ${kindOf(ctx)}`] ??
      `Z${ctx.hex(13, `${regionOf(ctx)} ${kindOf(ctx)}`).toUpperCase()}`,
  }),
  refuseDelete: (balancer) =>
    balancer.properties["enableDeletionProtection"] === true
      ? `OperationNotPermitted: Load balancer '${balancer.id}' cannot be deleted because deletion protection is enabled`
      : undefined,
});

const PROTOCOLS = ["HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC", "GENEVE"];

const targetProblem = (ctx: Ctx): Problem | undefined => {
  const kind = input(ctx, "targetType") || "instance";
  const missing =
    kind === "lambda"
      ? undefined
      : ["port", "protocol", "vpcId"].find((property) => ctx.inputs[property] === undefined);
  if (missing !== undefined) return { path: missing, reason: `write it: targets of type ${kind} need one` };
  const { interval, timeout, protocol } = object(ctx.inputs["healthCheck"]);
  const [every, within] = [number(interval), number(timeout)];
  if (every !== undefined && within !== undefined && within >= every && protocol !== "TCP")
    return {
      path: "healthCheck.timeout",
      reason: `ValidationError: write a timeout below the interval of ${every} s, not ${within}`,
    };
  const over = /^(TCP|TLS|UDP|TCP_UDP)$/.test(input(ctx, "protocol"));
  return !over && protocol === "TCP"
    ? { path: "healthCheck.protocol", reason: "write HTTP or HTTPS: TCP checks are for network load balancers" }
    : undefined;
};

const HEALTH = `${API}API_CreateTargetGroup.html`;

const targetGroup = awsType({
  token: TARGET_GROUP,
  source: upstream("elbv2/target_group.go"),
  id: (ctx) => arnOf(ctx, "elasticloadbalancing", `targetgroup/${input(ctx, "name")}/${ctx.hex(16, "tg")}`),
  key: (ctx) => input(ctx, "name"),
  exists: "DuplicateTargetGroupName",
  autoName: { property: "name", maxLength: 32 },
  rules: [
    rule("name", name, HEALTH),
    rule("port", port, HEALTH),
    rule("protocol", oneOf(...PROTOCOLS), HEALTH),
    rule("protocolVersion", oneOf("HTTP1", "HTTP2", "GRPC"), HEALTH),
    rule("targetType", oneOf("instance", "ip", "lambda", "alb"), HEALTH),
    rule("ipAddressType", oneOf("ipv4", "ipv6"), HEALTH),
    rule("deregistrationDelay", range(0, 3600), `${API}API_TargetGroupAttribute.html`),
    rule(
      "slowStart",
      (value) =>
        value === 0 || (typeof value === "number" && value >= 30 && value <= 900)
          ? undefined
          : "write 0 or 30 to 900 seconds",
      `${API}API_TargetGroupAttribute.html`,
    ),
    rule(
      "loadBalancingAlgorithmType",
      oneOf("round_robin", "least_outstanding_requests", "weighted_random"),
      `${API}API_TargetGroupAttribute.html`,
    ),
    rule("healthCheck.protocol", oneOf("HTTP", "HTTPS", "TCP"), HEALTH),
    rule("healthCheck.path", all(length(1, 1024), pattern(/^\//, "write a path that begins with /")), HEALTH),
    rule("healthCheck.port", pattern(/^(traffic-port|[1-9]\d{0,4})$/, "write traffic-port or a port"), HEALTH),
    rule("healthCheck.interval", range(5, 300), HEALTH),
    rule("healthCheck.timeout", range(2, 120), HEALTH),
    rule("healthCheck.healthyThreshold", range(2, 10), HEALTH),
    rule("healthCheck.unhealthyThreshold", range(2, 10), HEALTH),
    rule("healthCheck.matcher", pattern(/^\d{1,3}([-,]\d{1,3})*$/, "write codes such as 200 or 200-299"), HEALTH),
  ],
  references: [refer("vpcId", "aws:ec2/vpc:Vpc")],
  check: (ctx) => sourced(targetProblem(ctx), HEALTH),
  replaces: [
    "ipAddressType",
    "name",
    "namePrefix",
    "port",
    "protocol",
    "protocolVersion",
    "targetControlPort",
    "targetType",
    "vpcId",
  ],
  updates: [
    "connectionTermination",
    "deregistrationDelay",
    "healthCheck",
    "lambdaMultiValueHeadersEnabled",
    "loadBalancingAlgorithmType",
    "loadBalancingAnomalyMitigation",
    "loadBalancingCrossZoneEnabled",
    "preserveClientIp",
    "proxyProtocolV2",
    "slowStart",
    "stickiness",
    "targetFailovers",
    "targetGroupHealth",
    "targetHealthStates",
  ],
  defaults: {
    connectionTermination: false,
    deregistrationDelay: 300,
    ipAddressType: "ipv4",
    loadBalancingAlgorithmType: "round_robin",
    loadBalancingAnomalyMitigation: "off",
    loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
    namePrefix: "",
    preserveClientIp: "",
    protocolVersion: (ctx: Created) => (/^HTTPS?$/.test(input(ctx, "protocol")) ? "HTTP1" : ""),
    stickiness: { enabled: false, type: "lb_cookie", cookieDuration: 86_400, cookieName: "" },
    targetFailovers: [],
    targetGroupHealth: {
      dnsFailover: { minimumHealthyTargetsCount: "1", minimumHealthyTargetsPercentage: "off" },
      unhealthyStateRouting: { minimumHealthyTargetsCount: 1, minimumHealthyTargetsPercentage: "off" },
    },
    targetHealthStates: [],
    targetType: "instance",
  },
  outputs: (ctx) => ({
    arn: ctx.id,
    arnSuffix: suffix(ctx.id),
    healthCheck: {
      enabled: true,
      healthyThreshold: 3,
      interval: 30,
      matcher: "",
      path: "",
      port: "traffic-port",
      protocol: "HTTP",
      timeout: 6,
      unhealthyThreshold: 3,
      ...object(ctx.inputs["healthCheck"]),
    },
    loadBalancerArns: [],
  }),
});

export const lb: readonly ResourceType[] = [loadBalancer, targetGroup];
