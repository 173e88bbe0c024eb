import type { Statement } from "../iam.ts";
import type { AddonContext } from "./context.ts";

const CLUSTER = "elbv2.k8s.aws/cluster";

/**
 * What the load balancer controller may do: make balancers, target groups and security groups with its cluster's tag, and
 * change only what has it. Narrower than the published policy, which takes any cluster's tag and also covers Cognito, WAF
 * Classic and Shield. https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.4.3/docs/install/iam_policy.json
 */
export function loadBalancerStatements(context: AddonContext): readonly Statement[] {
  return [...reads(), ...securityGroups(context), ...balancers(context)];
}

function reads(): Statement[] {
  const network = [
    ...["AccountAttributes", "Addresses", "AvailabilityZones", "CoipPools", "Instances", "InternetGateways"],
    ...["IpamPools", "NetworkInterfaces", "RouteTables", "SecurityGroups", "Subnets", "Tags", "VpcPeeringConnections"],
    "Vpcs",
  ];
  const balancing = [
    ...["CapacityReservation", "ListenerAttributes", "ListenerCertificates", "Listeners", "LoadBalancerAttributes"],
    ...["LoadBalancers", "Rules", "SSLPolicies", "Tags", "TargetGroupAttributes", "TargetGroups", "TargetHealth"],
    ...["TrustStores"],
  ];
  return [
    {
      Sid: "Read",
      Effect: "Allow",
      Action: [
        ...network.map((what) => `ec2:Describe${what}`),
        ...["ec2:GetCoipPoolUsage", "ec2:GetSecurityGroupsForVpc"],
        ...balancing.map((what) => `elasticloadbalancing:Describe${what}`),
        ...["acm:DescribeCertificate", "acm:ListCertificates"],
        ...["wafv2:GetWebACL", "wafv2:GetWebACLForResource"],
      ],
      Resource: "*",
    },
    {
      Sid: "ServiceLinkedRole",
      Effect: "Allow",
      Action: ["iam:CreateServiceLinkedRole"],
      Resource: "*",
      Condition: { StringEquals: { "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com" } },
    },
    {
      Sid: "Firewall",
      Effect: "Allow",
      Action: ["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
      Resource: "*",
    },
  ];
}

function securityGroups({ region, clusterName }: AddonContext): Statement[] {
  const groups = `arn:aws:ec2:${region}:*:security-group/*`;
  const owned = { StringEquals: { [`aws:ResourceTag/${CLUSTER}`]: clusterName } };
  return [
    // Rules are also written into the nodes' group, which has no such tag.
    {
      Sid: "OpenPorts",
      Effect: "Allow",
      Action: ["ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"],
      Resource: "*",
    },
    { Sid: "CreateGroups", Effect: "Allow", Action: ["ec2:CreateSecurityGroup"], Resource: "*" },
    {
      Sid: "TagNewGroups",
      Effect: "Allow",
      Action: ["ec2:CreateTags"],
      Resource: groups,
      Condition: {
        StringEquals: { "ec2:CreateAction": "CreateSecurityGroup", [`aws:RequestTag/${CLUSTER}`]: clusterName },
      },
    },
    {
      Sid: "ChangeOwnGroups",
      Effect: "Allow",
      Action: ["ec2:CreateTags", "ec2:DeleteTags", "ec2:DeleteSecurityGroup"],
      Resource: groups,
      Condition: owned,
    },
  ];
}

function balancers({ region, accountId, clusterName }: AddonContext): Statement[] {
  const elb = (...kinds: string[]) =>
    kinds.map((kind) => `arn:aws:elasticloadbalancing:${region}:${accountId}:${kind}`);
  const requested = { StringEquals: { [`aws:RequestTag/${CLUSTER}`]: clusterName } };
  const owned = { StringEquals: { [`aws:ResourceTag/${CLUSTER}`]: clusterName } };
  const act = (...actions: string[]) => actions.map((action) => `elasticloadbalancing:${action}`);
  const own = elb("targetgroup/*/*", "loadbalancer/net/*/*", "loadbalancer/app/*/*");
  const parts = elb("listener/net/*/*/*", "listener/app/*/*/*", "listener-rule/net/*/*/*", "listener-rule/app/*/*/*");
  return [
    {
      Sid: "Create",
      Effect: "Allow",
      Action: act("CreateLoadBalancer", "CreateTargetGroup"),
      Resource: "*",
      Condition: requested,
    },
    {
      Sid: "CreateTagged",
      Effect: "Allow",
      Action: act("AddTags"),
      Resource: own,
      Condition: {
        StringEquals: {
          ...requested.StringEquals,
          "elasticloadbalancing:CreateAction": ["CreateTargetGroup", "CreateLoadBalancer"],
        },
      },
    },
    { Sid: "TagOwn", Effect: "Allow", Action: act("AddTags", "RemoveTags"), Resource: own, Condition: owned },
    {
      Sid: "Parts",
      Effect: "Allow",
      Action: act(
        ...["CreateListener", "DeleteListener", "CreateRule", "DeleteRule", "ModifyListener", "ModifyRule"],
        ...["AddListenerCertificates", "RemoveListenerCertificates", "ModifyListenerAttributes", "SetRulePriorities"],
        ...["AddTags", "RemoveTags"],
      ),
      Resource: [...parts, ...elb("loadbalancer/net/*/*", "loadbalancer/app/*/*")],
    },
    {
      Sid: "ChangeOwn",
      Effect: "Allow",
      Action: act(
        ...["DeleteLoadBalancer", "DeleteTargetGroup", "ModifyLoadBalancerAttributes", "ModifyTargetGroup"],
        ...["ModifyTargetGroupAttributes", "ModifyCapacityReservation", "ModifyIpPools", "SetIpAddressType"],
        ...["SetSecurityGroups", "SetSubnets", "SetWebAcl"],
      ),
      Resource: "*",
      Condition: owned,
    },
    // Also targets of groups that Pulumi made: a TargetGroupBinding names them.
    {
      Sid: "Targets",
      Effect: "Allow",
      Action: act("RegisterTargets", "DeregisterTargets"),
      Resource: elb("targetgroup/*/*"),
    },
  ];
}
