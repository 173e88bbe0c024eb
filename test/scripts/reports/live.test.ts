import assert from "node:assert/strict";
import type { AutoscalerReport, ControlPlaneReport, LiveReport } from "@groundwork/lib/rehearsal-report";
import { renderLive } from "../../../scripts/reports/live.ts";

const plane: ControlPlaneReport = {
  region: "us-west-2",
  version: "v1.36.3",
  startSeconds: 5.31,
  memoryMiB: 719,
  nodes: [{ owner: "workloads", instanceType: "m7i.xlarge", count: 4, zones: ["us-west-2a", "us-west-2b"] }],
  pods: 125,
  deployments: { available: 30, total: 31 },
  statefulSets: { ready: 4, total: 4 },
};

const autoscaler: AutoscalerReport = {
  region: "us-west-2",
  namespace: "finai-nexus",
  name: "backend",
  workload: "backend",
  replicas: 5,
  min: 5,
  max: 20,
  metrics: ["cpu 30% / 70%", "memory 29% / 80%"],
  active: true,
};

const fine: LiveReport = {
  controlPlanes: [plane],
  objects: 388,
  refused: [],
  permissiveKinds: [],
  pendingPods: [],
  autoscalers: [autoscaler],
  notes: [],
};

/** The section that begins with this, its columns by single spaces. */
function section(report: LiveReport, title: string): string[] {
  const parts = renderLive(report).split("\n\n");
  const found = parts.find((part) => part.startsWith(title)) ?? assert.fail(`there is no section ${title}`);
  return found.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, " "));
}

describe("the live part of a rehearsal's summary", () => {
  it("shows each control plane, its nodes and its autoscalers, and nothing of what there is not", () => {
    assert.deepEqual(section(fine, "control plane"), [
      "control plane (388 objects applied) version started in memory pods available",
      "us-west-2 v1.36.3 5.3 s 719 MiB 125 30 of 31 Deployments, 4 of 4 StatefulSets",
    ]);
    assert.deepEqual(section(fine, "nodes"), [
      "nodes owner instance type count zones",
      "us-west-2 workloads m7i.xlarge 4 us-west-2a us-west-2b",
    ]);
    assert.deepEqual(section(fine, "autoscaler"), [
      "autoscaler region replicas range metrics (now / target)",
      "finai-nexus/backend us-west-2 5 5-20 cpu 30% / 70%, memory 29% / 80%",
    ]);
    assert.equal(renderLive(fine).split("\n\n").length, 3);
  });

  it("tells what was refused, what has no node, and which autoscaler is blind, in the server's own words", () => {
    const urn = "urn:pulumi:prod::groundwork::kubernetes:core/v1:Pod::root";
    const report: LiveReport = {
      ...fine,
      refused: [
        { urn, reason: 'the API server of us-west-2 refuses Pod shop/root: violates PodSecurity "restricted"' },
      ],
      pendingPods: [
        { region: "us-west-2", namespace: "sophia", pod: "inference-1", reason: "0/4 nodes are available" },
      ],
      autoscalers: [{ ...autoscaler, metrics: ["s0-rabbitmq-items ? / 1k"], active: false }],
    };
    assert.deepEqual(section(report, "Refused").slice(1), [
      'the API server of us-west-2 refuses Pod shop/root: violates PodSecurity "restricted"',
    ]);
    assert.deepEqual(section(report, "Pods without a node").slice(1), [
      "us-west-2 sophia/inference-1: 0/4 nodes are available",
    ]);
    assert.match(section(report, "autoscaler")[1] ?? "", /s0-rabbitmq-items \? \/ 1k \(not read\)$/);
  });

  it("names the kinds without a schema by their group, and what differs from a real cluster", () => {
    const report: LiveReport = {
      ...fine,
      permissiveKinds: ["certificates.cert-manager.io", "nodepools.karpenter.sh", "nodeclaims.karpenter.sh"],
      notes: ["us-west-2: 4 node(s) by a stand-in for Karpenter"],
    };
    assert.deepEqual(section(report, "Custom kinds").slice(1), [
      "cert-manager.io: certificates",
      "karpenter.sh: nodepools, nodeclaims",
    ]);
    assert.deepEqual(section(report, "Different from a real cluster").slice(1), report.notes);
  });

  it("counts the autoscalers that it does not show, and says where there are no nodes", () => {
    const many = Array.from({ length: 23 }, (_, index) => ({ ...autoscaler, name: `workload-${index}` }));
    const lines = section({ ...fine, autoscalers: many }, "autoscaler");
    assert.equal(lines.length, 22);
    assert.equal(lines.at(-1), "3 more");
    const bare: LiveReport = { ...fine, controlPlanes: [{ ...plane, nodes: [] }], autoscalers: [] };
    assert.deepEqual(section(bare, "Nodes"), ["Nodes: none"]);
    assert.ok(!renderLive(bare).includes("autoscaler"));
  });
});
