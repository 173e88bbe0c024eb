import type { Created, Ctx, ResourceType } from "../../table.ts";
import { AUTOSCALING_GROUP, instanceType, LAUNCH_TEMPLATE } from "./compute.ts";
import { CLUSTER, LATEST } from "./eks.ts";
import { minor, trusts } from "./eks-rules.ts";
import { ROLE } from "./iam.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arn,
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
  range,
  refer,
  rule,
  sourced,
  text,
  texts,
  thing,
  upstream,
  uuid,
  vpcOf,
} from "./rules.ts";
import { vcpuQuotas } from "./vcpus.ts";

const API = "https://docs.aws.amazon.com/eks/latest/APIReference/";
const CREATE = `${API}API_CreateNodegroup.html`;
const SCALING = `${API}API_NodegroupScalingConfig.html`;
const LAUNCH = "https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html";

const AMI_TYPES = [
  "AL2_x86_64",
  "AL2_x86_64_GPU",
  "AL2_ARM_64",
  "CUSTOM",
  "BOTTLEROCKET_ARM_64",
  "BOTTLEROCKET_x86_64",
  "BOTTLEROCKET_ARM_64_FIPS",
  "BOTTLEROCKET_x86_64_FIPS",
  "BOTTLEROCKET_ARM_64_NVIDIA",
  "BOTTLEROCKET_x86_64_NVIDIA",
  "WINDOWS_CORE_2019_x86_64",
  "WINDOWS_FULL_2019_x86_64",
  "WINDOWS_CORE_2022_x86_64",
  "WINDOWS_FULL_2022_x86_64",
  "WINDOWS_CORE_2025_x86_64",
  "WINDOWS_FULL_2025_x86_64",
  "AL2023_x86_64_STANDARD",
  "AL2023_ARM_64_STANDARD",
  "AL2023_x86_64_NEURON",
  "AL2023_x86_64_NVIDIA",
  "AL2023_ARM_64_NVIDIA",
];

/** Graviton families carry a g right after the generation. https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html */
const isArm = (type: string): boolean => /^(a1|[a-z]+\d+g)/.test(type);

const template = (ctx: Ctx) => {
  const { id, name } = object(ctx.inputs["launchTemplate"]);
  return thing(ctx, LAUNCH_TEMPLATE, id) ?? ctx.find(LAUNCH_TEMPLATE, "name", name);
};

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html: t3.medium unless something is said. */
const typesOf = (ctx: Ctx): readonly string[] => {
  const own = texts(ctx.inputs["instanceTypes"]);
  if (own.length > 0) return own;
  const templated = text(template(ctx)?.properties["instanceType"]);
  return [templated === "" ? "t3.medium" : templated];
};

const scalingProblem = (ctx: Ctx): Problem | undefined => {
  const { minSize, desiredSize, maxSize } = object(ctx.inputs["scalingConfig"]);
  const [min, desired, max] = [minSize, desiredSize, maxSize].map(number);
  if (min === undefined || desired === undefined || max === undefined) return undefined;
  if (min > max)
    return { path: "scalingConfig.minSize", reason: `minSize ${min} is above maxSize ${max}`, source: SCALING };
  return desired < min || desired > max
    ? {
        path: "scalingConfig.desiredSize",
        reason: `write a size from minSize ${min} to maxSize ${max}, not ${desired}`,
        source: SCALING,
      }
    : undefined;
};

const templateProblem = (ctx: Ctx): Problem | undefined => {
  if (ctx.inputs["launchTemplate"] === undefined) return undefined;
  const wrong = ["diskSize", "remoteAccess"].find((property) => ctx.inputs[property] !== undefined);
  if (wrong !== undefined) return { path: wrong, reason: "leave it out: the launch template says it", source: LAUNCH };
  return texts(ctx.inputs["instanceTypes"]).length > 0 && text(template(ctx)?.properties["instanceType"]) !== ""
    ? { path: "instanceTypes", reason: "leave it out: the launch template names an instance type", source: LAUNCH }
    : undefined;
};

const versionProblem = (ctx: Ctx): Problem | undefined => {
  const control = minor(ctx.find(CLUSTER, "name", ctx.inputs["clusterName"])?.properties["version"]);
  const nodes = minor(ctx.inputs["version"]) ?? control;
  if (control === undefined || nodes === undefined) return undefined;
  if (nodes > control || nodes < control - 3)
    return {
      path: "version",
      reason: `nodes of 1.${nodes} do not work with a control plane of 1.${control}: write 1.${Math.max(control - 3, 0)} to 1.${control}`,
      source: "https://kubernetes.io/releases/version-skew-policy/",
    };
  return nodes >= 33 && /^AL2_/.test(input(ctx, "amiType"))
    ? {
        path: "amiType",
        reason: "write AL2023_x86_64_STANDARD or AL2023_ARM_64_STANDARD: Amazon Linux 2 ended with Kubernetes 1.32",
        source: "https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html",
      }
    : undefined;
};

const processorProblem = (ctx: Ctx): Problem | undefined => {
  const ami = input(ctx, "amiType");
  const types = typesOf(ctx);
  if (types.some(isArm) && !types.every(isArm))
    return {
      path: "instanceTypes",
      reason: `take types of one processor architecture, not ${types.join(", ")}`,
      source: CREATE,
    };
  const wants = /ARM_64/.test(ami) ? true : /x86_64/.test(ami) ? false : undefined;
  const wrong = types.find((type) => wants !== undefined && isArm(type) !== wants);
  return wrong === undefined
    ? undefined
    : { path: "instanceTypes", reason: `${wrong} does not run ${ami}`, source: CREATE };
};

const networkProblem = (ctx: Ctx): Problem | undefined => {
  const subnets = texts(ctx.inputs["subnetIds"]);
  const vpc = text(object(ctx.find(CLUSTER, "name", ctx.inputs["clusterName"])?.properties["vpcConfig"])["vpcId"]);
  const own = vpcOf(ctx, subnets);
  const reason =
    oneVpc(ctx, subnets) ??
    (vpc !== "" && own !== "" && own !== vpc ? `the subnets belong to ${own} and the cluster to ${vpc}` : undefined);
  return reason === undefined
    ? undefined
    : { path: "subnetIds", reason: `InvalidParameterException: ${reason}`, source: CREATE };
};

const roleProblem = (ctx: Ctx): Problem | undefined =>
  trusts(ctx, input(ctx, "nodeRoleArn"), "ec2.amazonaws.com")
    ? undefined
    : {
        path: "nodeRoleArn",
        reason:
          "InvalidParameterException: Following required service principals [ec2.amazonaws.com] were not found in the trust relationships of nodeRole",
        source: "https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html",
      };

const groupName = (ctx: Created): string => `eks-${input(ctx, "nodeGroupName")}-${uuid(ctx, "asg")}`;

const nodeGroup = awsType({
  token: "aws:eks/nodeGroup:NodeGroup",
  source: upstream("eks/node_group.go"),
  id: (ctx) => `${input(ctx, "clusterName")}:${input(ctx, "nodeGroupName")}`,
  key: (ctx) => `${input(ctx, "clusterName")}:${input(ctx, "nodeGroupName")}`,
  exists: "ResourceInUseException",
  autoName: { property: "nodeGroupName", maxLength: 255 },
  rules: [
    rule(
      "nodeGroupName",
      all(
        length(1, 63),
        pattern(/^[0-9A-Za-z][A-Za-z0-9_-]*$/, "write letters, digits, - and _, beginning with a letter or digit"),
      ),
      CREATE,
    ),
    rule("nodeRoleArn", arn("iam"), CREATE),
    rule("instanceTypes", length(0, 20), CREATE),
    rule("instanceTypes[]", instanceType, "https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-types.html"),
    rule("amiType", oneOf(...AMI_TYPES), `${API}API_Nodegroup.html`),
    rule("capacityType", oneOf("ON_DEMAND", "SPOT", "CAPACITY_BLOCK"), `${API}API_Nodegroup.html`),
    rule("diskSize", range(1, 16_384), CREATE),
    rule(
      "scalingConfig.minSize",
      range(0, 450),
      "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html",
    ),
    rule(
      "scalingConfig.desiredSize",
      range(0, 450),
      "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html",
    ),
    rule(
      "scalingConfig.maxSize",
      range(1, 450),
      "https://docs.aws.amazon.com/eks/latest/userguide/service-quotas.html",
    ),
    rule("taints", length(0, 50), `${API}API_Taint.html`),
    rule("taints[].effect", oneOf("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE"), `${API}API_Taint.html`),
    rule("updateConfig.maxUnavailable", range(1, 100), `${API}API_NodegroupUpdateConfig.html`),
    rule("updateConfig.maxUnavailablePercentage", range(1, 100), `${API}API_NodegroupUpdateConfig.html`),
    rule("subnetIds", length(1, 100), CREATE),
  ],
  references: [
    refer("clusterName", CLUSTER, { by: "name", holds: false }),
    refer("nodeRoleArn", ROLE, { by: "arn", holds: false }),
    refer("subnetIds[]", "aws:ec2/subnet:Subnet"),
    refer("launchTemplate.id", LAUNCH_TEMPLATE, { holds: false }),
    refer("launchTemplate.name", LAUNCH_TEMPLATE, { by: "name", holds: false }),
    refer("remoteAccess.sourceSecurityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup"),
  ],
  check: (ctx) =>
    sourced(
      scalingProblem(ctx) ??
        templateProblem(ctx) ??
        processorProblem(ctx) ??
        versionProblem(ctx) ??
        networkProblem(ctx) ??
        roleProblem(ctx),
      CREATE,
    ),
  replaces: [
    "amiType",
    "capacityType",
    "clusterName",
    "diskSize",
    "instanceTypes",
    "launchTemplate.id",
    "launchTemplate.name",
    "nodeGroupName",
    "nodeGroupNamePrefix",
    "nodeRoleArn",
    "remoteAccess",
    "subnetIds",
  ],
  updates: [
    "forceUpdateVersion",
    "labels",
    "launchTemplate.version",
    "nodeRepairConfig",
    "releaseVersion",
    "scalingConfig",
    "taints",
    "updateConfig",
    "version",
    "warmPoolConfig",
  ],
  defaults: {
    amiType: (ctx: Created) => (typesOf(ctx).some(isArm) ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD"),
    capacityType: "ON_DEMAND",
    diskSize: (ctx: Created) => (ctx.inputs["launchTemplate"] === undefined ? 20 : 0),
    instanceTypes: (ctx: Created) => (text(template(ctx)?.properties["instanceType"]) === "" ? typesOf(ctx) : []),
    nodeGroupNamePrefix: "",
    nodeRepairConfig: { enabled: false },
    updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 0 },
    version: (ctx: Created) =>
      text(ctx.find(CLUSTER, "name", ctx.inputs["clusterName"])?.properties["version"]) || LATEST,
    releaseVersion: (ctx: Created) =>
      `${input(ctx, "version") || text(ctx.find(CLUSTER, "name", ctx.inputs["clusterName"])?.properties["version"]) || LATEST}.1-20261105`,
  },
  outputs: (ctx) => ({
    arn: arnOf(
      ctx,
      "eks",
      `nodegroup/${input(ctx, "clusterName")}/${input(ctx, "nodeGroupName")}/${uuid(ctx, "nodegroup")}`,
    ),
    resources: [{ autoscalingGroups: [{ name: groupName(ctx) }], remoteAccessSecurityGroupId: "" }],
    status: "ACTIVE",
  }),
  brings: (ctx) => [
    {
      token: AUTOSCALING_GROUP,
      id: groupName(ctx),
      properties: {
        name: groupName(ctx),
        arn: arnOf(ctx, "autoscaling", `autoScalingGroup:${uuid(ctx, "group")}:autoScalingGroupName/${groupName(ctx)}`),
        ...object(ctx.inputs["scalingConfig"]),
        vpcZoneIdentifiers: list(ctx.inputs["subnetIds"]),
      },
    },
  ],
  quotas: vcpuQuotas((ctx) => ({
    type: typesOf(ctx)[0] ?? "",
    count: number(object(ctx.inputs["scalingConfig"])["desiredSize"]) ?? 0,
    isSpot: input(ctx, "capacityType") === "SPOT",
  })),
});

export const nodeGroups: readonly ResourceType[] = [nodeGroup];
