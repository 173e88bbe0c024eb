import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StateResource } from "../../../../scripts/rehearsal/deployment.ts";
import { resourcesOf } from "../../../../scripts/rehearsal/deployment.ts";
import { groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { Session } from "../../../../scripts/rehearsal/session.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const PROGRAM = `
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { tagWithUrn } from "@groundwork/lib/urn-tags";
import { chooseAddons } from "${groundworkRoot}/components/cluster/addons/choose.ts";
import { ClusterAddons } from "${groundworkRoot}/components/cluster/addons/install.ts";
import { regionProvider } from "${groundworkRoot}/components/cluster/provider.ts";
import { RegionalCluster } from "${groundworkRoot}/components/cluster/regional-cluster.ts";

export default (): void => {
  tagWithUrn();
  const config = new pulumi.Config();
  const [accountId, region, clusterName] = ["123456789012", "us-west-2", "test-us-west-2"];
  const provider = regionProvider({ region, accountId });
  const cluster = new RegionalCluster(
    region,
    {
      region,
      accountId,
      clusterName,
      cidr: "10.0.0.0/16",
      zones: ["us-west-2a", "us-west-2b", "us-west-2c"],
      natGateways: "single",
      kubernetesVersion: "1.36",
      accessCidrs: ["192.0.2.0/24"],
      runner: false,
      access: {},
      endpoints: [],
      flowLogs: { to: "cloudwatch", retentionDays: 30 },
      nodes: { instanceType: "m7i.xlarge", min: 3, max: 10, desired: 3, systemOnly: false },
      protect: false,
    },
    { providers: [provider] },
  );
  const bucket = new aws.s3.Bucket("backups", {}, { provider });
  new ClusterAddons(
    region + "-add-ons",
    {
      region,
      accountId,
      clusterName,
      vpcId: cluster.network.vpcId,
      networkCidr: cluster.network.cidr,
      keyArn: cluster.key.arn,
      domain: "example.com",
      placement: { nodeSelector: {}, tolerations: [] },
      settings: {
        cloudflare: { apiToken: pulumi.secret("canary-cloudflare"), email: "platform@example.com" },
        esc: { organization: "acme", project: "groundwork", environment: "prod", accessToken: pulumi.secret("canary-esc") },
        backups: { bucket: bucket.id, bucketArn: bucket.arn, keyArn: cluster.key.arn },
        rules: [{ name: "service", rules: [{ alert: "ServiceDown", expr: "up == 0", for: "5m" }] }],
        nodes: cluster.karpenter,
      },
      addons: chooseAddons(config.getObject("addons") ?? {}, [
        "karpenter",
        "aws-load-balancer-controller",
        "cert-manager",
        "external-secrets",
        "prometheus-operator-crds",
        "kube-prometheus-stack",
        "opentelemetry-collector",
        "keda",
        "argo-rollouts",
        "velero",
      ]),
    },
    { providers: [provider, cluster.kubernetes] },
  );
};
`;

const FILES = {
  "index.ts": PROGRAM,
  "package.json": JSON.stringify({ name: "add-ons", private: true, type: "module", main: "index.ts" }),
  "Pulumi.yaml": "name: add-ons\nruntime: { name: nodejs, options: { typescript: false } }\n",
  "Pulumi.test.yaml": "config: {}\n",
  "rehearsal.yaml": "test:\n  quotas: { default: { standardVcpus: 64 } }\n",
};

describe("the add-ons of a cluster, by the engine in the simulated clouds", () => {
  let session: Session;
  let state: readonly StateResource[];

  before(async () => {
    const project = join(temporaryFolder(), "add-ons");
    mkdirSync(project);
    for (const [file, text] of Object.entries(FILES)) writeFileSync(join(project, file), text);
    symlinkSync(join(groundworkRoot, "node_modules"), join(project, "node_modules"));
    session = await Session.open({ project, stack: "test", checkpoints: false, progress: () => undefined });
    const preview = await session.operate("preview", "preview", false);
    assert.equal(preview.exitCode, 0, preview.diagnostics.map(({ message }) => message).join());
    assert.deepEqual(preview.planned, []);
    const up = await session.operate("up", "up", false);
    assert.equal(up.exitCode, 0, up.diagnostics.map(({ message }) => message).join());
    state = resourcesOf(await session.export("up.json"));
  });
  after(() => session.close());

  it("keep their tokens out of the state", () => {
    assert.doesNotMatch(JSON.stringify(state), /canary/);
  });

  it("are installed, and nothing changes the second time", async () => {
    assert.equal(state.filter(({ type }) => type === "kubernetes:helm.sh/v3:Release").length, 10);
    const again = await session.operate("preview", "again", false);
    assert.equal(again.exitCode, 0, again.stderr);
    assert.deepEqual(
      again.steps.filter(({ op, logical }) => op !== "same" && logical).map(({ urn }) => urn),
      [],
    );
  });

  it("are not given values that their charts do not document", async () => {
    session.configure({ addons: { keda: { values: { replicaCount: 3 } } } });
    const refused = await session.operate("preview", "values", false);
    assert.notEqual(refused.exitCode, 0);
    assert.match(
      refused.diagnostics.map(({ message }) => message).join(),
      /chart keda 2\.20\.2 documents no such value/,
    );
    session.configure({ addons: {} });
  });

  it("go away with all that belongs to them", async () => {
    session.configure({ addons: { "external-secrets": false } });
    const up = await session.operate("up", "without", false);
    assert.equal(up.exitCode, 0, up.diagnostics.map(({ message }) => message).join());
    const left = resourcesOf(await session.export("without.json"));
    assert.deepEqual(
      left.map(({ urn }) => urn).filter((urn) => urn.includes("external-secrets")),
      [],
    );
  });
});
