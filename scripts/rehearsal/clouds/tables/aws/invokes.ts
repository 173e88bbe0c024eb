import { crc32 } from "node:zlib";
import type { Invoke, Properties, Thing } from "../../table.ts";
import { registry } from "./ecr.ts";
import { policyJson } from "./policy-documents.ts";
import { list, object, regionOf, text, texts } from "./rules.ts";
import { AWS_REGIONS, awsZones } from "@groundwork/lib/regions";
import { zoneId } from "./zones.ts";

type Asked = Parameters<Invoke["answer"]>[1];

const TERRAFORM = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/";

const region = (args: Properties, ctx: Asked): string => text(args["region"]) || regionOf(ctx);

const availabilityZones: Invoke = {
  token: "aws:index/getAvailabilityZones:getAvailabilityZones",
  source: `${TERRAFORM}availability_zones`,
  answer: (args, ctx) => {
    const here = region(args, ctx);
    if (!AWS_REGIONS.includes(here))
      return { failure: `there is no region ${here}: write one of ${AWS_REGIONS.join(", ")}` };
    // local and wavelength zones are opted in, and nobody did
    const wanted = list(args["filters"]).map(object);
    const fits = (zone: string): boolean =>
      wanted.every(({ name, values }) => {
        const own: Readonly<Record<string, string>> = {
          "zone-name": zone,
          "zone-id": zoneId(zone),
          "zone-type": "availability-zone",
          "region-name": here,
          "opt-in-status": "opt-in-not-required",
          state: "available",
        };
        return own[text(name)] === undefined || texts(values).includes(own[text(name)] ?? "");
      });
    const names = awsZones(here).filter(
      (zone) =>
        fits(zone) &&
        !texts(args["excludeNames"]).includes(zone) &&
        !texts(args["excludeZoneIds"]).includes(zoneId(zone)),
    );
    const found = text(args["state"]) === "" || args["state"] === "available" ? names : [];
    return {
      ...args,
      id: here,
      region: here,
      groupNames: found.length === 0 ? [] : [here],
      names: found,
      zoneIds: found.map(zoneId),
    };
  },
};

const callerIdentity: Invoke = {
  token: "aws:index/getCallerIdentity:getCallerIdentity",
  source: `${TERRAFORM}caller_identity`,
  answer: (_args, ctx) => ({
    accountId: ctx.account,
    arn: `arn:aws:sts::${ctx.account}:assumed-role/rehearsal/groundwork`,
    id: ctx.account,
    userId: `AROA${"REHEARSAL".padEnd(17, "0")}:groundwork`,
  }),
};

const getRegion: Invoke = {
  token: "aws:index/getRegion:getRegion",
  source: `${TERRAFORM}region`,
  answer: (args, ctx) => {
    const here = text(args["region"]) || text(args["name"]) || regionOf(ctx);
    return AWS_REGIONS.includes(here)
      ? { description: here, endpoint: `ec2.${here}.amazonaws.com`, id: here, name: here, region: here }
      : { failure: `there is no region ${here}: write one of ${AWS_REGIONS.join(", ")}` };
  },
};

const partition: Invoke = {
  token: "aws:index/getPartition:getPartition",
  source: `${TERRAFORM}partition`,
  answer: () => ({ dnsSuffix: "amazonaws.com", id: "aws", partition: "aws", reverseDnsPrefix: "com.amazonaws" }),
};

const policyDocument: Invoke = {
  token: "aws:iam/getPolicyDocument:getPolicyDocument",
  source: `${TERRAFORM}iam_policy_document`,
  answer: (args) => {
    try {
      const document = policyJson(args);
      const json = JSON.stringify(document, undefined, 2);
      return { ...args, id: String(crc32(json)), json, minifiedJson: JSON.stringify(document) };
    } catch {
      return {
        failure:
          "sourcePolicyDocuments or overridePolicyDocuments holds something that is no JSON: write a policy document",
      };
    }
  },
};

const credentials = (ctx: Asked, here: string): Properties => {
  const password = Buffer.from(ctx.hex(64, `ecr ${here}`)).toString("base64");
  return {
    authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"),
    expiresAt: "2026-12-31T12:00:00Z",
    id: here,
    password,
    proxyEndpoint: `https://${registry({ ...ctx, region: here })}`,
    userName: "AWS",
  };
};

const authorizationToken: Invoke = {
  token: "aws:ecr/getAuthorizationToken:getAuthorizationToken",
  source: `${TERRAFORM}ecr_authorization_token`,
  answer: (args, ctx) => ({ ...args, ...credentials(ctx, region(args, ctx)), region: region(args, ctx) }),
};

const getCredentials: Invoke = {
  token: "aws:ecr/getCredentials:getCredentials",
  source: "https://www.pulumi.com/registry/packages/aws/api-docs/ecr/getcredentials/",
  answer: (args, ctx) => ({ ...credentials(ctx, regionOf(ctx)), registryId: text(args["registryId"]) || ctx.account }),
};

const clusterIn = (ctx: Asked, here: string, name: unknown): Thing | undefined =>
  ctx.find("aws:eks/cluster:Cluster", "name", name, `aws/${ctx.account}/${here}`);

const clusterAuth: Invoke = {
  token: "aws:eks/getClusterAuth:getClusterAuth",
  source: `${TERRAFORM}eks_cluster_auth`,
  // upstream signs a token itself and asks nobody whether the cluster exists
  answer: (args, ctx) => ({
    id: text(args["name"]),
    name: text(args["name"]),
    region: region(args, ctx),
    token: `k8s-aws-v1.${Buffer.from(ctx.hex(64, text(args["name"]))).toString("base64url")}`,
  }),
};

const cluster: Invoke = {
  token: "aws:eks/getCluster:getCluster",
  source: `${TERRAFORM}eks_cluster`,
  answer: (args, ctx) => {
    const found = clusterIn(ctx, region(args, ctx), args["name"]);
    if (found === undefined)
      return { failure: `ResourceNotFoundException: No cluster found for name: ${text(args["name"])}.` };
    const { certificateAuthority, ...rest } = found.properties;
    return { ...rest, certificateAuthorities: [certificateAuthority], id: found.id, region: region(args, ctx) };
  },
};

/** https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html */
const NODE_IMAGE =
  /^\/aws\/service\/(eks\/optimized-ami|bottlerocket\/aws-k8s-?)[/-]?(1\.\d+)\/.+\/(image_id|release_version|image_version|image_name)$/;

const publicParameter = (name: string, ctx: Asked): string | undefined => {
  const [, , version = "", what = ""] = NODE_IMAGE.exec(name) ?? [];
  if (what === "image_id") return `ami-0${ctx.hex(16, name)}`;
  if (what === "image_name") return `amazon-eks-node-al2023-${version}-v20261105`;
  return what === "" ? undefined : `${version}.1-20261105`;
};

const parameter: Invoke = {
  token: "aws:ssm/getParameter:getParameter",
  source: `${TERRAFORM}ssm_parameter`,
  answer: (args, ctx) => {
    const [name, here] = [text(args["name"]), region(args, ctx)];
    const own = ctx.find("aws:ssm/parameter:Parameter", "name", name, `aws/${ctx.account}/${here}`);
    const value = own === undefined ? publicParameter(name, ctx) : text(own.properties["value"]);
    if (value === undefined) return { failure: `ParameterNotFound: there is no parameter ${name} in ${here}` };
    const type = text(own?.properties["type"]) || "String";
    return {
      ...args,
      arn: text(own?.properties["arn"]) || `arn:aws:ssm:${here}::parameter${name}`,
      id: name,
      insecureValue: type === "SecureString" ? "" : value,
      name,
      region: here,
      type,
      value,
      version: Number(own?.properties["version"] ?? 1),
    };
  },
};

export const invokes: readonly Invoke[] = [
  availabilityZones,
  callerIdentity,
  getRegion,
  partition,
  policyDocument,
  authorizationToken,
  getCredentials,
  clusterAuth,
  cluster,
  parameter,
];
