import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { groundwork, reportOf, temporaryHome } from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";

/** The policies with a remediation that this program breaks. */
const REMEDIATED = [
  "instance-metadata-requires-token",
  "repository-scans-images",
  "repository-tags-immutable",
  "subnet-without-automatic-address",
  "volume-encrypted",
];

interface Made {
  readonly urn: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

describe("the pack on an AWS program that nobody looked over", () => {
  let home: string;
  before(async () => {
    home = await temporaryHome();
  });

  const rehearse = (project: string) =>
    groundwork(["rehearse", "--project", project, "--stack", "test", "--json"], { home });

  it("stops its preview, and says of each resource what is wrong", async () => {
    const { exitCode, stdout, stderr } = await rehearse(fixture("exposed"));
    assert.equal(exitCode, 1, stderr);
    const report = reportOf({ stdout });
    assert.equal(report.stopped?.operation, "preview");
    const found = report.policy.violations
      .filter(({ level }) => level === "mandatory")
      .map(({ policy, urn }) => `${policy}: ${urn?.split("::").at(-1) ?? ""}`);
    for (const expected of [
      "default-security-group-closed: vpc",
      "instance-metadata-requires-token: nodes",
      "policy-grants-no-administration: all",
      "region-not-by-default: images",
      "repository-expires-images: images",
      "repository-scans-images: images",
      "repository-tags-immutable: images",
      "role-trusts-named-principals: admin",
      "security-group-admin-ports-closed: web",
      "security-group-high-risk-ports-closed: web",
      "security-group-open-ports-authorized: web",
      "subnet-without-automatic-address: open",
      "volume-encrypted: nodes",
      "vpc-flow-logs-enabled: vpc",
    ]) {
      assert.ok(found.includes(expected), `${expected} is not among\n${found.join("\n")}`);
    }
    assert.ok(!found.includes("region-not-by-default: admin"), "roles have no region");
  });

  it("mends what has one right fix, where the policy config asks for it", async () => {
    const remediate = Object.fromEntries(REMEDIATED.map((policy) => [policy, { enforcementLevel: "remediate" }]));
    const config = JSON.stringify({ all: "advisory", ...remediate });
    const { exitCode, stdout, stderr } = await rehearse(fixture("exposed", { "policy-config.json": config }));
    assert.equal(exitCode, 0, stderr);
    const report = reportOf({ stdout });
    const left = report.policy.violations.filter(({ policy }) => REMEDIATED.includes(policy));
    assert.deepEqual(left, []);
    const { deployment } = JSON.parse(readFileSync(report.state ?? "", "utf8")) as {
      deployment: { resources: readonly Made[] };
    };
    const inputs = (name: string) => deployment.resources.find(({ urn }) => urn.endsWith(`::${name}`))?.inputs ?? {};
    assert.deepEqual(inputs("nodes")["metadataOptions"], { httpTokens: "required" });
    assert.deepEqual(inputs("nodes")["blockDeviceMappings"], [
      { deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: 20 } },
    ]);
    assert.equal(inputs("open")["mapPublicIpOnLaunch"], false);
    assert.equal(inputs("images")["imageTagMutability"], "IMMUTABLE");
    assert.deepEqual(inputs("images")["imageScanningConfiguration"], { scanOnPush: true });
  });
});
