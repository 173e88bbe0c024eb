import type { Ctx } from "../../table.ts";
import { overlaps, readCidr } from "@groundwork/lib/cidr";
import { ROLE } from "./iam.ts";
import type { Problem } from "./rules.ts";
import { input, object, oneVpc, spansZones, text, texts, thing, vpcOf } from "./rules.ts";

/** `1.36` as 36. */
export const minor = (version: unknown): number | undefined => {
  const found = /^1\.(\d+)$/.exec(text(version))?.[1];
  return found === undefined ? undefined : Number(found);
};

/** Whether a role's trust policy lets a service take it; `true` when the role is not known here. */
export const trusts = (ctx: Ctx, roleArn: string, service: string): boolean => {
  const role = ctx.find(ROLE, "arn", roleArn, `aws/${ctx.account}`);
  if (role === undefined) return true;
  const policy = role.properties["assumeRolePolicy"];
  return (typeof policy === "string" ? policy : JSON.stringify(policy)).includes(service);
};

const versionProblem = (ctx: Ctx): Problem | undefined => {
  const [from, to] = [minor(ctx.old?.properties["version"]), minor(ctx.inputs["version"])];
  if (from === undefined || to === undefined || from === to) return undefined;
  const source = "https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html";
  return to === from + 1
    ? undefined
    : {
        path: "version",
        reason: `Unsupported Kubernetes minor version update from 1.${from} to 1.${to}: go up one minor version at a time`,
        source,
      };
};

const accessProblem = (ctx: Ctx): Problem | undefined => {
  const access = object(ctx.inputs["vpcConfig"]);
  if (access["endpointPublicAccess"] === false && access["endpointPrivateAccess"] !== true)
    return {
      path: "vpcConfig.endpointPrivateAccess",
      reason: "write true: a cluster needs a public or a private endpoint",
    };
  const [before, after] = [ctx.old?.properties, ctx.inputs].map(
    (each) => object(each?.["accessConfig"])["authenticationMode"],
  );
  const steps = ["CONFIG_MAP", "API_AND_CONFIG_MAP", "API"];
  return before !== undefined && after !== undefined && steps.indexOf(text(after)) < steps.indexOf(text(before))
    ? {
        path: "accessConfig.authenticationMode",
        reason: `it cannot go back from ${text(before)}`,
        source: "https://docs.aws.amazon.com/eks/latest/userguide/setting-up-access-entries.html",
      }
    : undefined;
};

const networkProblem = (ctx: Ctx): Problem | undefined => {
  const subnets = texts(object(ctx.inputs["vpcConfig"])["subnetIds"]);
  const source = "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html";
  const wrong = oneVpc(ctx, subnets) ?? spansZones(ctx, subnets, 2);
  if (wrong !== undefined)
    return { path: "vpcConfig.subnetIds", reason: `InvalidParameterException: ${wrong}`, source };
  const [before, after] = [text(object(ctx.old?.properties["vpcConfig"])["vpcId"]), vpcOf(ctx, subnets)];
  if (before !== "" && after !== "" && before !== after)
    return {
      path: "vpcConfig.subnetIds",
      reason: `InvalidParameterException: Provided subnets belong to the VPC ${after} which does not match with the existing VPC ${before}`,
      source,
    };
  const whole = readCidr(thing(ctx, "aws:ec2/vpc:Vpc", vpcOf(ctx, subnets))?.properties["cidrBlock"]);
  const services = readCidr(object(ctx.inputs["kubernetesNetworkConfig"])["serviceIpv4Cidr"]);
  return whole !== undefined && services !== undefined && overlaps(whole, services)
    ? {
        path: "kubernetesNetworkConfig.serviceIpv4Cidr",
        reason: "take a block that does not overlap the VPC's",
        source,
      }
    : undefined;
};

const roleProblem = (ctx: Ctx): Problem | undefined =>
  trusts(ctx, input(ctx, "roleArn"), "eks.amazonaws.com")
    ? undefined
    : {
        path: "roleArn",
        reason:
          "InvalidParameterException: Role could not be assumed because the trusted entity is not correct: let eks.amazonaws.com assume it",
        source: "https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html",
      };

export const clusterProblem = (ctx: Ctx): Problem | undefined =>
  versionProblem(ctx) ?? accessProblem(ctx) ?? networkProblem(ctx) ?? roleProblem(ctx);
