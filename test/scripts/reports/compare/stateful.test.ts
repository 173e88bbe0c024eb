import assert from "node:assert/strict";
import type { Plain } from "@groundwork/lib/desired-state";
import type { ResourceChange } from "@groundwork/lib/diff-report";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import { compare } from "../../../../scripts/reports/compare/index.ts";
import { lossSentence } from "../../../../scripts/reports/diff/facts.ts";
import { planned, resource, side } from "./fixtures.ts";

/** What is told of a resource that goes. */
function gone(type: string, inputs: Plain = {}, more: Partial<PlannedChange> = {}): ResourceChange {
  const change = planned(type, "one", "delete", { before: inputs, ...more });
  const [before, after] = [side({ resources: [resource(type, "one", inputs)] }), side()];
  const labels = { base: { label: "main" }, head: { label: "working tree" } };
  const report = compare({
    project: "shop",
    stack: "prod",
    ...labels,
    before,
    after,
    changes: [change],
    notes: [],
    seconds: 0,
  });
  return report.resources.changes[0] ?? assert.fail("nothing is listed");
}

describe("what holds data", () => {
  const types = [
    "aws:msk/serverlessCluster:ServerlessCluster",
    "aws:redshiftserverless/namespace:Namespace",
    "aws:keyspaces/table:Table",
    "aws:dsql/cluster:Cluster",
    "aws:timestreamwrite/table:Table",
    "aws:timestreamwrite/database:Database",
    "aws:s3tables/tableBucket:TableBucket",
    "aws:lightsail/database:Database",
    "aws:cloudwatch/logGroup:LogGroup",
    "kubernetes:core/v1:Namespace",
  ];
  for (const type of types) {
    it(`is ${type}`, () => {
      assert.ok(gone(type).stateful);
    });
  }

  it("is a Helm release whose chart claims volumes, not one whose chart claims none", () => {
    const release = "kubernetes:helm.sh/v3:Release";
    const storage = { volumeClaimTemplate: { spec: { resources: { requests: { storage: "50Gi" } } } } };
    const values = { prometheus: { prometheusSpec: { storageSpec: storage } } };
    assert.ok(gone(release, { chart: "kube-prometheus-stack", name: "monitoring", values }).stateful);
    assert.equal(gone(release, { chart: "karpenter", name: "karpenter" }).stateful, false);
  });

  it("is a custom resource whose operator claims volumes for it", () => {
    const broker = { metadata: { name: "queue" }, spec: { replicas: 3, persistence: { storage: "10Gi" } } };
    assert.ok(gone("kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster", broker).stateful);
  });

  it("stays in the cloud where the engine is told to retain it", () => {
    const retainOnDelete = { before: true, after: false };
    const bucket = gone("aws:s3/bucket:Bucket", {}, { retainOnDelete });
    assert.ok(bucket.retained);
    assert.match(lossSentence(bucket), /stays, with its data \(retainOnDelete\): the engine only forgets it\.$/);
    assert.match(lossSentence({ ...bucket, change: "replace" }), /The new one begins without its data\.$/);
    assert.match(lossSentence(gone("aws:s3/bucket:Bucket")), /Nothing protects it\.$/);
  });
});
