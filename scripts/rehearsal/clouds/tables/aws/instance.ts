import { addressIn, blockSize, readCidr } from "@groundwork/lib/cidr";
import type { Created, Ctx, ResourceType } from "../../table.ts";
import { instanceType, LAUNCH_TEMPLATE } from "./compute.ts";
import { SUBNET, VPC } from "./network.ts";
import type { Problem } from "./rules.ts";
import {
  arnOf,
  awsType,
  ec2Id,
  input,
  object,
  oneOf,
  pattern,
  range,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  texts,
  thing,
  upstream,
} from "./rules.ts";
import { vcpuQuotas } from "./vcpus.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";
const RUN = `${API}API_RunInstances.html`;
const METADATA = `${API}API_InstanceMetadataOptionsRequest.html`;
const INSTANCE = "aws:ec2/instance:Instance";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";

const template = (ctx: Ctx) => {
  const { id, name } = object(ctx.inputs["launchTemplate"]);
  return thing(ctx, LAUNCH_TEMPLATE, id) ?? ctx.find(LAUNCH_TEMPLATE, "name", name);
};

/** What the instance says itself, else its launch template. */
const said = (ctx: Ctx, property: string, inTemplate = property): string =>
  input(ctx, property) || text(template(ctx)?.properties[inTemplate]);

const vpcOfSubnet = (ctx: Ctx): string => text(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["vpcId"]);

const problem = (ctx: Ctx): Problem | undefined => {
  if (said(ctx, "ami", "imageId") === "")
    return { path: "ami", reason: "MissingParameter: write ami, or a launch template that has an imageId" };
  if (said(ctx, "instanceType") === "")
    return { path: "instanceType", reason: "MissingParameter: write it, or a launch template that has one" };
  const own = vpcOfSubnet(ctx);
  const stranger = texts(ctx.inputs["vpcSecurityGroupIds"]).find((id) => {
    const vpc = text(thing(ctx, SECURITY_GROUP, id)?.properties["vpcId"]);
    return own !== "" && vpc !== "" && vpc !== own;
  });
  return stranger === undefined
    ? undefined
    : {
        path: "vpcSecurityGroupIds",
        reason: `InvalidParameter: Security group ${stranger} and subnet ${input(ctx, "subnetId")} belong to different networks`,
      };
};

const privateIp = (ctx: Created): string => {
  const within = readCidr(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["cidrBlock"]);
  return within === undefined
    ? "10.0.0.10"
    : addressIn(within, 4 + (parseInt(ctx.hex(6, "private"), 16) % (blockSize(within.prefix) - 5)));
};

const privateDns = (ctx: Created): string =>
  `ip-${(input(ctx, "privateIp") || privateIp(ctx)).replaceAll(".", "-")}.${regionOf(ctx) === "us-east-1" ? "ec2" : `${regionOf(ctx)}.compute`}.internal`;

/** What `resolve:ssm:` of the launch template comes to. */
const imageOf = (ctx: Created): string => {
  const named = said(ctx, "ami", "imageId");
  return named.startsWith("resolve:ssm:") ? `ami-0${ctx.hex(16, named)}` : named;
};

const instance = awsType({
  token: INSTANCE,
  source: upstream("ec2/ec2_instance.go"),
  id: ec2Id("i"),
  rules: [
    rule("instanceType", instanceType, "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html"),
    rule("ami", pattern(/^ami-([0-9a-f]{8}|[0-9a-f]{17})$/, "write an AMI id such as ami-0123456789abcdef0"), RUN),
    rule("tenancy", oneOf("default", "dedicated", "host"), RUN),
    rule("metadataOptions.httpTokens", oneOf("optional", "required"), METADATA),
    rule("metadataOptions.httpEndpoint", oneOf("enabled", "disabled"), METADATA),
    rule("metadataOptions.httpPutResponseHopLimit", range(1, 64), METADATA),
    rule("rootBlockDevice.volumeType", oneOf("gp2", "gp3", "io1", "io2", "standard"), RUN),
    rule("rootBlockDevice.volumeSize", range(1, 65_536), RUN),
  ],
  references: [
    refer("subnetId", SUBNET),
    refer("vpcSecurityGroupIds[]", SECURITY_GROUP),
    refer("iamInstanceProfile", "aws:iam/instanceProfile:InstanceProfile", { by: "name", holds: false }),
    refer("launchTemplate.id", LAUNCH_TEMPLATE, { holds: false }),
    refer("launchTemplate.name", LAUNCH_TEMPLATE, { by: "name", holds: false }),
  ],
  check: (ctx) => sourced(problem(ctx), RUN),
  replaces: [
    "ami",
    "associatePublicIpAddress",
    "availabilityZone",
    "cpuOptions",
    "ebsBlockDevices",
    "enablePrimaryIpv6",
    "enclaveOptions",
    "ephemeralBlockDevices",
    "hibernation",
    "hostId",
    "hostResourceGroupArn",
    "instanceMarketOptions",
    "keyName",
    "launchTemplate",
    "networkInterfaces",
    "placementGroup",
    "placementGroupId",
    "placementPartitionNumber",
    "primaryNetworkInterface",
    "privateIp",
    "secondaryNetworkInterfaces",
    "securityGroups",
    "subnetId",
    "tenancy",
  ],
  updates: [
    "capacityReservationSpecification",
    "creditSpecification",
    "disableApiStop",
    "disableApiTermination",
    "ebsOptimized",
    "forceDestroy",
    "getPasswordData",
    "iamInstanceProfile",
    "instanceInitiatedShutdownBehavior",
    "instanceType",
    "ipv6AddressCount",
    "ipv6Addresses",
    "maintenanceOptions",
    "metadataOptions",
    "monitoring",
    "privateDnsNameOptions",
    "rootBlockDevice",
    "secondaryPrivateIps",
    "sourceDestCheck",
    "userData",
    "userDataBase64",
    "userDataReplaceOnChange",
    "volumeTags",
    "vpcSecurityGroupIds",
  ],
  defaults: {
    ami: imageOf,
    associatePublicIpAddress: false,
    availabilityZone: (ctx: Created) =>
      text(thing(ctx, SUBNET, ctx.inputs["subnetId"])?.properties["availabilityZone"]) || `${regionOf(ctx)}a`,
    capacityReservationSpecification: { capacityReservationPreference: "open" },
    cpuOptions: { coreCount: 1, threadsPerCore: 2, amdSevSnp: "", nestedVirtualization: "" },
    creditSpecification: { cpuCredits: "unlimited" },
    disableApiStop: false,
    disableApiTermination: false,
    ebsBlockDevices: [],
    ebsOptimized: false,
    enclaveOptions: { enabled: false },
    ephemeralBlockDevices: [],
    hostId: "",
    hostResourceGroupArn: "",
    iamInstanceProfile: (ctx: Created) => text(object(template(ctx)?.properties["iamInstanceProfile"])["name"]),
    instanceInitiatedShutdownBehavior: "stop",
    instanceMarketOptions: {},
    instanceType: (ctx: Created) => said(ctx, "instanceType"),
    keyName: "",
    maintenanceOptions: { autoRecovery: "default" },
    metadataOptions: (ctx: Created) => object(template(ctx)?.properties["metadataOptions"]),
    monitoring: false,
    networkInterfaces: [],
    placementGroup: "",
    placementGroupId: "",
    placementPartitionNumber: 0,
    primaryNetworkInterface: {},
    privateDnsNameOptions: {},
    privateIp,
    rootBlockDevice: {},
    secondaryNetworkInterfaces: [],
    secondaryPrivateIps: [],
    securityGroups: [],
    subnetId: "",
    tenancy: "default",
    vpcSecurityGroupIds: (ctx: Created) => {
      const own = texts(template(ctx)?.properties["vpcSecurityGroupIds"]);
      const group = text(thing(ctx, VPC, vpcOfSubnet(ctx))?.properties["defaultSecurityGroupId"]);
      return own.length > 0 || group === "" ? own : [group];
    },
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `instance/${ctx.id}`),
    instanceLifecycle: "",
    instanceState: "running",
    outpostArn: "",
    passwordData: "",
    primaryNetworkInterfaceId: ec2Id("eni")(ctx),
    privateDns: privateDns(ctx),
    publicDns: "",
    publicIp: "",
    spotInstanceRequestId: "",
  }),
  refuseDelete: (found) =>
    found.properties["disableApiTermination"] === true
      ? "OperationNotPermitted: The instance may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
      : undefined,
  quotas: vcpuQuotas((ctx) => ({
    type: said(ctx, "instanceType"),
    count: 1,
    isSpot: object(ctx.inputs["instanceMarketOptions"])["marketType"] === "spot",
  })),
});

export const instances: readonly ResourceType[] = [instance];
