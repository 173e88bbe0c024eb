import assert from "node:assert/strict";
import { chargesOf } from "../../../../scripts/rehearsal/clouds/quotas.ts";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST, typeOf } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { cluster, role, scenery } from "./scenery.ts";

const CLUSTER = "aws:eks/cluster:Cluster";
const NODES = "aws:eks/nodeGroup:NodeGroup";
const ADDON = "aws:eks/addon:Addon";

describe("AWS: EKS cluster", () => {
  const setting = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    const inputs: Properties = {
      name: "main",
      version: "1.36",
      roleArn: role(cloud, "control", "eks.amazonaws.com").properties["arn"],
      vpcConfig: { subnetIds: around.subnetIds, publicAccessCidrs: ["192.0.2.0/24"] },
      kubernetesNetworkConfig: { serviceIpv4Cidr: "172.20.0.0/16" },
    };
    return { cloud, around, inputs };
  };
  refuses(CLUSTER, setting, [
    ["a version that EKS does not offer", { version: "1.29" }, /1\.36/],
    ["a name that is too long", { name: "n".repeat(101) }, /1 to 100 characters/],
    ["odd characters", { name: "my cluster" }, /letters, digits, - and _/],
    ["an unknown kind of log", { enabledClusterLogTypes: ["all"] }, /write one of api, audit/],
    [
      "services outside of the private ranges",
      { kubernetesNetworkConfig: { serviceIpv4Cidr: "11.0.0.0/16" } },
      /inside 10\.0\.0\.0\/8/,
    ],
    [
      "services that overlap the VPC",
      { kubernetesNetworkConfig: { serviceIpv4Cidr: "10.0.0.0/16" } },
      /not overlap the VPC/,
    ],
    ["an unknown way to authenticate", { accessConfig: { authenticationMode: "IAM" } }, /API_AND_CONFIG_MAP/],
    ["a role that does not exist", { roleArn: "arn:aws:iam::123456789012:role/none" }, /nothing has this arn/],
  ]);

  it("refuses subnets of one zone, of two VPCs, and no endpoint at all", () => {
    const { cloud, around, inputs } = setting();
    const [first] = around.subnetIds;
    const alone = cloud.refusals(CLUSTER, { ...inputs, vpcConfig: { subnetIds: [first] } });
    assert.match(alone[0] ?? "", /1 zone \(us-west-2a\), take subnets of at least 2 zones/);
    const far = scenery(cloud, "us-west-2", "10.5");
    const mixed = cloud.refusals(CLUSTER, { ...inputs, vpcConfig: { subnetIds: [first, far.subnetIds[1]] } });
    assert.match(mixed[0] ?? "", /2 VPCs/);
    const closed = { subnetIds: around.subnetIds, endpointPublicAccess: false };
    assert.match(cloud.refusals(CLUSTER, { ...inputs, vpcConfig: closed })[0] ?? "", /public or a private endpoint/);
  });

  it("refuses a role that EKS may not take, and one name twice in a region", () => {
    const { cloud, around, inputs } = setting();
    const wrong = role(cloud, "nodes", "ec2.amazonaws.com").properties["arn"];
    assert.match(cloud.refusals(CLUSTER, { ...inputs, roleArn: wrong })[0] ?? "", /let eks\.amazonaws\.com assume it/);
    cluster(cloud, around);
    assert.match(cloud.refusals(CLUSTER, inputs)[0] ?? "", /ResourceInUseException/);
    cluster(cloud, scenery(cloud, EAST));
  });

  it("goes up one minor version at a time and never back", () => {
    const { cloud, around } = setting();
    const main = cluster(cloud, around, { version: "1.34" });
    const to = (version: string) => cloud.refusals(CLUSTER, { ...main.inputs, version }, {}, main)[0] ?? "";
    assert.match(to("1.36"), /from 1\.34 to 1\.36: go up one minor version/);
    assert.match(to("1.33"), /from 1\.34 to 1\.33/);
    assert.equal(to("1.35"), "");
  });

  it("does not move to another VPC", () => {
    const { cloud, around } = setting();
    const main = cluster(cloud, around);
    const vpcConfig = { subnetIds: scenery(cloud, "us-west-2", "10.5").subnetIds };
    const refused = cloud.refusals(CLUSTER, { ...main.inputs, vpcConfig }, {}, main);
    assert.match(refused[0] ?? "", /does not match with the existing VPC/);
  });

  it("does not go back to the config map", () => {
    const { cloud, around } = setting();
    const main = cluster(cloud, around);
    const back = { ...main.inputs, accessConfig: { authenticationMode: "CONFIG_MAP" } };
    assert.match(cloud.refusals(CLUSTER, back, {}, main)[0] ?? "", /cannot go back from API/);
  });

  it("has an endpoint, an issuer and a security group of its own, and brings the namespaces of Kubernetes", () => {
    const { cloud, around } = setting();
    const main = cluster(cloud, around);
    const endpoint = String(main.properties["endpoint"]);
    assert.match(endpoint, /^https:\/\/[0-9A-F]{32}\.gr7\.us-west-2\.eks\.amazonaws\.com$/);
    assert.match(
      JSON.stringify(main.properties["identities"]),
      /https:\/\/oidc\.eks\.us-west-2\.amazonaws\.com\/id\/[0-9A-F]{32}/,
    );
    const { clusterSecurityGroupId, vpcId } = main.properties["vpcConfig"] as Properties;
    assert.equal(vpcId, around.vpc.id);
    assert.ok(cloud.all("aws:ec2/securityGroup:SecurityGroup").some(({ id }) => id === clusterSecurityGroupId));
    const namespaces = cloud.all("kubernetes:core/v1:Namespace", `kubernetes/${endpoint}`).map(({ id }) => id);
    assert.deepEqual(namespaces, ["default", "kube-system", "kube-public", "kube-node-lease"]);
  });

  it("stays while it is protected or has nodes", () => {
    const { cloud, around } = setting();
    const main = cluster(cloud, around, { deletionProtection: true });
    assert.match(cloud.refuseDelete(main) ?? "", /deletionProtection/);
    const open = cloud.change(main, { ...main.inputs, deletionProtection: false });
    assert.equal(cloud.refuseDelete(open), undefined);
    cloud.make(NODES, nodes(cloud, around.subnetIds));
    assert.match(cloud.refuseDelete(open) ?? "", /Cluster has nodegroups attached/);
  });
});

const nodes = (cloud: Cloud, subnetIds: readonly string[], more: Properties = {}): Properties => ({
  clusterName: "main",
  nodeGroupName: "workers",
  nodeRoleArn: role(cloud, `workers-${cloud.all("aws:iam/role:Role", "aws/*").length}`, "ec2.amazonaws.com").properties[
    "arn"
  ],
  subnetIds,
  instanceTypes: ["m7i.xlarge"],
  amiType: "AL2023_x86_64_STANDARD",
  scalingConfig: { minSize: 3, desiredSize: 4, maxSize: 10 },
  ...more,
});

describe("AWS: EKS node group", () => {
  const setting = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    cluster(cloud, around, { version: "1.35" });
    return { cloud, around, inputs: nodes(cloud, around.subnetIds) };
  };
  refuses(NODES, setting, [
    [
      "fewer nodes than the minimum",
      { scalingConfig: { minSize: 3, desiredSize: 2, maxSize: 10 } },
      /minSize 3 to maxSize 10, not 2/,
    ],
    ["more nodes than the maximum", { scalingConfig: { minSize: 3, desiredSize: 11, maxSize: 10 } }, /not 11/],
    [
      "a minimum above the maximum",
      { scalingConfig: { minSize: 5, desiredSize: 4, maxSize: 3 } },
      /minSize 5 is above maxSize 3/,
    ],
    ["a size below zero", { scalingConfig: { minSize: -1, desiredSize: 0, maxSize: 3 } }, /from 0 to 450/],
    ["something that is no instance type", { instanceTypes: ["m7i.huge"] }, /m7g\.large/],
    ["an image of the other architecture", { instanceTypes: ["m7g.xlarge"] }, /m7g\.xlarge does not run AL2023_x86_64/],
    ["types of both architectures", { instanceTypes: ["m7i.xlarge", "m7g.xlarge"] }, /one processor architecture/],
    ["Amazon Linux 2 on a new cluster", { amiType: "AL2_x86_64" }, /AL2023/],
    ["nodes that are newer than their cluster", { version: "1.36" }, /1\.32 to 1\.35/],
    ["a cluster that does not exist", { clusterName: "other" }, /nothing has this name/],
    ["a name that is too long", { nodeGroupName: "n".repeat(64) }, /1 to 63 characters/],
    ["an unknown taint effect", { taints: [{ key: "a", effect: "NoSchedule" }] }, /NO_SCHEDULE/],
  ]);

  it("leaves to a launch template what it says", () => {
    const { cloud, inputs } = setting();
    const template = cloud.make("aws:ec2/launchTemplate:LaunchTemplate", {
      name: "workers",
      instanceType: "m7i.2xlarge",
    });
    const launchTemplate = { id: template.id, version: "1" };
    assert.match(
      cloud.refusals(NODES, { ...inputs, launchTemplate })[0] ?? "",
      /launch template names an instance type/,
    );
    const bare = { ...inputs, launchTemplate, instanceTypes: undefined };
    assert.deepEqual(cloud.refusals(NODES, bare), []);
    assert.match(cloud.refusals(NODES, { ...bare, diskSize: 50 })[0] ?? "", /launch template says it/);
    assert.equal(typeOf(NODES).quotas?.[0]?.count?.(cloud.ctx(NODES, bare)), 32);
  });

  it("brings the auto scaling group that its outputs name", () => {
    const { cloud, inputs } = setting();
    const made = cloud.make(NODES, inputs);
    assert.equal(made.id, "main:workers");
    const resources = made.properties["resources"] as { autoscalingGroups: { name: string }[] }[];
    const name = resources[0]?.autoscalingGroups[0]?.name ?? "";
    assert.match(name, /^eks-workers-[0-9a-f]{8}-/);
    cloud.make("aws:autoscaling/attachment:Attachment", { autoscalingGroupName: name });
    assert.equal(cloud.refusals("aws:autoscaling/attachment:Attachment", { autoscalingGroupName: "other" }).length, 1);
  });

  it("counts vCPUs toward the quota of the nodes' kind, On-Demand and Spot apart", () => {
    const { cloud, inputs } = setting();
    const charged = (more: Properties) =>
      chargesOf(typeOf(NODES), cloud.ctx(NODES, { ...inputs, ...more })).map(({ quota, count }) => [quota, count]);
    assert.deepEqual(charged({}), [["standardVcpus", 16]]);
    assert.deepEqual(charged({ capacityType: "SPOT" }), [["standardSpotVcpus", 16]]);
    assert.deepEqual(charged({ instanceTypes: ["g5.xlarge"] }), [["gpuVcpus", 16]]);
    assert.deepEqual(charged({ instanceTypes: ["g6.xlarge"], capacityType: "SPOT" }), [["gpuSpotVcpus", 16]]);
    assert.deepEqual(charged({ instanceTypes: ["inf2.xlarge"] }), []);
  });

  it("refuses a role of no instance, and subnets of another VPC than the cluster's", () => {
    const { cloud, inputs } = setting();
    const wrong = role(cloud, "control-only", "eks.amazonaws.com").properties["arn"];
    assert.match(cloud.refusals(NODES, { ...inputs, nodeRoleArn: wrong })[0] ?? "", /ec2\.amazonaws\.com/);
    const far = scenery(cloud, "us-west-2", "10.5");
    assert.match(cloud.refusals(NODES, { ...inputs, subnetIds: far.subnetIds })[0] ?? "", /belong to vpc-/);
  });
});

describe("AWS: EKS add-ons and access", () => {
  const setting = () => {
    const cloud = new Cloud();
    cluster(cloud, scenery(cloud));
    return cloud;
  };
  refuses(
    ADDON,
    () => ({
      cloud: setting(),
      inputs: { clusterName: "main", addonName: "coredns", addonVersion: "v1.14.3-eksbuild.16" },
    }),
    [
      ["an add-on that EKS does not offer", { addonName: "core-dns" }, /write an add-on that EKS offers/],
      ["a version that is none", { addonVersion: "1.14" }, /v1\.21\.1-eksbuild\.1/],
      ["an unknown resolution", { resolveConflictsOnCreate: "PRESERVE" }, /NONE, OVERWRITE/],
    ],
  );

  it("once each", () => {
    const cloud = setting();
    const inputs = { clusterName: "main", addonName: "coredns" };
    assert.equal(cloud.make(ADDON, inputs).id, "main:coredns");
    assert.match(cloud.refusals(ADDON, inputs)[0] ?? "", /ResourceInUseException/);
  });

  const ENTRY = "aws:eks/accessEntry:AccessEntry";
  const entry = () => {
    const cloud = setting();
    return {
      cloud,
      inputs: {
        clusterName: "main",
        principalArn: role(cloud, "people", "ec2.amazonaws.com").properties["arn"],
        kubernetesGroups: ["team"],
      },
    };
  };
  refuses(ENTRY, entry, [
    ["a group that Kubernetes keeps", { kubernetesGroups: ["system:masters"] }, /does not begin with system:/],
    ["an unknown kind", { type: "ADMIN" }, /write one of STANDARD/],
    ["a role that does not exist", { principalArn: "arn:aws:iam::123456789012:role/none" }, /nothing has this arn/],
  ]);

  it("needs a cluster that asks its access entries", () => {
    const cloud = new Cloud();
    cluster(cloud, scenery(cloud), { accessConfig: { authenticationMode: "CONFIG_MAP" } });
    const principalArn = role(cloud, "people", "ec2.amazonaws.com").properties["arn"];
    assert.match(cloud.refusals(ENTRY, { clusterName: "main", principalArn })[0] ?? "", /authentication mode/);
  });

  refuses(
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
    () => {
      const { cloud, inputs } = entry();
      cloud.make(ENTRY, inputs);
      const policyArn = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
      return {
        cloud,
        inputs: {
          clusterName: "main",
          principalArn: inputs.principalArn,
          policyArn,
          accessScope: { type: "namespace", namespaces: ["web"] },
        },
      };
    },
    [
      ["a policy of IAM", { policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" }, /cluster-access-policy/],
      ["a namespace scope with no namespace", { accessScope: { type: "namespace" } }, /at least one namespace/],
      [
        "a cluster scope with namespaces",
        { accessScope: { type: "cluster", namespaces: ["web"] } },
        /the whole cluster/,
      ],
    ],
  );

  it("one pod identity for each service account", () => {
    const cloud = setting();
    const roleArn = role(cloud, "pods", "pods.eks.amazonaws.com").properties["arn"];
    const inputs = { clusterName: "main", namespace: "web", serviceAccount: "web", roleArn };
    const POD = "aws:eks/podIdentityAssociation:PodIdentityAssociation";
    assert.match(cloud.make(POD, inputs).id, /^a-[0-9a-f]{17}$/);
    assert.match(cloud.refusals(POD, inputs)[0] ?? "", /ResourceInUseException/);
    assert.match(cloud.refusals(POD, { ...inputs, namespace: "Web" })[0] ?? "", /DNS label/);
  });

  it("a log group that the cluster made itself is there already", () => {
    const LOGS = "aws:cloudwatch/logGroup:LogGroup";
    const cloud = new Cloud();
    const name = "/aws/eks/main/cluster";
    assert.deepEqual(cloud.refusals(LOGS, { name }), []);
    cluster(cloud, scenery(cloud), { enabledClusterLogTypes: ["audit"] });
    assert.match(cloud.refusals(LOGS, { name })[0] ?? "", /create the group before the cluster/);
  });
});
