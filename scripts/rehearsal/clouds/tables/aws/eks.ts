import type { Created, Ctx, Properties, ResourceType } from "../../table.ts";
import { overlaps, readCidr } from "@groundwork/lib/cidr";
import { clusterProblem, minor } from "./eks-rules.ts";
import { ROLE } from "./iam.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  cidr,
  ec2Id,
  input,
  kept,
  length,
  object,
  oneOf,
  pattern,
  refer,
  regionOf,
  rule,
  sourced,
  texts,
  upstream,
  uuid,
  vpcOf,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/eks/latest/APIReference/";
const CREATE = `${API}API_CreateCluster.html`;
const VERSIONS = "https://endoflife.date/amazon-eks";
const ADDONS = "https://docs.aws.amazon.com/eks/latest/userguide/workloads-add-ons-available-eks.html";

export const CLUSTER = "aws:eks/cluster:Cluster";
export const CREATED = "2026-11-01T00:00:00Z";

/** In standard or extended support in November 2026. https://endoflife.date/amazon-eks */
const SUPPORTED = ["1.32", "1.33", "1.34", "1.35", "1.36"] as const;
export const LATEST = "1.36";

export const clusterName = all(
  length(1, 100),
  pattern(/^[0-9A-Za-z][A-Za-z0-9_-]*$/, "write letters, digits, - and _, beginning with a letter or digit"),
);

const privateRange = (value: unknown): boolean => {
  const mine = readCidr(value);
  return (
    mine !== undefined &&
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].some((each) => {
      const range = readCidr(each);
      return range !== undefined && overlaps(range, mine) && mine.prefix >= range.prefix;
    })
  );
};

const id32 = (ctx: Created): string => ctx.hex(32, "cluster").toUpperCase();

const endpointOf = (ctx: Created): string => `https://${id32(ctx)}.gr7.${regionOf(ctx)}.eks.amazonaws.com`;

const authority = (ctx: Created): string =>
  Buffer.from(
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(ctx.hex(64, "ca") + ctx.hex(64, "ca2")).toString("base64")}\n-----END CERTIFICATE-----\n`,
  ).toString("base64");

const subnetIds = (properties: Properties): readonly string[] => texts(object(properties["vpcConfig"])["subnetIds"]);

const namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

const cluster = awsType({
  token: CLUSTER,
  source: upstream("eks/cluster.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name"),
  exists: "ResourceInUseException",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", clusterName, CREATE),
    rule("version", oneOf(...SUPPORTED), VERSIONS),
    rule("roleArn", arn("iam"), CREATE),
    rule("vpcConfig.publicAccessCidrs", length(0, 40), `${API}API_VpcConfigRequest.html`),
    rule("vpcConfig.publicAccessCidrs[]", cidr(), `${API}API_VpcConfigRequest.html`),
    rule(
      "enabledClusterLogTypes[]",
      oneOf("api", "audit", "authenticator", "controllerManager", "scheduler"),
      `${API}API_LogSetup.html`,
    ),
    rule(
      "accessConfig.authenticationMode",
      oneOf("API", "API_AND_CONFIG_MAP", "CONFIG_MAP"),
      `${API}API_CreateAccessConfigRequest.html`,
    ),
    rule("upgradePolicy.supportType", oneOf("STANDARD", "EXTENDED"), `${API}API_UpgradePolicyRequest.html`),
    rule("encryptionConfig.resources[]", oneOf("secrets"), `${API}API_EncryptionConfig.html`),
    rule("kubernetesNetworkConfig.ipFamily", oneOf("ipv4", "ipv6"), `${API}API_KubernetesNetworkConfigRequest.html`),
    rule(
      "kubernetesNetworkConfig.serviceIpv4Cidr",
      all(cidr(12, 24), (value) =>
        privateRange(value) ? undefined : "write a block inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
      ),
      `${API}API_KubernetesNetworkConfigRequest.html`,
    ),
  ],
  references: [
    refer("roleArn", ROLE, { by: "arn", holds: false }),
    refer("vpcConfig.subnetIds[]", "aws:ec2/subnet:Subnet"),
    refer("vpcConfig.securityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup"),
    refer("encryptionConfig.provider.keyArn", "aws:kms/key:Key", { by: "arn", holds: false }),
  ],
  check: (ctx) => sourced(clusterProblem(ctx), CREATE),
  replaces: [
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "bootstrapSelfManagedAddons",
    "kubernetesNetworkConfig.ipFamily",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "name",
    "outpostConfig",
    "remoteNetworkConfig.remoteNodeNetworks",
    "remoteNetworkConfig.remotePodNetworks",
    "roleArn",
  ],
  updates: [
    "accessConfig.authenticationMode",
    "computeConfig",
    "controlPlaneScalingConfig",
    "defaultAddonsToRemoves",
    "deletionProtection",
    "enabledClusterLogTypes",
    "encryptionConfig",
    "forceUpdateVersion",
    "kubeApiServerConfig",
    "kubeControllerManagerConfig",
    "kubeSchedulerConfig",
    "kubernetesNetworkConfig.elasticLoadBalancing",
    "storageConfig",
    "upgradePolicy",
    "version",
    "vpcConfig",
    "zonalShiftConfig",
  ],
  defaults: {
    bootstrapSelfManagedAddons: true,
    computeConfig: { enabled: false, nodePools: [], nodeRoleArn: "" },
    controlPlaneScalingConfig: { tier: "standard" },
    deletionProtection: false,
    kubeApiServerConfig: {},
    kubeControllerManagerConfig: {},
    kubeSchedulerConfig: {},
    storageConfig: { blockStorage: { enabled: false } },
    upgradePolicy: { supportType: "EXTENDED" },
    version: LATEST,
  },
  outputs: (ctx) => ({
    accessConfig: {
      authenticationMode: "CONFIG_MAP",
      bootstrapClusterCreatorAdminPermissions: true,
      ...object(ctx.inputs["accessConfig"]),
    },
    arn: arnOf(ctx, "eks", `cluster/${ctx.id}`),
    certificateAuthority: { data: authority(ctx) },
    clusterId: "",
    createdAt: kept(ctx, "createdAt", () => CREATED),
    endpoint: endpointOf(ctx),
    identities: [{ oidcs: [{ issuer: `https://oidc.eks.${regionOf(ctx)}.amazonaws.com/id/${id32(ctx)}` }] }],
    kubernetesNetworkConfig: {
      elasticLoadBalancing: { enabled: false },
      ipFamily: "ipv4",
      serviceIpv4Cidr: "172.20.0.0/16",
      serviceIpv6Cidr: "",
      ...object(ctx.inputs["kubernetesNetworkConfig"]),
    },
    platformVersion: "eks.4",
    status: "ACTIVE",
    vpcConfig: {
      endpointPrivateAccess: false,
      endpointPublicAccess: true,
      publicAccessCidrs: ["0.0.0.0/0"],
      ...object(ctx.inputs["vpcConfig"]),
      clusterSecurityGroupId: ec2Id("sg")(ctx),
      vpcId: vpcOf(ctx, subnetIds(ctx.inputs)),
    },
  }),
  brings: (ctx) => [
    {
      token: "aws:ec2/securityGroup:SecurityGroup",
      id: ec2Id("sg")(ctx),
      properties: {
        name: `eks-cluster-sg-${ctx.id}-${parseInt(ctx.hex(8, "sgname"), 16)}`,
        vpcId: vpcOf(ctx, subnetIds(ctx.inputs)),
        arn: arnOf(ctx, "ec2", `security-group/${ec2Id("sg")(ctx)}`),
      },
    },
    ...namespaces.map((name) => ({
      token: "kubernetes:core/v1:Namespace",
      id: name,
      properties: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      place: `kubernetes/${endpointOf(ctx)}`,
    })),
  ],
  refuseDelete: (thing, ctx) => {
    if (thing.properties["deletionProtection"] === true)
      return "InvalidRequestException: Cluster cannot be deleted while deletionProtection is set to true";
    return ctx.all("aws:eks/nodeGroup:NodeGroup").some((each) => each.properties["clusterName"] === thing.id)
      ? "ResourceInUseException: Cluster has nodegroups attached"
      : undefined;
  },
  quotas: [{ quota: "eksClusters" }],
});

const addonName = (value: unknown): string | undefined =>
  // a vendor's add-on from the marketplace carries the vendor's name before an underscore
  AWS_ADDONS.includes(String(value)) || /^[a-z0-9-]+_[a-z0-9-]+$/.test(String(value))
    ? undefined
    : `write an add-on that EKS offers: ${AWS_ADDONS.join(", ")}`;

const AWS_ADDONS = [
  "adot",
  "amazon-cloudwatch-observability",
  "amazon-sagemaker-hyperpod-taskgovernance",
  "aws-ebs-csi-driver",
  "aws-efs-csi-driver",
  "aws-fsx-csi-driver",
  "aws-guardduty-agent",
  "aws-mountpoint-s3-csi-driver",
  "aws-network-flow-monitoring-agent",
  "aws-privateca-connector-for-kubernetes",
  "aws-secrets-store-csi-driver-provider",
  "cert-manager",
  "coredns",
  "eks-node-monitoring-agent",
  "eks-pod-identity-agent",
  "external-dns",
  "fluent-bit",
  "kube-proxy",
  "kube-state-metrics",
  "metrics-server",
  "prometheus-node-exporter",
  "snapshot-controller",
  "vpc-cni",
];

/** https://kubernetes.io/releases/version-skew-policy/#kube-proxy */
const proxyProblem = (ctx: Ctx): Problem | undefined => {
  const control = minor(ctx.find(CLUSTER, "name", ctx.inputs["clusterName"])?.properties["version"]);
  const proxy = minor(/^v(1\.\d+)\./.exec(input(ctx, "addonVersion"))?.[1]);
  if (input(ctx, "addonName") !== "kube-proxy" || control === undefined || proxy === undefined) return undefined;
  return proxy > control || proxy < control - 3
    ? {
        path: "addonVersion",
        reason: `InvalidParameterException: Addon version specified is not supported: kube-proxy of 1.${proxy} does not go with a control plane of 1.${control}`,
      }
    : undefined;
};

const addon = awsType({
  token: "aws:eks/addon:Addon",
  source: upstream("eks/addon.go"),
  id: (ctx) => `${input(ctx, "clusterName")}:${input(ctx, "addonName")}`,
  key: (ctx) => `${input(ctx, "clusterName")}:${input(ctx, "addonName")}`,
  exists: "ResourceInUseException",
  rules: [
    rule("addonName", addonName, ADDONS),
    rule(
      "addonVersion",
      pattern(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/, "write a version such as v1.21.1-eksbuild.1"),
      ADDONS,
    ),
    rule("resolveConflictsOnCreate", oneOf("NONE", "OVERWRITE"), `${API}API_CreateAddon.html`),
    rule("resolveConflictsOnUpdate", oneOf("NONE", "OVERWRITE", "PRESERVE"), `${API}API_UpdateAddon.html`),
    rule("serviceAccountRoleArn", arn("iam"), `${API}API_CreateAddon.html`),
  ],
  references: [
    refer("clusterName", CLUSTER, { by: "name", holds: false }),
    refer("serviceAccountRoleArn", ROLE, { by: "arn", holds: false }),
    refer("podIdentityAssociations[].roleArn", ROLE, { by: "arn", holds: false }),
  ],
  check: (ctx) => sourced(proxyProblem(ctx), "https://kubernetes.io/releases/version-skew-policy/#kube-proxy"),
  replaces: ["addonName", "clusterName", "namespaceConfig"],
  updates: [
    "addonVersion",
    "configurationValues",
    "podIdentityAssociations",
    "preserve",
    "resolveConflictsOnCreate",
    "resolveConflictsOnUpdate",
    "serviceAccountRoleArn",
  ],
  deleteBeforeReplace: true,
  defaults: {
    addonVersion: "v1.21.1-eksbuild.1",
    configurationValues: "",
    namespaceConfig: { namespace: "kube-system" },
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "eks", `addon/${input(ctx, "clusterName")}/${input(ctx, "addonName")}/${uuid(ctx, "addon")}`),
    createdAt: kept(ctx, "createdAt", () => CREATED),
    modifiedAt: CREATED,
  }),
});

export const eks: readonly ResourceType[] = [cluster, addon];
