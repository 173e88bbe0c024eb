import assert from "node:assert/strict";
import { eksAccessThroughEntries } from "../../../policies/security/eks/access-through-entries.ts";
import { eksAdministratorsNamed } from "../../../policies/security/eks/administrators-named.ts";
import { eksAuditLogEnabled } from "../../../policies/security/eks/audit-log-enabled.ts";
import { eksEndpointNotPublic } from "../../../policies/security/eks/endpoint-not-public.ts";
import { eksNodesClosedToSsh } from "../../../policies/security/eks/nodes-closed-to-ssh.ts";
import { eksNodesInPrivateSubnets } from "../../../policies/security/eks/nodes-in-private-subnets.ts";
import { eksNodesOnSupportedImage } from "../../../policies/security/eks/nodes-on-supported-image.ts";
import { eksSecretsEncrypted } from "../../../policies/security/eks/secrets-encrypted.ts";
import { eksVersionSupported } from "../../../policies/security/eks/version-supported.ts";
import { describePolicy } from "../cases.ts";
import { changed } from "../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../harness.ts";

const CLUSTER: readonly Fake[] = [
  {
    type: "aws:eks/cluster:Cluster",
    name: "main",
    props: {
      version: "1.35",
      accessConfig: { authenticationMode: "API" },
      enabledClusterLogTypes: ["api", "audit"],
      encryptionConfig: { resources: ["secrets"], provider: { keyArn: "arn:aws:kms:eu-west-1:123456789012:key/k" } },
      vpcConfig: { endpointPrivateAccess: true, endpointPublicAccess: false, publicAccessCidrs: ["192.0.2.0/24"] },
    },
  },
  {
    type: "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    name: "viewers",
    props: {
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
      principalArn: "arn:aws:iam::123456789012:role/deploy",
      accessScope: { type: "cluster" },
    },
  },
];

const NODES: readonly Fake[] = [
  { type: "aws:ec2/internetGateway:InternetGateway", name: "gateway", props: {} },
  { type: "aws:ec2/natGateway:NatGateway", name: "nat", props: {}, from: { subnetId: ["public"] } },
  {
    type: "aws:ec2/routeTable:RouteTable",
    name: "out",
    props: { routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-1" }] },
    from: { routes: ["gateway"] },
  },
  {
    type: "aws:ec2/routeTable:RouteTable",
    name: "inside",
    props: { routes: [{ cidrBlock: "0.0.0.0/0", natGatewayId: "nat-1" }] },
    from: { routes: ["nat"] },
  },
  { type: "aws:ec2/subnet:Subnet", name: "public", props: {} },
  { type: "aws:ec2/subnet:Subnet", name: "private", props: {} },
  {
    type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
    name: "public-out",
    props: {},
    from: { subnetId: ["public"], routeTableId: ["out"] },
  },
  {
    type: "aws:ec2/routeTableAssociation:RouteTableAssociation",
    name: "private-inside",
    props: {},
    from: { subnetId: ["private"], routeTableId: ["inside"] },
  },
  {
    type: "aws:eks/nodeGroup:NodeGroup",
    name: "nodes",
    props: {
      version: "1.35",
      amiType: "AL2023_x86_64_STANDARD",
      subnetIds: [UNKNOWN],
      remoteAccess: { ec2SshKey: "me", sourceSecurityGroupIds: ["sg-1"] },
    },
    from: { subnetIds: ["private"] },
  },
  {
    type: "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
    name: "class",
    props: { spec: { amiSelectorTerms: [{ alias: "al2023@v20260101" }] } },
  },
];

describe("policies on EKS", () => {
  describePolicy({
    policy: eksEndpointNotPublic,
    compliant: CLUSTER,
    breaks: [
      {
        path: "main/vpcConfig/endpointPublicAccess",
        value: true,
        says: /public for 192\.0\.2\.0\/24; write vpcConfig\.endpointPublicAccess: false/,
      },
      { path: "main/vpcConfig/endpointPublicAccess", value: undefined, says: /is public/ },
      { path: "main/vpcConfig", value: undefined, says: /public for the whole internet/ },
    ],
    passes: [{ path: "main/vpcConfig/endpointPublicAccess", value: "false" }],
    undecided: ["main/vpcConfig", "main/vpcConfig/endpointPublicAccess"],
  });

  it("eks-endpoint-not-public lets named networks in where the policy config says so", () => {
    const open = changed("main/vpcConfig/endpointPublicAccess", true, CLUSTER);
    const config = { allowNamedNetworks: true };
    assert.deepEqual(say(eksEndpointNotPublic, open, config), []);
    for (const networks of [[], ["0.0.0.0/0"], ["192.0.2.0/24", "::/0"]]) {
      const found = say(eksEndpointNotPublic, changed("main/vpcConfig/publicAccessCidrs", networks, open), config);
      assert.match(found.join(), /^mandatory: The API server is public for the whole internet/);
    }
    const unknown = changed("main/vpcConfig/publicAccessCidrs", UNKNOWN, open);
    assert.match(
      say(eksEndpointNotPublic, unknown, config).join(),
      /^advisory: Undecided until up: .*publicAccessCidrs/,
    );
  });

  describePolicy({
    policy: eksVersionSupported,
    compliant: [...CLUSTER, ...NODES],
    breaks: [
      {
        path: "main/version",
        value: "1.32",
        says: /version is 1\.32, older than the 1\.33 of .*write "1\.33" or newer/,
      },
      { path: "main/version", value: "1.9", says: /version is 1\.9/ },
      { path: "nodes/version", value: "1.30", says: /version is 1\.30/ },
    ],
    passes: [
      { path: "main/version", value: undefined },
      { path: "main/version", value: "1.33" },
      { path: "main/version", value: "2.0" },
    ],
    undecided: ["main/version"],
  });

  describePolicy({
    policy: eksSecretsEncrypted,
    compliant: CLUSTER,
    breaks: [
      { path: "main/encryptionConfig", value: undefined, says: /No KMS key encrypts the Kubernetes secrets/ },
      { path: "main/encryptionConfig/resources", value: [], says: /does not name secrets; write \["secrets"\]/ },
      { path: "main/encryptionConfig/provider", value: {}, says: /No KMS key/ },
    ],
    undecided: ["main/encryptionConfig", "main/encryptionConfig/resources"],
  });

  it("eks-secrets-encrypted takes a key that is yet to be made for a key", () => {
    const made = changed("main/encryptionConfig/provider/keyArn", UNKNOWN, CLUSTER);
    assert.deepEqual(say(eksSecretsEncrypted, made), []);
  });

  describePolicy({
    policy: eksAuditLogEnabled,
    compliant: CLUSTER,
    breaks: [
      {
        path: "main/enabledClusterLogTypes",
        value: ["api"],
        says: /enabledClusterLogTypes lacks audit; write \["api","audit"\]/,
      },
      { path: "main/enabledClusterLogTypes", value: undefined, says: /lacks audit; write \["audit"\]/ },
    ],
    undecided: ["main/enabledClusterLogTypes"],
  });

  describePolicy({
    policy: eksAccessThroughEntries,
    compliant: CLUSTER,
    breaks: [
      { path: "main/accessConfig", value: undefined, says: /authenticationMode is CONFIG_MAP; write "API"/ },
      { path: "main/accessConfig/authenticationMode", value: "API_AND_CONFIG_MAP", says: /is API_AND_CONFIG_MAP/ },
    ],
    undecided: ["main/accessConfig"],
  });

  describePolicy({
    policy: eksAdministratorsNamed,
    compliant: CLUSTER,
    breaks: [
      {
        path: "viewers/policyArn",
        value: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        says: /role\/deploy gets AmazonEKSClusterAdminPolicy over the whole cluster/,
      },
    ],
    undecided: ["viewers/policyArn", "viewers/accessScope"],
  });

  it("eks-administrators-named lets pass whom the policy config names", () => {
    const policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminPolicy";
    const all = changed("viewers/policyArn", policy, CLUSTER);
    const config = { administrators: ["arn:aws:iam::*:role/deploy"] };
    assert.deepEqual(say(eksAdministratorsNamed, all, config), []);
    assert.equal(say(eksAdministratorsNamed, changed("viewers/principalArn", "arn:x", all), config).length, 1);
    assert.deepEqual(say(eksAdministratorsNamed, changed("viewers/accessScope/type", "namespace", all)), []);
    const found = say(eksAdministratorsNamed, changed("viewers/principalArn", UNKNOWN, all), config);
    assert.match(found.join(), /^advisory: Undecided until up: principalArn/);
  });

  describePolicy({
    policy: eksNodesClosedToSsh,
    compliant: NODES,
    breaks: [
      {
        path: "nodes/remoteAccess/sourceSecurityGroupIds",
        value: undefined,
        says: /opens port 22 to 0\.0\.0\.0\/0; take remoteAccess away/,
      },
      { path: "nodes/remoteAccess/sourceSecurityGroupIds", value: [], says: /opens port 22/ },
    ],
    passes: [{ path: "nodes/remoteAccess", value: undefined }],
    undecided: ["nodes/remoteAccess", "nodes/remoteAccess/sourceSecurityGroupIds"],
  });

  describePolicy({
    policy: eksNodesOnSupportedImage,
    compliant: NODES,
    breaks: [
      { path: "nodes/amiType", value: "AL2_ARM_64", says: /amiType is AL2_ARM_64.*write "AL2023_ARM_64_STANDARD"/ },
      { path: "class/spec/amiSelectorTerms/0/alias", value: "al2@latest", says: /amiSelectorTerms has al2@latest/ },
    ],
    passes: [
      { path: "nodes/amiType", value: "BOTTLEROCKET_x86_64" },
      { path: "nodes/amiType", value: undefined },
    ],
    undecided: ["nodes/amiType"],
  });

  describePolicy({
    policy: eksNodesInPrivateSubnets,
    compliant: NODES,
    breaks: [
      {
        path: "inside/routes",
        value: [{ ipv6CidrBlock: "::/0", gatewayId: "igw-1" }],
        says: /nodes puts nodes in private, which has a route to an internet gateway/,
      },
    ],
    passes: [
      { path: "inside/routes", value: [{ cidrBlock: "10.0.0.0/8", gatewayId: "igw-1" }] },
      { path: "inside/routes", value: [{ cidrBlock: "0.0.0.0/0", gatewayId: "vgw-1" }] },
      { path: "inside/routes", value: [{ cidrBlock: "0.0.0.0/0", natGatewayId: UNKNOWN }] },
      { path: "inside/routes", value: undefined },
    ],
  });

  it("eks-nodes-in-private-subnets knows an internet gateway and a route that are yet to be made", () => {
    const inPublic = NODES.map((each) => (each.name === "nodes" ? { ...each, from: { subnetIds: ["public"] } } : each));
    const inline = changed("out/routes", [{ cidrBlock: "0.0.0.0/0", gatewayId: UNKNOWN }], inPublic);
    assert.match(say(eksNodesInPrivateSubnets, inline).join(), /nodes puts nodes in public/);
    const route: Fake = {
      type: "aws:ec2/route:Route",
      name: "way-out",
      props: { destinationCidrBlock: "0.0.0.0/0", gatewayId: UNKNOWN },
      from: { routeTableId: ["out"], gatewayId: ["gateway"] },
    };
    const apart = [...changed("out/routes", undefined, inPublic), route];
    assert.match(say(eksNodesInPrivateSubnets, apart).join(), /nodes puts nodes in public/);
  });
});
