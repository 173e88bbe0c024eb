import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createAccess } from "../../../components/cluster/access.ts";
import { createEndpoints } from "../../../components/cluster/endpoints.ts";
import type { InterfaceService } from "../../../components/cluster/endpoints.ts";
import { createFlowLogs } from "../../../components/cluster/flow-logs.ts";
import type { Network } from "../../../components/cluster/network.ts";
import { podIdentity } from "../../../components/cluster/pod-identity.ts";
import { KUBERNETES_VERSIONS, kubernetesVersion, NEWEST_KUBERNETES } from "../../../lib/kubernetes-versions.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Registered } from "../../helpers/mocks.ts";

const arn = (_inputs: object, name: string) => ({ arn: `arn:aws:test:::${name}`, name });
const nothing = () => ({});
const OUTPUTS = {
  "aws:ec2/flowLog:FlowLog": nothing,
  "aws:ec2/securityGroup:SecurityGroup": nothing,
  "aws:ec2/vpcEndpoint:VpcEndpoint": nothing,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": nothing,
  "aws:cloudwatch/logGroup:LogGroup": arn,
  "aws:iam/role:Role": arn,
  "aws:iam/rolePolicy:RolePolicy": nothing,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothing,
  "aws:eks/accessEntry:AccessEntry": nothing,
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": nothing,
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": nothing,
  "aws:s3/bucket:Bucket": arn,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": nothing,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": nothing,
  "aws:s3/bucketPolicy:BucketPolicy": nothing,
};

class Parent extends pulumi.ComponentResource {
  constructor() {
    super("groundwork:test:Parent", "parent", {}, { providers: [new aws.Provider("west", { region: "us-west-2" })] });
  }
}

const run = (program: (parent: Parent) => void): Promise<readonly Registered[]> =>
  registered(() => program(new Parent()), OUTPUTS);
const inputsOf = (resources: readonly Registered[], type: string): Registered["inputs"][] =>
  resources.filter((resource) => resource.type === type).map(({ inputs }) => inputs);

const network: Network = {
  cidr: "10.0.0.0/16",
  vpcId: pulumi.output("vpc-1"),
  subnets: {
    public: [],
    private: [{ zone: "us-west-2a", tier: "private", cidr: "10.0.0.0/20", id: pulumi.output("subnet-1") }],
    isolated: [],
  },
  privateRouteTableIds: [pulumi.output("rtb-1")],
  routes: [],
};

describe("VPC endpoints", () => {
  const endpoints = (services: readonly InterfaceService[]) =>
    run((parent) => void createEndpoints("west", { region: "us-west-2", network, services }, parent));

  it("are the free one to S3 alone where no other is chosen", async () => {
    const made = await endpoints([]);
    assert.deepEqual(
      inputsOf(made, "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ serviceName, routeTableIds }) => [
        serviceName,
        routeTableIds,
      ]),
      [["com.amazonaws.us-west-2.s3", ["rtb-1"]]],
    );
  });

  it("are reached by the service's own name, from within the VPC and by HTTPS alone", async () => {
    const made = await endpoints(["ecr.api", "sts"]);
    const interfaces = inputsOf(made, "aws:ec2/vpcEndpoint:VpcEndpoint").filter(
      ({ vpcEndpointType }) => vpcEndpointType === "Interface",
    );
    assert.equal(interfaces.length, 2);
    assert.ok(interfaces.every(({ privateDnsEnabled }) => privateDnsEnabled === true));
    const rules = inputsOf(made, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual(
      rules.map(({ cidrIpv4, fromPort, toPort }) => [cidrIpv4, fromPort, toPort]),
      [["10.0.0.0/16", 443, 443]],
    );
  });

  it("are refused twice", async () => {
    await assert.rejects(endpoints(["sts", "sts"]), /west: endpoints names sts twice/);
  });
});

describe("flow logs", () => {
  const logs = (to: "cloudwatch" | "s3" | "none") =>
    run((parent) =>
      createFlowLogs(
        "west",
        {
          to,
          retentionDays: 30,
          vpcId: "vpc-1",
          region: "us-west-2",
          accountId: "123456789012",
          clusterName: "prod",
          keyArn: "arn:aws:kms:us-west-2:123456789012:key/1",
        },
        parent,
      ),
    );

  it("go to one encrypted log group that forgets, by a role that can write nothing else", async () => {
    const made = await logs("cloudwatch");
    const [group] = inputsOf(made, "aws:cloudwatch/logGroup:LogGroup");
    assert.equal(group?.["retentionInDays"], 30);
    assert.equal(group?.["kmsKeyId"], "arn:aws:kms:us-west-2:123456789012:key/1");
    const [policy] = inputsOf(made, "aws:iam/rolePolicy:RolePolicy");
    const { Statement } = JSON.parse(String(policy?.["policy"])) as {
      Statement: { Action: string[]; Resource: string | string[] }[];
    };
    const writes = Statement.find(({ Action }) => Action.includes("logs:PutLogEvents"));
    assert.deepEqual(writes?.Resource, ["arn:aws:test:::west-flow-logs", "arn:aws:test:::west-flow-logs:*"]);
    const [role] = inputsOf(made, "aws:iam/role:Role");
    assert.match(String(role?.["assumeRolePolicy"]), /"aws:SourceAccount":"123456789012"/);
  });

  it("go to a bucket that is closed, forgets, and takes them from this account alone", async () => {
    const made = await logs("s3");
    assert.equal(inputsOf(made, "aws:iam/role:Role").length, 0);
    const [log] = inputsOf(made, "aws:ec2/flowLog:FlowLog");
    assert.equal(log?.["logDestinationType"], "s3");
    const [policy] = inputsOf(made, "aws:s3/bucketPolicy:BucketPolicy");
    assert.match(String(policy?.["policy"]), /"aws:SourceAccount":"123456789012"/);
    assert.match(String(policy?.["policy"]), /"aws:SecureTransport":"false"/);
    const [closed] = inputsOf(made, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock");
    assert.ok(closed?.["blockPublicPolicy"] === true && closed["restrictPublicBuckets"] === true);
  });

  it("are none where none are wanted", async () => {
    assert.deepEqual(inputsOf(await logs("none"), "aws:ec2/flowLog:FlowLog"), []);
  });
});

describe("access of people and pods", () => {
  const roleArn = "arn:aws:iam::123456789012:role/developers";

  it("is limited to namespaces, or is the whole cluster's", async () => {
    const made = await run((parent) => {
      createAccess("dev", "main", { roleArn, policy: "edit", namespaces: ["flowx"] }, parent);
      createAccess("ops", "main", { roleArn: `${roleArn}-ops`, policy: "clusterAdmin" }, parent);
    });
    assert.deepEqual(
      inputsOf(made, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation").map(({ policyArn, accessScope }) => [
        String(policyArn).split("/").at(-1),
        accessScope,
      ]),
      [
        ["AmazonEKSEditPolicy", { type: "namespace", namespaces: ["flowx"] }],
        ["AmazonEKSClusterAdminPolicy", { type: "cluster" }],
      ],
    );
  });

  it("is no cluster administrator of a namespace", async () => {
    const wrong = run(
      (parent) => void createAccess("dev", "main", { roleArn, policy: "clusterAdmin", namespaces: ["a"] }, parent),
    );
    await assert.rejects(wrong, /dev: policy is clusterAdmin for the namespaces a; write admin/);
  });

  it("gives a service account a role that only its pods can take", async () => {
    const made = await run(
      (parent) =>
        void podIdentity(
          "reports",
          {
            clusterName: "main",
            namespace: "finai-nexus",
            serviceAccount: "reports",
            policies: ["AmazonSQSReadOnlyAccess"],
            statements: [
              { Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: "arn:aws:s3:::reports/*" },
            ],
          },
          parent,
        ),
    );
    const [role] = inputsOf(made, "aws:iam/role:Role");
    const { Statement } = JSON.parse(String(role?.["assumeRolePolicy"])) as {
      Statement: { Principal: object; Action: string[] }[];
    };
    assert.deepEqual(Statement, [
      {
        Effect: "Allow",
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
      },
    ]);
    const [association] = inputsOf(made, "aws:eks/podIdentityAssociation:PodIdentityAssociation");
    assert.equal(association?.["roleArn"], "arn:aws:test:::reports");
    assert.equal(association["serviceAccount"], "reports");
    assert.equal(inputsOf(made, "aws:iam/rolePolicy:RolePolicy").length, 1);
    assert.equal(inputsOf(made, "aws:iam/rolePolicyAttachment:RolePolicyAttachment").length, 1);
  });
});

describe("Kubernetes versions", () => {
  it("are one minor version apart, with a kube-proxy of their own, and others are refused", () => {
    const minors = KUBERNETES_VERSIONS.map(({ version }) => Number(version.split(".")[1]));
    minors.slice(1).forEach((minor, index) => assert.equal(minor, (minors[index] ?? 0) + 1));
    for (const { version, kubeProxy } of KUBERNETES_VERSIONS) assert.ok(kubeProxy.startsWith(`v${version}.`));
    assert.equal(KUBERNETES_VERSIONS.at(-1)?.version, NEWEST_KUBERNETES);
    assert.throws(
      () => kubernetesVersion("1.20"),
      /kubernetesVersion is "1\.20"; write "1\.35" or "1\.36", in quotes\./,
    );
  });
});
