import type { Statement } from "../iam.ts";
import type { AddonContext } from "./context.ts";

/**
 * What Karpenter may do: start instances only for this cluster's node pools, change and end only what it started, read in
 * its own region only, and hand on no role but the nodes'.
 * https://karpenter.sh/docs/reference/cloudformation/#karpentercontrollerpolicy
 */
export function karpenterStatements(context: AddonContext): readonly Statement[] {
  return [...instances(context), ...reads(context), ...instanceProfiles(context), ...interruptions(context)];
}

const POOL = "karpenter.sh/nodepool";
const NODE_CLASS = "karpenter.k8s.aws/ec2nodeclass";

function instances({ region, clusterName }: AddonContext): Statement[] {
  const owned = `kubernetes.io/cluster/${clusterName}`;
  const ec2 = (account: "" | "*", ...kinds: string[]) =>
    kinds.map((kind) => `arn:aws:ec2:${region}:${account}:${kind}/*`);
  const requested = {
    StringEquals: { [`aws:RequestTag/${owned}`]: "owned", "aws:RequestTag/eks:eks-cluster-name": clusterName },
    StringLike: { [`aws:RequestTag/${POOL}`]: "*" },
  };
  const tagged = {
    StringEquals: { [`aws:ResourceTag/${owned}`]: "owned" },
    StringLike: { [`aws:ResourceTag/${POOL}`]: "*" },
  };
  const start = ["ec2:RunInstances", "ec2:CreateFleet"];
  const made = ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"];
  return [
    {
      Sid: "StartFromAnything",
      Effect: "Allow",
      Action: start,
      Resource: [...ec2("", "image", "snapshot"), ...ec2("*", "security-group", "subnet", "capacity-reservation")],
    },
    {
      Sid: "StartFromOwnTemplates",
      Effect: "Allow",
      Action: start,
      Resource: ec2("*", "launch-template"),
      Condition: tagged,
    },
    {
      Sid: "StartTagged",
      Effect: "Allow",
      Action: [...start, "ec2:CreateLaunchTemplate"],
      Resource: ec2("*", ...made),
      Condition: requested,
    },
    {
      Sid: "TagWhileStarting",
      Effect: "Allow",
      Action: ["ec2:CreateTags"],
      Resource: ec2("*", ...made),
      Condition: {
        ...requested,
        StringEquals: {
          ...requested.StringEquals,
          "ec2:CreateAction": ["RunInstances", "CreateFleet", "CreateLaunchTemplate"],
        },
      },
    },
    {
      Sid: "TagOwnInstances",
      Effect: "Allow",
      Action: ["ec2:CreateTags"],
      Resource: ec2("*", "instance"),
      Condition: {
        ...tagged,
        "ForAllValues:StringEquals": { "aws:TagKeys": ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] },
      },
    },
    {
      Sid: "EndOwn",
      Effect: "Allow",
      Action: ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"],
      Resource: ec2("*", "instance", "launch-template"),
      Condition: tagged,
    },
  ];
}

function reads({ region, accountId, clusterName }: AddonContext): Statement[] {
  const described = [
    ...["CapacityReservations", "Images", "Instances", "InstanceStatus", "InstanceTypeOfferings", "InstanceTypes"],
    ...["LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory", "Subnets"],
  ];
  return [
    {
      Sid: "ReadRegion",
      Effect: "Allow",
      Action: described.map((what) => `ec2:Describe${what}`),
      Resource: "*",
      Condition: { StringEquals: { "aws:RequestedRegion": region } },
    },
    {
      Sid: "ReadImageParameters",
      Effect: "Allow",
      Action: ["ssm:GetParameter"],
      Resource: `arn:aws:ssm:${region}::parameter/aws/service/*`,
    },
    { Sid: "ReadPrices", Effect: "Allow", Action: ["pricing:GetProducts"], Resource: "*" },
    {
      Sid: "FindCluster",
      Effect: "Allow",
      Action: ["eks:DescribeCluster"],
      Resource: `arn:aws:eks:${region}:${accountId}:cluster/${clusterName}`,
    },
  ];
}

function instanceProfiles({ region, accountId, clusterName, settings }: AddonContext): Statement[] {
  const profiles = `arn:aws:iam::${accountId}:instance-profile/*`;
  const tags = (kind: "Request" | "Resource") => ({
    [`aws:${kind}Tag/kubernetes.io/cluster/${clusterName}`]: "owned",
    [`aws:${kind}Tag/topology.kubernetes.io/region`]: region,
  });
  const owned = { StringEquals: tags("Resource"), StringLike: { [`aws:ResourceTag/${NODE_CLASS}`]: "*" } };
  const created = {
    StringEquals: { ...tags("Request"), "aws:RequestTag/eks:eks-cluster-name": clusterName },
    StringLike: { [`aws:RequestTag/${NODE_CLASS}`]: "*" },
  };
  return [
    ...(settings.nodes
      ? [
          {
            Sid: "HandOnNodeRole",
            Effect: "Allow" as const,
            Action: ["iam:PassRole"],
            Resource: settings.nodes.nodeRoleArn,
            Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
          },
        ]
      : []),
    {
      Sid: "CreateProfiles",
      Effect: "Allow",
      Action: ["iam:CreateInstanceProfile"],
      Resource: profiles,
      Condition: created,
    },
    {
      Sid: "TagProfiles",
      Effect: "Allow",
      Action: ["iam:TagInstanceProfile"],
      Resource: profiles,
      Condition: {
        StringEquals: { ...created.StringEquals, ...owned.StringEquals },
        StringLike: { ...created.StringLike, ...owned.StringLike },
      },
    },
    {
      Sid: "ChangeOwnProfiles",
      Effect: "Allow",
      Action: ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"],
      Resource: profiles,
      Condition: owned,
    },
    { Sid: "ReadProfiles", Effect: "Allow", Action: ["iam:GetInstanceProfile"], Resource: profiles },
    { Sid: "ListProfiles", Effect: "Allow", Action: ["iam:ListInstanceProfiles"], Resource: "*" },
  ];
}

function interruptions({ settings }: AddonContext): Statement[] {
  const queue = settings.nodes?.interruptionQueue;
  if (queue === undefined) return [];
  return [
    {
      Sid: "HearOfInterruptions",
      Effect: "Allow",
      Action: ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"],
      Resource: queue.arn,
    },
  ];
}
