import type { ResourceType, Table } from "../../../../scripts/rehearsal/clouds/table.ts";

const SOURCE = "https://example.com/made-up-for-this-test";

export const VPC = "aws:ec2/vpc:Vpc";
export const SUBNET = "aws:ec2/subnet:Subnet";
export const ADDRESS = "aws:ec2/eip:Eip";
export const REPOSITORY = "aws:ecr/repository:Repository";
export const PARAMETER = "aws:ssm/parameter:Parameter";
export const CLUSTER = "aws:eks/cluster:Cluster";
export const NAMESPACE = "kubernetes:core/v1:Namespace";
export const RANDOM_ID = "random:index/randomId:RandomId";

const vpc: ResourceType = {
  token: VPC,
  source: SOURCE,
  id: (ctx) => `vpc-${ctx.hex(17)}`,
  rules: [
    {
      path: "cidrBlock",
      check: (value) => (/\/(1[6-9]|2[0-8])$/.test(String(value)) ? undefined : "write a block from /16 to /28"),
      source: SOURCE,
    },
  ],
  replaces: ["cidrBlock"],
  updates: ["tags", "enableDnsSupport"],
  defaults: { cidrBlock: "10.0.0.0/16", enableDnsSupport: true, instanceTenancy: "default" },
  outputs: (ctx) => ({
    arn: `arn:aws:ec2:${ctx.region}:${ctx.account}:vpc/${ctx.id}`,
    defaultNetworkAclId: `acl-${ctx.hex(17)}`,
    defaultRouteTableId: `rtb-${ctx.hex(17)}`,
    defaultSecurityGroupId: `sg-${ctx.hex(17)}`,
    dhcpOptionsId: `dopt-${ctx.hex(17)}`,
    mainRouteTableId: `rtb-${ctx.hex(17)}`,
    ipv6AssociationId: "",
  }),
  brings: (ctx) => [
    { token: "aws:ec2/securityGroup:SecurityGroup", id: `sg-${ctx.hex(17)}`, properties: { vpcId: ctx.id } },
  ],
  quotas: [{ quota: "vpcs" }],
};

const subnet: ResourceType = {
  token: SUBNET,
  source: SOURCE,
  id: (ctx) => `subnet-${ctx.hex(17)}`,
  references: [{ path: "vpcId", to: VPC }],
  check: ({ inputs, all }) =>
    all(SUBNET).some(({ properties }) => properties["cidrBlock"] === inputs["cidrBlock"])
      ? { path: "cidrBlock", reason: "it overlaps another subnet, choose a free block", source: SOURCE }
      : undefined,
  replaces: ["vpcId", "cidrBlock"],
  updates: ["mapPublicIpOnLaunch", "tags"],
  outputs: (ctx) => ({
    arn: `arn:aws:ec2:${ctx.region}:${ctx.account}:subnet/${ctx.id}`,
    ipv6CidrBlockAssociationId: "",
  }),
};

const address: ResourceType = {
  token: ADDRESS,
  source: SOURCE,
  outputs: () => ({
    allocationId: "",
    arn: "",
    carrierIp: "",
    customerOwnedIp: "",
    privateDns: "",
    privateIp: "",
    ptrRecord: "",
    publicDns: "",
    publicIp: "203.0.113.1",
    associationId: "",
    region: "",
  }),
  quotas: [{ quota: "elasticIps" }],
};

const repository: ResourceType = {
  token: REPOSITORY,
  source: SOURCE,
  id: ({ inputs }) => String(inputs["name"]),
  key: ({ inputs }) => inputs["name"] as string,
  exists: "RepositoryAlreadyExistsException",
  autoName: { property: "name", maxLength: 256 },
  replaces: ["name", "encryptionConfigurations"],
  updates: ["imageTagMutability", "tags"],
  refuseDelete: ({ properties }) =>
    properties["forceDelete"] === true ? undefined : "RepositoryNotEmptyException: it has images",
  outputs: (ctx) => ({
    arn: `arn:aws:ecr:${ctx.id}`,
    registryId: ctx.account,
    repositoryUrl: `${ctx.account}/${ctx.id}`,
  }),
};

const parameter: ResourceType = {
  token: PARAMETER,
  source: SOURCE,
  id: ({ inputs }) => String(inputs["name"]),
  key: ({ inputs }) => inputs["name"] as string,
  rules: [
    {
      path: "value",
      check: (value) => (String(value).length < 20 ? undefined : "write at most 20 characters"),
      source: SOURCE,
    },
  ],
  replaces: ["name"],
  updates: ["value", "description"],
  outputs: (ctx) => ({
    arn: `arn:aws:ssm:${ctx.id}`,
    version: ((ctx.old?.properties["version"] as number | undefined) ?? 0) + 1,
    description: `holds ${String(ctx.inputs["value"])}`,
  }),
  retains: ({ properties }) => (properties["tier"] === "Advanced" ? "kept for 30 days" : undefined),
};

const cluster: ResourceType = {
  token: CLUSTER,
  source: SOURCE,
  id: ({ inputs }) => String(inputs["name"]),
  replaces: ["name"],
  updates: ["version"],
  outputs: (ctx) => ({ endpoint: `https://${ctx.hex(32)}.eks.amazonaws.com` }),
  absent: ["arn", "certificateAuthority", "clusterId", "createdAt", "identities", "platformVersion", "status"],
};

const randomId: ResourceType = {
  token: RANDOM_ID,
  source: SOURCE,
  stateOnly: true,
  replaces: ["byteLength", "prefix", "keepers"],
  outputs: (ctx) => ({
    b64Std: ctx.hex(8),
    b64Url: ctx.hex(8),
    dec: "1",
    hex: ctx.old?.properties["hex"] ?? ctx.hex(8),
  }),
};

const namespace: ResourceType = {
  token: NAMESPACE,
  source: SOURCE,
  id: ({ inputs }) => (inputs["metadata"] as { name: string }).name,
  autoName: { property: "metadata.name", maxLength: 63, digits: 8 },
  key: ({ inputs }) => (inputs["metadata"] as { name: string }).name,
  replaces: ["metadata.name"],
  updates: ["metadata"],
  outputs: () => ({ status: { phase: "Active" } }),
};

/** A few real types with a few made-up rules, for tests of the engine itself. */
export const tables: readonly Table[] = [
  {
    package: "aws",
    types: [vpc, subnet, address, repository, parameter, cluster],
    invokes: [
      {
        token: "aws:index/getAvailabilityZones:getAvailabilityZones",
        source: SOURCE,
        answer: (_, { region }) => ({ id: region, names: [`${region}a`, `${region}b`] }),
      },
    ],
  },
  { package: "kubernetes", types: [namespace] },
  { package: "random", types: [randomId] },
];
