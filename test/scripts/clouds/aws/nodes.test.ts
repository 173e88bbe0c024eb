import assert from "node:assert/strict";
import { Cloud } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { cluster, role, scenery } from "./scenery.ts";

const QUEUE = "aws:sqs/queue:Queue";
const POLICY = "aws:sqs/queuePolicy:QueuePolicy";
const RULE = "aws:cloudwatch/eventRule:EventRule";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const INSTANCE = "aws:ec2/instance:Instance";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";

describe("AWS: queue", () => {
  refuses(QUEUE, () => ({ cloud: new Cloud(), inputs: { name: "jobs", messageRetentionSeconds: 300 } }), [
    ["a name that is too long", { name: "q".repeat(81) }, /1 to 80 characters/],
    ["odd characters", { name: "my jobs" }, /letters, digits, - and _/],
    ["a FIFO queue that does not say so", { fifoQueue: true }, /\.fifo/],
    ["a name of a FIFO queue for another", { name: "jobs.fifo" }, /\.fifo/],
    ["messages that are kept too long", { messageRetentionSeconds: 1_209_601 }, /60 to 1209600/],
    ["two keys", { sqsManagedSseEnabled: true, kmsMasterKeyId: "alias/a" }, /encrypted with one key/],
  ]);

  it("is known by its URL, once a region, and has one policy", () => {
    const cloud = new Cloud();
    const queue = cloud.make(QUEUE, { name: "jobs" });
    assert.equal(queue.id, "https://sqs.us-west-2.amazonaws.com/123456789012/jobs");
    assert.equal(queue.properties["arn"], "arn:aws:sqs:us-west-2:123456789012:jobs");
    assert.equal(queue.properties["sqsManagedSseEnabled"], true);
    assert.match(cloud.refusals(QUEUE, { name: "jobs" })[0] ?? "", /QueueAlreadyExists/);
    const policy = { queueUrl: queue.id, policy: '{"Statement":[]}' };
    cloud.make(POLICY, policy);
    assert.match(cloud.refusals(POLICY, policy)[0] ?? "", /has a policy/);
    assert.match(cloud.refusals(POLICY, { ...policy, policy: "none" })[0] ?? "", /MalformedPolicyDocument/);
    assert.match(cloud.refusals(POLICY, { ...policy, queueUrl: "https://x" })[0] ?? "", /nothing has this id/);
  });
});

describe("AWS: event rule", () => {
  const eventPattern = '{"source":["aws.ec2"],"detail":{"state":["running"]}}';
  refuses(RULE, () => ({ cloud: new Cloud(), inputs: { name: "spot", eventPattern } }), [
    ["no JSON", { eventPattern: "source=aws" }, /InvalidEventPattern/],
    ["a value that is no list", { eventPattern: '{"source":"aws.ec2"}' }, /lists of values/],
    ["an unknown schedule", { scheduleExpression: "every day" }, /rate\(5 minutes\)/],
    ["nothing to match", { eventPattern: undefined }, /eventPattern or scheduleExpression/],
    ["a name that is too long", { name: "r".repeat(65) }, /1 to 64/],
  ]);

  it("goes only after its targets, which must exist", () => {
    const cloud = new Cloud();
    const rule = cloud.make(RULE, { name: "spot", eventPattern });
    const target = { rule: "spot", targetId: "queue", arn: "arn:aws:sqs:us-west-2:123456789012:jobs" };
    assert.match(cloud.refusals(TARGET, target)[0] ?? "", /nothing has this arn/);
    cloud.make(QUEUE, { name: "jobs" });
    assert.match(cloud.refusals(TARGET, { ...target, input: "{}", inputPath: "$" })[0] ?? "", /one of/);
    const made = cloud.make(TARGET, target);
    assert.match(cloud.refuseDelete(rule) ?? "", /has targets/);
    cloud.remove(made);
    assert.equal(cloud.refuseDelete(rule), undefined);
  });
});

describe("AWS: instance", () => {
  const setting = () => {
    const cloud = new Cloud();
    const around = scenery(cloud);
    const template = cloud.make("aws:ec2/launchTemplate:LaunchTemplate", {
      name: "runner",
      imageId: "resolve:ssm:/aws/service/ami",
      instanceType: "t4g.small",
      vpcSecurityGroupIds: [around.group.id],
    });
    return {
      cloud,
      around,
      inputs: { launchTemplate: { id: template.id, version: "1" }, subnetId: around.subnetIds[0] },
    };
  };
  refuses(INSTANCE, setting, [
    ["no image", { launchTemplate: undefined, instanceType: "t4g.small" }, /MissingParameter: write ami/],
    ["no type", { launchTemplate: undefined, ami: "ami-0123456789abcdef0" }, /MissingParameter: write it/],
    ["an unknown type", { instanceType: "huge" }, /instance type/],
    ["an image of another kind", { ami: "debian" }, /AMI id/],
    ["a subnet that does not exist", { subnetId: "subnet-0a" }, /nothing has this id/],
  ]);

  it("refuses a group of another VPC, and takes image, type and groups from its template", () => {
    const { cloud, inputs, around } = setting();
    const far = scenery(cloud, "us-west-2", "10.5");
    const wrong = cloud.refusals(INSTANCE, { ...inputs, vpcSecurityGroupIds: [far.group.id] });
    assert.match(wrong[0] ?? "", /different networks/);
    const { properties } = cloud.make(INSTANCE, inputs);
    assert.match(String(properties["ami"]), /^ami-0[0-9a-f]{16}$/);
    assert.equal(properties["instanceType"], "t4g.small");
    assert.deepEqual(properties["vpcSecurityGroupIds"], [around.group.id]);
    assert.match(String(properties["privateDns"]), /^ip-10-0-0-\d+\.us-west-2\.compute\.internal$/);
  });
});

describe("AWS: what a VPC and a cluster bring", () => {
  it("is a default security group that is taken over once", () => {
    const cloud = new Cloud();
    const { vpc } = scenery(cloud);
    const group = cloud.make(DEFAULT_GROUP, { vpcId: vpc.id });
    assert.equal(group.id, vpc.properties["defaultSecurityGroupId"]);
    assert.match(cloud.refusals(DEFAULT_GROUP, { vpcId: vpc.id })[0] ?? "", /in the program already/);
  });

  it("takes no kube-proxy that is newer than the control plane, or more than three versions older", () => {
    const cloud = new Cloud();
    cluster(cloud, scenery(cloud), { version: "1.35" });
    const proxy = (addonVersion: string) =>
      cloud.refusals("aws:eks/addon:Addon", { clusterName: "main", addonName: "kube-proxy", addonVersion });
    assert.match(proxy("v1.36.0-eksbuild.21")[0] ?? "", /kube-proxy of 1\.36 does not go with .* 1\.35/);
    assert.match(proxy("v1.31.0-eksbuild.1")[0] ?? "", /kube-proxy of 1\.31/);
    assert.deepEqual(proxy("v1.35.3-eksbuild.13"), []);
  });

  it("encrypts a log group only with a key whose policy lets CloudWatch Logs use it", () => {
    const cloud = new Cloud();
    const GROUP = "aws:cloudwatch/logGroup:LogGroup";
    const key = cloud.make("aws:kms/key:Key", {});
    const kmsKeyId = key.properties["arn"];
    assert.match(cloud.refusals(GROUP, { name: "flow", kmsKeyId })[0] ?? "", /AccessDenied.*logs\.<region>/);
    const principal = { Service: "logs.us-west-2.amazonaws.com" };
    const statement = { Effect: "Allow", Principal: principal, Action: "kms:*", Resource: "*" };
    cloud.change(key, { policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }) });
    assert.deepEqual(cloud.refusals(GROUP, { name: "flow", kmsKeyId }), []);
  });

  it("sends flow logs by a role that the service may take, and to a bucket by none", () => {
    const cloud = new Cloud();
    const { vpc } = scenery(cloud);
    const FLOW_LOG = "aws:ec2/flowLog:FlowLog";
    const group = cloud.make("aws:cloudwatch/logGroup:LogGroup", { name: "flow" });
    const wrong = role(cloud, "wrong", "ec2.amazonaws.com").properties["arn"];
    const right = role(cloud, "right", "vpc-flow-logs.amazonaws.com").properties["arn"];
    const inputs = { vpcId: vpc.id, trafficType: "ALL", logDestination: group.properties["arn"] };
    assert.match(cloud.refusals(FLOW_LOG, { ...inputs, iamRoleArn: wrong })[0] ?? "", /let vpc-flow-logs/);
    assert.deepEqual(cloud.refusals(FLOW_LOG, { ...inputs, iamRoleArn: right }), []);
    const bucket = { ...inputs, logDestinationType: "s3", logDestination: "arn:aws:s3:::logs", iamRoleArn: right };
    assert.match(cloud.refusals(FLOW_LOG, bucket)[0] ?? "", /leave it out/);
    const gone = { ...inputs, logDestination: "arn:aws:logs:us-west-2:123456789012:log-group:none", iamRoleArn: right };
    assert.match(cloud.refusals(FLOW_LOG, gone)[0] ?? "", /nothing has this arn/);
  });
});
