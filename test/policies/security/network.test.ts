import assert from "node:assert/strict";
import { defaultSecurityGroupClosed } from "../../../policies/security/ec2/default-security-group-closed.ts";
import { internetGatewayTrafficBlocked } from "../../../policies/security/ec2/internet-gateway-traffic-blocked.ts";
import { networkAclAdminPortsClosed } from "../../../policies/security/ec2/network-acl-admin-ports-closed.ts";
import { networkAclUsed } from "../../../policies/security/ec2/network-acl-used.ts";
import { securityGroupAdminPortsClosed } from "../../../policies/security/ec2/security-group-admin-ports-closed.ts";
import { securityGroupHighRiskPortsClosed } from "../../../policies/security/ec2/security-group-high-risk-ports-closed.ts";
import { securityGroupOpenPortsAuthorized } from "../../../policies/security/ec2/security-group-open-ports-authorized.ts";
import { subnetWithoutAutomaticAddress } from "../../../policies/security/ec2/subnet-without-automatic-address.ts";
import { transitGatewayAsksFirst } from "../../../policies/security/ec2/transit-gateway-asks-first.ts";
import { vpcFlowLogsEnabled } from "../../../policies/security/ec2/vpc-flow-logs-enabled.ts";
import { vpcHasEndpoints } from "../../../policies/security/ec2/vpc-has-endpoints.ts";
import { describePolicy } from "../cases.ts";
import { changed } from "../fixtures.ts";
import { type Fake, say, UNKNOWN } from "../harness.ts";

const GROUPS: readonly Fake[] = [
  {
    type: "aws:ec2/securityGroup:SecurityGroup",
    name: "web",
    props: {
      ingress: [
        { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"], ipv6CidrBlocks: ["::/0"] },
        { protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["192.0.2.0/24"] },
      ],
    },
  },
  {
    type: "aws:ec2/securityGroupRule:SecurityGroupRule",
    name: "rule",
    props: { type: "ingress", protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["0.0.0.0/0"] },
  },
  {
    type: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    name: "own",
    props: { ipProtocol: "tcp", fromPort: 5432, toPort: 5432, cidrIpv4: "10.0.0.0/16" },
  },
];

const NETWORK: readonly Fake[] = [
  { type: "aws:ec2/vpc:Vpc", name: "vpc", props: { cidrBlock: "10.0.0.0/16" } },
  {
    type: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
    name: "default",
    props: { vpcId: UNKNOWN, ingress: [], egress: [] },
    from: { vpcId: ["vpc"] },
  },
  {
    type: "aws:ec2/flowLog:FlowLog",
    name: "flows",
    props: { vpcId: UNKNOWN, trafficType: "REJECT" },
    from: { vpcId: ["vpc"] },
  },
  ...["ec2", "ecr.api", "ecr.dkr", "ssm"].map((service) => endpoint(service)),
  { type: "aws:ec2/subnet:Subnet", name: "subnet", props: { mapPublicIpOnLaunch: false } },
  {
    type: "aws:ec2transitgateway/transitGateway:TransitGateway",
    name: "transit",
    props: { autoAcceptSharedAttachments: "disable" },
  },
  {
    type: "aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions",
    name: "block",
    props: { internetGatewayBlockMode: "block-ingress" },
  },
];

function endpoint(service: string): Fake {
  const props = { serviceName: `com.amazonaws.eu-west-1.${service}`, vpcEndpointType: "Interface" };
  return { type: "aws:ec2/vpcEndpoint:VpcEndpoint", name: service, props, from: { vpcId: ["vpc"] } };
}

const ACLS: readonly Fake[] = [
  {
    type: "aws:ec2/networkAcl:NetworkAcl",
    name: "acl",
    props: {
      ingress: [
        { ruleNo: 200, action: "allow", protocol: "tcp", fromPort: 1024, toPort: 65535, cidrBlock: "0.0.0.0/0" },
        { ruleNo: 100, action: "deny", protocol: "6", fromPort: 3389, toPort: 3389, cidrBlock: "0.0.0.0/0" },
        { ruleNo: 300, action: "allow", protocol: "tcp", fromPort: 22, toPort: 22, cidrBlock: "192.0.2.0/24" },
      ],
    },
  },
  {
    type: "aws:ec2/networkAclRule:NetworkAclRule",
    name: "rule",
    props: {
      ruleNumber: 100,
      ruleAction: "allow",
      protocol: "tcp",
      fromPort: 443,
      toPort: 443,
      cidrBlock: "0.0.0.0/0",
    },
  },
];

/** Rules that are about the same in all three ways to write them. */
function open(from: number, to: number, protocol = "tcp"): Record<string, unknown> {
  return { protocol, fromPort: from, toPort: to, cidrBlocks: ["0.0.0.0/0"] };
}

describe("policies on security groups", () => {
  describePolicy({
    policy: securityGroupAdminPortsClosed,
    compliant: GROUPS,
    breaks: [
      {
        path: "web/ingress/1/cidrBlocks",
        value: ["192.0.2.0/24", "0.0.0.0/0"],
        says: /^ingress\[1\] lets 0\.0\.0\.0\/0 in on tcp port 22, SSH among them/,
      },
      { path: "web/ingress/1/ipv6CidrBlocks", value: ["::/0"], says: /lets ::\/0 in on tcp port 22/ },
      { path: "web/ingress/0", value: open(0, 65535), says: /in on tcp every port, SSH and RDP among them/ },
      { path: "web/ingress/0", value: open(0, 0, "-1"), says: /in on every port, SSH and RDP/ },
      { path: "rule/toPort", value: 4000, says: /^The rule lets 0\.0\.0\.0\/0 in on tcp ports 80-4000, RDP/ },
    ],
    passes: [
      { path: "rule/type", value: "egress" },
      { path: "web/ingress/0", value: open(8, -1, "icmp") },
      { path: "web/ingress", value: undefined },
    ],
    undecided: ["web/ingress", "web/ingress/1/cidrBlocks", "web/ingress/0/fromPort", "rule/toPort", "own/cidrIpv4"],
  });

  it("security-group-admin-ports-closed reads a rule that is a resource of its own", () => {
    const ssh = changed("own/fromPort", 22, changed("own/toPort", 22, changed("own/cidrIpv4", "0.0.0.0/0", GROUPS)));
    assert.match(
      say(securityGroupAdminPortsClosed, ssh).join(),
      /^mandatory: The rule lets 0\.0\.0\.0\/0 in on tcp port 22/,
    );
    const six = changed("own/cidrIpv4", undefined, changed("own/cidrIpv6", "::/0", ssh));
    assert.match(say(securityGroupAdminPortsClosed, six).join(), /lets ::\/0 in/);
    const all = changed("own/ipProtocol", "-1", ssh);
    assert.match(say(securityGroupAdminPortsClosed, all).join(), /in on every port/);
  });

  it("security-group-admin-ports-closed says what is certain beside what is not", () => {
    const mixed = changed(
      "web/ingress/0/fromPort",
      UNKNOWN,
      changed("web/ingress/1/cidrBlocks/1", "0.0.0.0/0", GROUPS),
    );
    const found = say(securityGroupAdminPortsClosed, mixed);
    assert.equal(found.length, 2, found.join("\n"));
    assert.match(found.join("\n"), /Undecided until up: ingress\[0\]\.fromPort/);
    assert.match(found.join("\n"), /mandatory: ingress\[1\] lets/);
  });

  describePolicy({
    policy: securityGroupHighRiskPortsClosed,
    compliant: GROUPS,
    breaks: [
      {
        path: "own/cidrIpv4",
        value: "0.0.0.0/0",
        says: /^The rule lets 0\.0\.0\.0\/0 in on tcp port 5432, a port with high risk/,
      },
      { path: "web/ingress/0", value: open(5400, 5600), says: /in on tcp ports 5400-5600, with 5432, 5500 among them/ },
    ],
    passes: [{ path: "web/ingress/0", value: open(6000, 7000) }],
    undecided: ["own/cidrIpv4", "web/ingress/0/toPort"],
  });

  describePolicy({
    policy: securityGroupOpenPortsAuthorized,
    compliant: GROUPS,
    breaks: [
      {
        path: "web/ingress/0",
        value: open(6379, 6379),
        says: /tcp port 6379, where only tcp 80, 443 may be; .*security-group-open-ports-authorized\.tcp/,
      },
      { path: "web/ingress/0", value: open(443, 444), says: /ports 443-444/ },
      { path: "web/ingress/0", value: open(443, 443, "udp"), says: /udp port 443, where only udp none may be/ },
      { path: "web/ingress/0", value: open(0, 0, "-1"), says: /on every port/ },
    ],
    passes: [{ path: "web/ingress/0", value: open(-1, -1, "icmp") }],
    undecided: ["rule/fromPort"],
  });

  it("security-group-open-ports-authorized takes its ports from the policy config", () => {
    const range = changed("web/ingress/0", open(8000, 8001), GROUPS);
    const config = { tcp: [80, 443, 8000, 8001], udp: [443] };
    assert.deepEqual(say(securityGroupOpenPortsAuthorized, range, config), []);
    assert.deepEqual(
      say(securityGroupOpenPortsAuthorized, changed("web/ingress/0", open(443, 443, "17"), range), config),
      [],
    );
  });

  describePolicy({
    policy: defaultSecurityGroupClosed,
    compliant: NETWORK,
    breaks: [
      { path: "default/egress", value: [{ protocol: "-1" }], says: /default has 1 egress rule; write egress: \[\]/ },
      { path: "default/ingress", value: [{}, {}], says: /has 2 ingress rules/ },
    ],
    undecided: ["default/ingress"],
  });

  it("default-security-group-closed finds a VPC that keeps AWS's own", () => {
    const without = NETWORK.filter(({ name }) => name !== "default");
    assert.match(
      say(defaultSecurityGroupClosed, without).join(),
      /^mandatory: VPC vpc keeps AWS's default security group/,
    );
  });
});

describe("policies on networks", () => {
  describePolicy({
    policy: vpcFlowLogsEnabled,
    compliant: NETWORK,
    breaks: [{ path: "flows/trafficType", value: "ACCEPT", says: /flows has trafficType ACCEPT.*write REJECT or ALL/ }],
    passes: [{ path: "flows/trafficType", value: "ALL" }],
    undecided: ["flows/trafficType"],
  });

  it("vpc-flow-logs-enabled finds a VPC without a flow log", () => {
    const without = NETWORK.filter(({ name }) => name !== "flows");
    assert.match(say(vpcFlowLogsEnabled, without).join(), /^mandatory: VPC vpc has no flow log/);
  });

  describePolicy({
    policy: vpcHasEndpoints,
    compliant: NETWORK,
    breaks: [
      { path: "ssm/vpcEndpointType", value: "Gateway", says: /VPC vpc has no interface endpoint for ssm/ },
      { path: "ec2/serviceName", value: "com.amazonaws.eu-west-1.sts", says: /no interface endpoint for ec2/ },
    ],
    undecided: ["ssm/serviceName"],
  });

  describePolicy({
    policy: subnetWithoutAutomaticAddress,
    compliant: NETWORK,
    breaks: [
      { path: "subnet/mapPublicIpOnLaunch", value: true, says: /mapPublicIpOnLaunch is true; write false/ },
      {
        path: "subnet/assignIpv6AddressOnCreation",
        value: true,
        says: /assignIpv6AddressOnCreation is true.*egress-only/,
        level: "advisory",
      },
    ],
    passes: [{ path: "subnet/mapPublicIpOnLaunch", value: undefined }],
    undecided: ["subnet/mapPublicIpOnLaunch"],
  });

  describePolicy({
    policy: networkAclAdminPortsClosed,
    compliant: ACLS,
    breaks: [
      {
        path: "acl/ingress/1/ruleNo",
        value: 250,
        says: /^ingress\[0\] lets the whole internet in to port 3389; deny it/,
      },
      {
        path: "acl/ingress/0",
        value: { ruleNo: 200, action: "allow", protocol: "-1", ipv6CidrBlock: "::/0", fromPort: 0, toPort: 0 },
        says: /^ingress\[0\] lets the whole internet in to port 22/,
      },
      { path: "rule/fromPort", value: 22, says: /^The rule lets the whole internet in to port 22/ },
    ],
    passes: [
      { path: "rule/egress", value: true },
      { path: "acl/ingress", value: undefined },
    ],
    undecided: ["acl/ingress", "rule/cidrBlock"],
  });

  describePolicy({
    policy: networkAclUsed,
    compliant: changed("acl/subnetIds", ["subnet-1"], ACLS),
    breaks: [{ path: "acl/subnetIds", value: [], says: /Network ACL acl belongs to no subnet; write subnetIds/ }],
    undecided: ["acl/subnetIds"],
  });

  it("network-acl-used knows an association beside the ACL", () => {
    const type = "aws:ec2/networkAclAssociation:NetworkAclAssociation";
    const association: Fake = { type, name: "association", props: {}, from: { networkAclId: ["acl"] } };
    assert.deepEqual(say(networkAclUsed, [...ACLS, association]), []);
  });

  describePolicy({
    policy: transitGatewayAsksFirst,
    compliant: NETWORK,
    breaks: [{ path: "transit/autoAcceptSharedAttachments", value: "enable", says: /is enable; write "disable"/ }],
    passes: [{ path: "transit/autoAcceptSharedAttachments", value: undefined }],
    undecided: ["transit/autoAcceptSharedAttachments"],
  });

  describePolicy({
    policy: internetGatewayTrafficBlocked,
    compliant: NETWORK,
    breaks: [{ path: "block/internetGatewayBlockMode", value: "off", says: /is off; write "block-ingress"/ }],
    undecided: ["block/internetGatewayBlockMode"],
  });
});
