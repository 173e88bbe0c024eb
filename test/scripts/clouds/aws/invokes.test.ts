import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { policyJson } from "../../../../scripts/rehearsal/clouds/tables/aws/policy-documents.ts";
import { Cloud, EAST } from "./cloud.ts";
import { cluster, scenery } from "./scenery.ts";

describe("AWS: look-ups", () => {
  const cloud = new Cloud();
  const ask = (name: string, args: Properties = {}, region?: string) =>
    cloud.ask(`aws:${name}`, args, region) as Properties;

  it("zones, all or some", () => {
    const token = "index/getAvailabilityZones:getAvailabilityZones";
    assert.deepEqual(ask(token)["names"], ["us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d"]);
    assert.deepEqual(ask(token)["zoneIds"], ["usw2-az1", "usw2-az2", "usw2-az3", "usw2-az4"]);
    assert.deepEqual(ask(token, { excludeNames: ["us-west-2a"], state: "available" })["names"], [
      "us-west-2b",
      "us-west-2c",
      "us-west-2d",
    ]);
    assert.deepEqual(ask(token, { filters: [{ name: "zone-id", values: ["usw2-az2"] }] })["names"], ["us-west-2b"]);
    assert.equal((ask(token, { region: EAST })["names"] as string[]).length, 6);
    assert.match(String(ask(token, { region: "us-moon-1" })["failure"]), /no region us-moon-1/);
  });

  it("who and where one is", () => {
    assert.equal(ask("index/getCallerIdentity:getCallerIdentity")["accountId"], "123456789012");
    assert.equal(ask("index/getRegion:getRegion", {}, EAST)["name"], EAST);
    assert.equal(ask("index/getPartition:getPartition")["partition"], "aws");
  });

  it("passwords of the registry", () => {
    const answer = ask("ecr/getAuthorizationToken:getAuthorizationToken");
    assert.equal(answer["userName"], "AWS");
    assert.equal(answer["proxyEndpoint"], "https://123456789012.dkr.ecr.us-west-2.amazonaws.com");
    const decoded = Buffer.from(String(answer["authorizationToken"]), "base64").toString();
    assert.equal(decoded, `AWS:${String(answer["password"])}`);
    assert.equal(ask("ecr/getCredentials:getCredentials", { registryId: "1" })["registryId"], "1");
  });

  it("clusters that exist", () => {
    const token = "eks/getCluster:getCluster";
    assert.match(String(ask(token, { name: "main" })["failure"]), /No cluster found for name: main/);
    const made = cluster(cloud, scenery(cloud));
    assert.equal(ask(token, { name: "main" })["endpoint"], made.properties["endpoint"]);
    assert.match(String(ask("eks/getClusterAuth:getClusterAuth", { name: "main" })["token"]), /^k8s-aws-v1\./);
  });

  it("parameters of the account and of AWS", () => {
    const token = "ssm/getParameter:getParameter";
    const image = "/aws/service/eks/optimized-ami/1.36/amazon-linux-2023/x86_64/standard/recommended";
    assert.match(String(ask(token, { name: `${image}/image_id` })["value"]), /^ami-0[0-9a-f]{16}$/);
    assert.match(String(ask(token, { name: `${image}/release_version` })["value"]), /^1\.36\.\d+-\d{8}$/);
    assert.match(String(ask(token, { name: "/mine" })["failure"]), /ParameterNotFound/);
    cloud.make("aws:ssm/parameter:Parameter", { name: "/mine", type: "String", value: "42" });
    assert.equal(ask(token, { name: "/mine" })["value"], "42");
  });
});

describe("AWS: policy documents", () => {
  it("write statements as upstream does", () => {
    const statements = [
      {
        sid: "Read",
        actions: ["s3:GetObject", "s3:ListBucket"],
        resources: ["*"],
        principals: [
          { type: "AWS", identifiers: ["arn:aws:iam::123456789012:root"] },
          { type: "Service", identifiers: ["b.amazonaws.com", "a.amazonaws.com"] },
        ],
        conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: ["123456789012"] }],
      },
    ];
    assert.deepEqual(JSON.parse(JSON.stringify(policyJson({ statements }))), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Read",
          Effect: "Allow",
          Action: ["s3:ListBucket", "s3:GetObject"],
          Resource: "*",
          Principal: { AWS: "arn:aws:iam::123456789012:root", Service: ["b.amazonaws.com", "a.amazonaws.com"] },
          Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
        },
      ],
    });
  });

  it("merge sources and overrides by their Sid", () => {
    const source = JSON.stringify({
      Statement: [
        { Sid: "A", Effect: "Allow" },
        { Sid: "B", Effect: "Allow" },
      ],
    });
    const override = JSON.stringify({ Statement: { Sid: "A", Effect: "Deny" } });
    const merged = policyJson({
      sourcePolicyDocuments: [source],
      overridePolicyDocuments: [override],
      statements: [{ sid: "C" }],
    });
    const kept = (merged["Statement"] as Properties[]).map((each) => [each["Sid"], each["Effect"]]);
    assert.deepEqual(kept, [
      ["A", "Deny"],
      ["B", "Allow"],
      ["C", "Allow"],
    ]);
  });

  it("are JSON that a role takes, and a failure for what is none", () => {
    const cloud = new Cloud();
    const token = "aws:iam/getPolicyDocument:getPolicyDocument";
    const answer = cloud.ask(token, {
      statements: [
        { actions: ["sts:AssumeRole"], principals: [{ type: "Service", identifiers: ["ec2.amazonaws.com"] }] },
      ],
    }) as Properties;
    assert.deepEqual(JSON.parse(String(answer["json"])), JSON.parse(String(answer["minifiedJson"])));
    assert.deepEqual(cloud.refusals("aws:iam/role:Role", { name: "it", assumeRolePolicy: answer["json"] }), []);
    assert.match(String((cloud.ask(token, { sourcePolicyDocuments: ["{"] }) as Properties)["failure"]), /no JSON/);
  });
});
