import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Schemas } from "../../../../scripts/rehearsal/clouds/schema.ts";
import { groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { schemas } from "./cloud.ts";

const KNOWN = [
  "aws:ec2/vpc:Vpc",
  "aws:eks/cluster:Cluster",
  "aws:rds/cluster:Cluster",
  "kubernetes:apps/v1:Deployment",
  "kubernetes:core/v1:Secret",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
  "kubernetes:helm.sh/v3:Release",
  "docker:index/container:Container",
  "docker-build:index:Image",
  "cloudflare:index/dnsRecord:DnsRecord",
  "random:index/randomPassword:RandomPassword",
  "tls:index/privateKey:PrivateKey",
  "pulumi:providers:aws",
];

describe("schemas derived from the installed SDKs", () => {
  it("exist for types of every package and know what is needed", () => {
    for (const token of KNOWN) assert.ok(Object.keys(schemas.resource(token)?.inputs ?? {}).length > 2, token);
    const subnet = schemas.resource("aws:ec2/subnet:Subnet");
    assert.deepEqual(subnet?.inputs["vpcId"], { shape: "string" });
    assert.deepEqual(subnet?.inputs["mapPublicIpOnLaunch"], { shape: "boolean", optional: true });
    assert.deepEqual(subnet?.outputs["arn"], { shape: "string" });
  });

  it("follow nested types, also into themselves", () => {
    const group = schemas.resource("aws:ec2/securityGroup:SecurityGroup");
    assert.deepEqual(group?.inputs["ingress"]?.shape, { list: { ref: "inputs.ec2.SecurityGroupIngress" } });
    assert.deepEqual(group?.objects["inputs.ec2.SecurityGroupIngress"]?.["fromPort"], { shape: "number" });
    const definition = schemas.resource("kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition");
    const validation = definition?.objects["inputs.apiextensions.v1.JSONSchemaProps"];
    assert.deepEqual(validation?.["not"]?.shape, { ref: "inputs.apiextensions.v1.JSONSchemaProps" });
  });

  it("know literal values, unions and maps", () => {
    const image = schemas.resource("docker-build:index:Image");
    assert.deepEqual(image?.inputs["network"]?.shape, { values: ["default", "host", "none"] });
    assert.deepEqual(schemas.resource("aws:ec2/vpc:Vpc")?.inputs["tags"]?.shape, { map: "string" });
    assert.deepEqual(schemas.resource("aws:iam/role:Role")?.inputs["assumeRolePolicy"]?.shape, {
      either: ["string", { ref: "inputs.iam.PolicyDocument" }],
    });
    assert.deepEqual(schemas.resource("kubernetes:apps/v1:Deployment")?.inputs["kind"]?.shape, {
      values: ["Deployment"],
    });
  });

  it("know which outputs the SDK itself keeps secret", () => {
    assert.deepEqual(schemas.resource("random:index/randomPassword:RandomPassword")?.secrets, ["bcryptHash", "result"]);
    assert.deepEqual(schemas.resource("kubernetes:core/v1:Secret")?.secrets, ["data", "stringData"]);
  });

  it("do not exist for what the SDK does not have", () => {
    for (const token of ["aws:ec2/vpc:Bogus", "aws:ec2/bogus:Bogus", "kubernetes:example.com/v1:Thing", "bogus:a:B"]) {
      assert.equal(schemas.resource(token), undefined, token);
    }
    assert.equal(schemas.version("bogus"), undefined);
  });

  it("are kept on disk by the SDK's version and read back the same", () => {
    const cache = temporaryFolder();
    const derived = new Schemas(groundworkRoot, cache).resource("aws:ec2/vpc:Vpc");
    const version = schemas.version("aws");
    assert.deepEqual(readdirSync(join(cache, "schemas")), [`1-aws@${version}`]);
    assert.deepEqual(new Schemas(groundworkRoot, cache).resource("aws:ec2/vpc:Vpc"), derived);
  });
});
