import assert from "node:assert/strict";
import type { Changes, RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { describe, it } from "mocha";
import { renderRehearsal } from "../../../scripts/reports/rehearsal.ts";

const none: Changes = { create: 0, update: 0, replace: 0, delete: 0, same: 0 };

const fine: RehearsalReport = {
  stack: "dev",
  target: "docker",
  simulated: ["docker", "random"],
  live: false,
  engine: { version: "3.200.0", source: "cache" },
  seconds: 12.34,
  memoryMiB: 1434,
  operations: [
    { name: "preview", seconds: 1.04, changes: { ...none, create: 6 } },
    { name: "up", seconds: 2.25, changes: { ...none, create: 6 } },
    { name: "up-again", seconds: 1, changes: { ...none, same: 6 } },
    { name: "destroy", seconds: 0.5, changes: { ...none, delete: 6 } },
  ],
  resources: { total: 6, byType: { "docker:index/volume:Volume": 2, "docker:index/container:Container": 4 } },
  policy: { pack: "groundwork@0.1.0", policies: 10, violations: [] },
  retained: [],
  orphans: [],
  quotas: [],
  standIns: [],
  mayReplace: [],
  state: "/home/deployment.json",
};
const up = { ...fine, operations: fine.operations.slice(0, 2) };
const KEPT = "Fine: everything is kept; the next rehearsal of this stack picks it up";

/** The lines of the section that begins with this, without what only aligns them. */
function section(report: RehearsalReport, title: string): string[] {
  const parts = renderRehearsal(report).split("\n\n");
  const found = parts.find((part) => part.startsWith(title)) ?? assert.fail(`there is no section ${title}`);
  return found.split("\n").map((line) => line.trimEnd());
}

describe("the summary of a rehearsal", () => {
  it("says of a fine one what was done and that nothing is left, and nothing more", () => {
    assert.deepEqual(
      renderRehearsal(fine)
        .split("\n")
        .map((line) => line.trimEnd()),
      [
        "Rehearsal of dev (docker): 12.3 s, 1.4 GiB of memory at most",
        "engine 3.200.0 (cache); simulated: docker, random",
        "",
        "operation  seconds  create  update  replace  delete  same",
        "preview        1.0       6       ·        ·       ·     ·",
        "up             2.3       6       ·        ·       ·     ·",
        "up-again       1.0       ·       ·        ·       ·     6",
        "destroy        0.5       ·       ·        ·       6     ·",
        "",
        "6 resources                       count",
        "docker:index/container:Container      4",
        "docker:index/volume:Volume            2",
        "",
        "Policy: groundwork@0.1.0, 10 policies, no violation",
        "",
        "Fine: everything was torn down, nothing is left behind",
      ],
    );
  });

  it("names the most frequent types and adds up the rest", () => {
    const types = Array.from({ length: 14 }, (_, index): [string, number] => [`aws:ec2/t${index}:T`, index + 1]);
    const lines = section({ ...fine, resources: { total: 105, byType: Object.fromEntries(types) } }, "105 resources");
    assert.equal(lines.length, 14);
    assert.match(lines[1] ?? "", /^aws:ec2\/t13:T +14$/);
    assert.match(lines[13] ?? "", /^2 more types +3$/);
  });

  it("tells each violation with the resource and the message, without the names of stack and project", () => {
    const urn = "urn:pulumi:dev::shop::shop:index:Web$docker:index/container:Container::web";
    const violation = { policy: "container-has-limits", level: "mandatory", urn, message: "No limit.\nSet one." };
    assert.deepEqual(section({ ...fine, policy: { pack: "p@1", policies: 1, violations: [violation] } }, "Policy"), [
      "Policy: p@1, 1 policy, 1 violation",
      "  mandatory  container-has-limits  docker:index/container:Container::web",
      "    No limit.",
      "    Set one.",
    ]);
    const whole = { ...violation, urn: null };
    const lines = section({ ...fine, policy: { pack: "p@1", policies: 1, violations: [whole] } }, "Policy");
    assert.equal(lines[1], "  mandatory  container-has-limits  the whole stack");
    assert.deepEqual(section({ ...fine, policy: { pack: null, policies: 0, violations: [] } }, "Policy"), [
      "Policy: no pack ran",
    ]);
  });

  it("shows the fullest of what shares a quota, those with the least room first, and none that is not used", () => {
    const gateways = { quota: "natGatewaysPerZone", code: "L-FE5A380F", limit: 5 };
    const lines = section(
      {
        ...fine,
        quotas: [
          { ...gateways, scope: "us-west-2, us-west-2a", used: 1 },
          { ...gateways, scope: "us-west-2, us-west-2b", used: 4 },
          { quota: "eksClusters", code: "L-1194D53C", scope: "us-west-2", used: 1, limit: 100 },
          { quota: "gpuVcpus", code: "L-DB2E81BA", scope: "us-west-2", used: 0, ceiling: 16, limit: 0 },
          { quota: "standardVcpus", code: "L-1216C47A", scope: "us-west-2", used: 16, ceiling: 40, limit: 64 },
          { quota: "vpcs", code: "L-F678F1CE", scope: "us-west-2", used: 0, limit: 5 },
        ],
      },
      "quota",
    );
    assert.deepEqual(
      lines.slice(1).map((line) => line.replace(/ +/g, " ")),
      [
        "gpuVcpus L-DB2E81BA us-west-2 0 16 ! 0",
        "natGatewaysPerZone L-FE5A380F us-west-2, us-west-2b 4 · 5",
        "standardVcpus L-1216C47A us-west-2 16 40 64",
        "eksClusters L-1194D53C us-west-2 1 · 100",
      ],
    );
  });

  it("tells once why things stay, and leaves digests out of their ids", () => {
    const digest = "0123456789abcdef".repeat(4);
    const image = (name: string) => ({
      type: "docker:index/remoteImage:RemoteImage",
      id: `sha256:${digest}${name}`,
      why: "kept by keepLocally",
    });
    const key = { type: "aws:kms/key:Key", id: "e9ec1594-6489-1c98-9585-455e15079832", why: "deleted after 30 days" };
    const built = { type: "docker-build:index:Image", id: digest, why: "stays in the registry" };
    assert.deepEqual(section({ ...fine, retained: [image("redis:8"), built, key, image("nginx:1")] }, "Retained"), [
      "Retained by design:",
      "  aws:kms/key:Key  e9ec1594-6489-1c98-9585-455e15079832: deleted after 30 days",
      "  docker-build:index:Image  0123456789ab: stays in the registry",
      "  docker:index/remoteImage:RemoteImage  kept by keepLocally:",
      "    nginx:1",
      "    redis:8",
    ]);
  });

  it("lists stand-ins, and changes that the real provider may answer with a replacement", () => {
    const urn = "urn:pulumi:dev::shop::aws:ec2/vpc:Vpc::net";
    const report: RehearsalReport = {
      ...fine,
      standIns: [{ key: "shop:token", kind: "secret", type: "string" }],
      mayReplace: [{ urn, path: "ipv6Pool" }],
    };
    assert.equal(section(report, "Stand-ins")[1], "  shop:token  (secret: string)");
    assert.equal(section(report, "May replace")[1], "  aws:ec2/vpc:Vpc::net  ipv6Pool");
  });

  it("ends with what stopped it, what is left, and what comes next", () => {
    const urn = "urn:pulumi:dev::shop::docker:index/container:Container::web";
    assert.deepEqual(section({ ...up, stopped: { operation: "up", reason: `${urn}: it failed` } }, "Stopped"), [
      "Stopped at up: docker:index/container:Container::web: it failed",
      "What exists stays: the next rehearsal of this stack picks it up",
    ]);
    const orphans = [{ type: "aws:ec2/vpc:Vpc", id: "vpc-1", place: "aws/1/us-west-2" }];
    const report = { ...up, orphans, stopped: { operation: "up", reason: "one\ntwo" } };
    assert.deepEqual(section(report, "Orphans"), ["Orphans:", "  aws:ec2/vpc:Vpc  vpc-1  in aws/1/us-west-2"]);
    assert.deepEqual(section(report, "Stopped"), [
      "Stopped at up:",
      "  one",
      "  two",
      "1 orphan left behind",
      "What exists stays: the next rehearsal of this stack picks it up",
    ]);
    const nothing = { ...up, resources: { total: 0, byType: {} }, stopped: { operation: "preview", reason: "no" } };
    assert.deepEqual(section(nothing, "Stopped"), ["Stopped at preview: no"]);
    assert.deepEqual(section(nothing, "Resources"), ["Resources: none"]);
  });

  it("says at last whether everything is kept, or orphans are left", () => {
    assert.ok(renderRehearsal(up).endsWith(`\n\n${KEPT}`));
    const orphans = ["a", "b"].map((id) => ({ type: "aws:ec2/vpc:Vpc", id, place: "aws/1/us-west-2" }));
    assert.ok(renderRehearsal({ ...fine, orphans }).endsWith("\n\n2 orphans left behind"));
  });
});
