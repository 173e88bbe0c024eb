import type { Created, Ctx, ResourceType } from "../../table.ts";
import {
  all,
  arnOf,
  awsType,
  ec2Id,
  input,
  kept,
  length,
  list,
  object,
  oneOf,
  pattern,
  range,
  refer,
  rule,
  text,
  texts,
  upstream,
} from "./rules.ts";
import { INSTANCE_TYPE } from "./vcpus.ts";

const API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/";
const TYPES = "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html";
export const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
export const AUTOSCALING_GROUP = "aws:autoscaling/group:Group";

export const instanceType = pattern(INSTANCE_TYPE, "write an EC2 instance type such as m7g.large");

const VOLUMES = "https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html";
const BLOCK_DEVICE = "blockDeviceMappings[].ebs";

const launchTemplate = awsType({
  token: LAUNCH_TEMPLATE,
  source: upstream("ec2/ec2_launch_template.go"),
  id: ec2Id("lt"),
  key: (ctx) => input(ctx, "name"),
  exists: "InvalidLaunchTemplateName.AlreadyExistsException",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(length(3, 128), pattern(/^[a-zA-Z0-9().\-/_]+$/, "write letters, digits and ().-/_ only")),
      `${API}API_CreateLaunchTemplate.html`,
    ),
    rule("instanceType", instanceType, TYPES),
    rule(
      "imageId",
      pattern(/^(ami-[0-9a-f]{8}|ami-[0-9a-f]{17}|resolve:ssm:.+)$/, "write an AMI id such as ami-0123456789abcdef0"),
      `${API}API_RequestLaunchTemplateData.html`,
    ),
    rule(
      "userData",
      (value) =>
        /^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text(value)) && text(value).length <= 21_848
          ? undefined
          : "write base64 of at most 16 KB",
      "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html",
    ),
    rule(
      "metadataOptions.httpTokens",
      oneOf("optional", "required"),
      `${API}API_LaunchTemplateInstanceMetadataOptionsRequest.html`,
    ),
    rule(
      "metadataOptions.httpEndpoint",
      oneOf("enabled", "disabled"),
      `${API}API_LaunchTemplateInstanceMetadataOptionsRequest.html`,
    ),
    rule(
      "metadataOptions.httpPutResponseHopLimit",
      range(1, 64),
      `${API}API_LaunchTemplateInstanceMetadataOptionsRequest.html`,
    ),
    rule(`${BLOCK_DEVICE}.volumeType`, oneOf("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"), VOLUMES),
    rule(`${BLOCK_DEVICE}.volumeSize`, range(1, 65_536), VOLUMES),
    rule(`${BLOCK_DEVICE}.throughput`, range(125, 2_000), VOLUMES),
  ],
  references: [
    refer("vpcSecurityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup", { holds: false }),
    refer("networkInterfaces[].securityGroups[]", "aws:ec2/securityGroup:SecurityGroup", { holds: false }),
    refer("networkInterfaces[].subnetId", "aws:ec2/subnet:Subnet", { holds: false }),
    refer("iamInstanceProfile.name", "aws:iam/instanceProfile:InstanceProfile", { by: "name", holds: false }),
    refer("iamInstanceProfile.arn", "aws:iam/instanceProfile:InstanceProfile", { by: "arn", holds: false }),
  ],
  check: (ctx) =>
    texts(ctx.inputs["vpcSecurityGroupIds"]).length > 0 &&
    list(ctx.inputs["networkInterfaces"]).some((each) => list(object(each)["securityGroups"]).length > 0)
      ? {
          path: "vpcSecurityGroupIds",
          reason: "leave it out: the security groups of the network interfaces hold",
          source: `${API}API_RequestLaunchTemplateData.html`,
        }
      : undefined,
  replaces: ["name", "namePrefix"],
  updates: [
    "blockDeviceMappings",
    "capacityReservationSpecification",
    "cpuOptions",
    "creditSpecification",
    "defaultVersion",
    "description",
    "disableApiStop",
    "disableApiTermination",
    "ebsOptimized",
    "enclaveOptions",
    "hibernationOptions",
    "iamInstanceProfile",
    "imageId",
    "instanceInitiatedShutdownBehavior",
    "instanceMarketOptions",
    "instanceRequirements",
    "instanceType",
    "kernelId",
    "keyName",
    "licenseSpecifications",
    "maintenanceOptions",
    "metadataOptions",
    "monitoring",
    "networkInterfaces",
    "networkPerformanceOptions",
    "placement",
    "privateDnsNameOptions",
    "ramDiskId",
    "secondaryInterfaces",
    "securityGroupNames",
    "tagSpecifications",
    "updateDefaultVersion",
    "userData",
    "vpcSecurityGroupIds",
  ],
  defaults: {
    defaultVersion: (ctx: Created) => kept(ctx, "defaultVersion", () => 1),
    metadataOptions: {},
    namePrefix: "",
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `launch-template/${ctx.id}`),
    latestVersion: ctx.old === undefined ? 1 : Number(ctx.old.properties["latestVersion"] ?? 0) + 1,
  }),
});

const attachment = awsType({
  token: "aws:autoscaling/attachment:Attachment",
  source: upstream("autoscaling/attachment.go"),
  id: (ctx) => `${input(ctx, "autoscalingGroupName")}-${ctx.hex(26, "attachment")}`,
  references: [
    refer("autoscalingGroupName", AUTOSCALING_GROUP, { by: "name", holds: false }),
    refer("lbTargetGroupArn", "aws:lb/targetGroup:TargetGroup", { holds: false }),
  ],
  check: (ctx: Ctx) =>
    input(ctx, "elb") !== "" && input(ctx, "lbTargetGroupArn") !== ""
      ? { path: "elb", reason: "write either elb or lbTargetGroupArn", source: upstream("autoscaling/attachment.go") }
      : undefined,
  replaces: ["autoscalingGroupName", "elb", "lbTargetGroupArn"],
});

export const compute: readonly ResourceType[] = [launchTemplate, attachment];
