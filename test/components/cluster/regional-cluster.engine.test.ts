import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StateResource } from "../../../scripts/rehearsal/deployment.ts";
import { resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import type { Step } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { Session } from "../../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../../scripts/rehearsal/settings.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const PROGRAM = `
import * as pulumi from "@pulumi/pulumi";
import { tagWithUrn } from "@groundwork/lib/urn-tags";
import { regionProvider } from "${groundworkRoot}/components/cluster/provider.ts";
import { RegionalCluster } from "${groundworkRoot}/components/cluster/regional-cluster.ts";

export default (): void => {
  tagWithUrn();
  const config = new pulumi.Config();
  const accountId = "123456789012";
  const region = "us-west-2";
  new RegionalCluster(
    region,
    {
      region,
      accountId,
      clusterName: "test-us-west-2",
      cidr: "10.0.0.0/16",
      zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
      natGateways: "perZone",
      kubernetesVersion: config.require("kubernetesVersion"),
      accessCidrs: [],
      runner: true,
      access: { developers: { roleArn: "arn:aws:iam::123456789012:role/aws-reserved/sso/developers", policy: "view" } },
      endpoints: ["ecr.api", "sts"],
      flowLogs: { to: config.require("flowLogs") as "s3", retentionDays: 30 },
      nodes: {
        instanceType: config.require("instanceType"),
        min: 3,
        max: 10,
        desired: 3,
        systemOnly: config.requireBoolean("systemOnly"),
      },
      protect: false,
    },
    { providers: [regionProvider({ region, accountId })] },
  );
};
`;

const FILES = {
  "index.ts": PROGRAM,
  "package.json": JSON.stringify({ name: "cluster", private: true, type: "module", main: "index.ts" }),
  "Pulumi.yaml": "name: cluster\nruntime: { name: nodejs, options: { typescript: false } }\n",
  "Pulumi.test.yaml": `config:
  cluster:kubernetesVersion: "1.35"
  cluster:instanceType: m7i.xlarge
  cluster:systemOnly: "false"
  cluster:flowLogs: cloudwatch
`,
  "rehearsal.yaml": "test:\n  quotas: { default: { standardVcpus: 64 } }\n",
};

describe("a regional cluster, by the engine in the simulated AWS", () => {
  let session: Session;
  let state: readonly StateResource[];

  before(async () => {
    const project = join(temporaryFolder(), "cluster");
    mkdirSync(project);
    for (const [file, text] of Object.entries(FILES)) writeFileSync(join(project, file), text);
    symlinkSync(join(groundworkRoot, "node_modules"), join(project, "node_modules"));
    session = await Session.open({ project, stack: "test", checkpoints: false, progress: () => undefined });
    const up = await session.operate("up", "up", false);
    assert.equal(up.exitCode, 0, up.stderr);
    state = resourcesOf(await session.export("up.json"));
  });
  after(() => session.close());

  async function preview(change: ConfigChange): Promise<readonly Step[]> {
    session.configure(change);
    const result = await session.operate("preview", "preview", false);
    assert.equal(result.exitCode, 0, result.stderr);
    return result.steps.filter(({ op, logical }) => op !== "same" && logical);
  }
  const changes = (steps: readonly Step[]): string[] =>
    steps
      .map(({ op, type, diffs }) => `${op} ${type.split(":").at(-1) ?? ""} ${[...diffs].sort().join(" ")}`.trim())
      .sort();
  const ofType = (type: string): readonly StateResource[] => state.filter((resource) => resource.type === type);

  it("changes nothing the second time", async () => {
    assert.deepEqual(changes(await preview({})), []);
  });

  it("goes up one minor version in place: control plane, kube-proxy, nodes", async () => {
    assert.deepEqual(changes(await preview({ kubernetesVersion: "1.36" })), [
      "update Addon addonVersion",
      "update Cluster version",
      "update NodeGroup version",
    ]);
    session.configure({ kubernetesVersion: "1.35" });
  });

  it("keeps workloads off its nodes in place", async () => {
    assert.deepEqual(changes(await preview({ systemOnly: "true" })), ["update NodeGroup taints"]);
    session.configure({ systemOnly: "false" });
  });

  it("has nodes of the new type before the old ones go, and nothing else is replaced", async () => {
    session.configure({ instanceType: "m8g.xlarge" });
    const { steps, exitCode, stderr } = await session.operate("preview", "preview", false);
    assert.equal(exitCode, 0, stderr);
    const replaced = steps.filter(({ op }) => /replace|delete/.test(op));
    assert.deepEqual([...new Set(replaced.map(({ type }) => type))], ["aws:eks/nodeGroup:NodeGroup"]);
    assert.deepEqual(
      replaced.map(({ op }) => op),
      ["create-replacement", "replace", "delete-replaced"],
    );
    session.configure({ instanceType: "m7i.xlarge" });
  });

  it("does not go down a version", async () => {
    session.configure({ kubernetesVersion: "1.36" });
    const up = await session.operate("up", "up-1.36", false);
    assert.equal(up.exitCode, 0, up.stderr);
    session.configure({ kubernetesVersion: "1.35" });
    const down = await session.operate("preview", "down", false);
    assert.notEqual(down.exitCode, 0);
    assert.match(JSON.stringify(down.diagnostics), /from 1\.36 to 1\.35/);
    session.configure({ kubernetesVersion: "1.36" });
  });

  it("moves its flow logs to a bucket", async () => {
    const steps = await preview({ flowLogs: "s3" });
    assert.ok(changes(steps).some((change) => change.startsWith("create Bucket")));
    assert.ok(!steps.some(({ op, type }) => op === "replace" && !type.endsWith(":FlowLog")));
    session.configure({ flowLogs: "cloudwatch" });
  });

  it("lets nobody in to the runner and all API calls through it", () => {
    const [runner] = ofType("aws:ec2/instance:Instance");
    assert.equal(runner?.outputs?.["publicIp"], "");
    const group = ofType("aws:ec2/securityGroup:SecurityGroup").find(({ urn }) => urn.endsWith("-runner"));
    const ingress = ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").map(({ inputs }) => inputs);
    assert.ok(!ingress.some((rule) => rule?.["securityGroupId"] === group?.id));
    assert.equal(ingress.filter((rule) => rule?.["referencedSecurityGroupId"] === group?.id).length, 1);
    const [cluster] = ofType("aws:eks/cluster:Cluster");
    assert.deepEqual(
      { ...(cluster?.inputs?.["vpcConfig"] as object), subnetIds: [] },
      { endpointPrivateAccess: true, endpointPublicAccess: false, subnetIds: [] },
    );
  });

  it("has a way in before anything is in the cluster, which goes after all of it", () => {
    const [provider] = ofType("pulumi:providers:kubernetes");
    const [runner] = ofType("aws:ec2/instance:Instance");
    assert.ok(runner !== undefined && provider?.dependencies?.includes(runner.urn));
    const rules = [...ofType("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")]
      .concat(ofType("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"))
      .filter(({ urn }) => urn.includes("-runner-"));
    assert.equal(rules.length, 2);
    for (const { urn } of rules) assert.ok(runner.dependencies?.includes(urn), urn);
  });

  it("encrypts secrets with its own key, which turns by itself, and keeps every log of the control plane", () => {
    const [cluster] = ofType("aws:eks/cluster:Cluster");
    const key = ofType("aws:kms/key:Key").find(({ urn }) => cluster?.dependencies?.includes(urn));
    assert.equal(key?.inputs?.["enableKeyRotation"], true);
    assert.deepEqual(cluster?.inputs?.["encryptionConfig"], {
      provider: { keyArn: key.outputs?.["arn"] },
      resources: ["secrets"],
    });
    // https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html
    assert.deepEqual([...(cluster?.inputs?.["enabledClusterLogTypes"] as string[])].sort(), [
      "api",
      "audit",
      "authenticator",
      "controllerManager",
      "scheduler",
    ]);
    const logs = ofType("aws:cloudwatch/logGroup:LogGroup").find(({ urn }) => urn.endsWith("-cluster-logs"));
    assert.equal(logs?.inputs?.["name"], `/aws/eks/${String(cluster?.inputs?.["name"])}/cluster`);
    assert.equal(logs.inputs["kmsKeyId"], key.outputs?.["arn"]);
    assert.ok(cluster?.dependencies?.includes(logs.urn), "EKS would make a group that keeps logs for ever");
  });

  it("is destroyed without an error", async () => {
    const destroyed = await session.operate("destroy", "destroy", false);
    assert.equal(destroyed.exitCode, 0, destroyed.stderr);
  });
});
