import assert from "node:assert/strict";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { describe, it } from "mocha";
import { renderRehearsal } from "../../../scripts/reports/rehearsal.ts";

const none = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };
const report: RehearsalReport = {
  stack: "prod",
  target: "cloud",
  simulated: ["aws", "kubernetes"],
  live: false,
  engine: { version: "3.200.0", source: "cache" },
  seconds: 41.25,
  operations: [
    { name: "preview", seconds: 3.14, changes: { ...none, create: 7 } },
    { name: "up-again", seconds: 2, changes: { ...none, same: 7 } },
  ],
  resources: { total: 7, byType: { "aws:ec2/vpc:Vpc": 1, "aws:ec2/subnet:Subnet": 6 } },
  policy: {
    pack: "groundwork@0.1.0",
    policies: 10,
    violations: [
      {
        policy: "container-has-limits",
        level: "mandatory",
        urn: "urn:pulumi:prod::shop::kubernetes:apps/v1:Deployment::web",
        message: "container web has no memory limit",
      },
    ],
  },
  retained: [{ type: "aws:kms/key:Key", id: "k-1", why: "KMS key, deleted after 30 days" }],
  orphans: [{ type: "aws:ec2/eip:Eip", id: "eipalloc-1", place: "aws/123456789012/us-west-2" }],
  quotas: [
    { quota: "natGatewaysPerZone", code: "L-FE5A380F", scope: "us-west-2, us-west-2a", used: 1, limit: 5 },
    { quota: "natGatewaysPerZone", code: "L-FE5A380F", scope: "us-west-2, us-west-2b", used: 4, limit: 5 },
    { quota: "eksClusters", code: "L-1194D53C", scope: "us-west-2", used: 1, limit: 100 },
    { quota: "vpcs", code: "L-F678F1CE", scope: "us-west-2", used: 0, limit: 5 },
  ],
  standIns: [{ key: "shop:domain", kind: "placeholder", type: "domain" }],
  mayReplace: [{ urn: "urn:pulumi:prod::shop::aws:ec2/vpc:Vpc::net", path: "tenancy" }],
  state: "/somewhere/deployment.json",
};

/** Lines with their runs of spaces folded, as the eye reads them. */
function linesOf(rendered: string): string[] {
  return rendered.split("\n").map((line) => line.trim().replace(/\s+/g, " "));
}

describe("the summary of a rehearsal", () => {
  const lines = linesOf(renderRehearsal(report));
  const has = (line: string): void => assert.ok(lines.includes(line), `no line "${line}" in:\n${lines.join("\n")}`);

  it("shows each operation with seconds and changes", () => {
    has("operation seconds create update replace delete same");
    has("preview 3.1 7 · · · ·");
    has("up-again 2.0 · · · · 7");
  });

  it("counts resources by type, the most frequent first", () => {
    const types = lines.filter(
      (line) => line.startsWith("aws:ec2/subnet:Subnet 6") || line.startsWith("aws:ec2/vpc:Vpc 1"),
    );
    assert.deepEqual(types, ["aws:ec2/subnet:Subnet 6", "aws:ec2/vpc:Vpc 1"]);
  });

  it("names the policy, the resource and what is wrong", () => {
    const text = lines.join("\n");
    for (const part of ["mandatory", "container-has-limits", "kubernetes:apps/v1:Deployment::web", "no memory limit"]) {
      assert.ok(text.includes(part), part);
    }
  });

  it("shows the fullest of what shares a quota, those with the least room first, and none that is not used", () => {
    const quotas = lines.filter((line) => / L-[0-9A-F]{8} /.test(line));
    assert.deepEqual(quotas, [
      "natGatewaysPerZone L-FE5A380F us-west-2, us-west-2b 4 5",
      "eksClusters L-1194D53C us-west-2 1 100",
    ]);
  });

  it("lists what is retained, orphaned, stood in for, and may replace", () => {
    const text = lines.join("\n");
    for (const part of ["k-1", "KMS key, deleted after 30 days", "eipalloc-1", "shop:domain", "tenancy"]) {
      assert.ok(text.includes(part), part);
    }
  });

  it("says what stopped it", () => {
    const stopped = { operation: "up", reason: "InternalFailure: the service failed" };
    assert.match(renderRehearsal({ ...report, stopped }), /Stopped at up: InternalFailure: the service failed/);
  });
});
