import assert from "node:assert/strict";
import type { ResourceSchema } from "../../../../scripts/rehearsal/clouds/schema.ts";
import { validate } from "../../../../scripts/rehearsal/clouds/validate.ts";
import { type TreeObject, Secret, UNKNOWN } from "../../../../scripts/rehearsal/clouds/values.ts";
import { schemas } from "./cloud.ts";

function reasons(token: string, inputs: TreeObject): readonly string[] {
  return validate(inputs, schemas.resource(token) as ResourceSchema, token).map(({ reason }) => reason);
}

describe("validation of inputs", () => {
  it("accepts what the SDK accepts, with unknowns where they stand", () => {
    assert.deepEqual(reasons("aws:ec2/vpc:Vpc", { cidrBlock: UNKNOWN, tags: { a: new Secret("b") } }), []);
    assert.deepEqual(reasons("aws:ec2/subnet:Subnet", { vpcId: new Secret(UNKNOWN), __defaults: [] }), []);
  });

  it("names an unknown property and the one that was probably meant", () => {
    assert.deepEqual(reasons("aws:ec2/vpc:Vpc", { cidrblock: "10.0.0.0/16" }), [
      '"cidrblock" is not a property of aws:ec2/vpc:Vpc: did you mean "cidrBlock"?',
    ]);
    const spec = { containers: [{ name: "a", imagePullPolcy: "Always" }] };
    const [reason] = reasons("kubernetes:core/v1:Pod", { spec });
    assert.match(reason ?? "", /^"spec\.containers\[0\]\.imagePullPolcy" is not .*"imagePullPolicy"\?$/);
  });

  it("names a missing property", () => {
    assert.deepEqual(reasons("aws:ec2/subnet:Subnet", {}), [
      '"vpcId" is missing, and aws:ec2/subnet:Subnet needs it: set it',
    ]);
  });

  it("names a mistyped property, its value and what to write", () => {
    assert.deepEqual(reasons("aws:ec2/vpc:Vpc", { enableDnsSupport: "yes" }), [
      '"enableDnsSupport" is "yes": write a boolean',
    ]);
    assert.deepEqual(reasons("docker-build:index:Image", { push: false, network: "bridge" }), [
      '"network" is "bridge": write "default" or "host" or "none"',
    ]);
    assert.deepEqual(reasons("aws:ec2/vpc:Vpc", { tags: { a: 1 } }), ['"tags.a" is 1: write a string']);
  });

  it("never shows a secret", () => {
    const [reason] = reasons("aws:ec2/vpc:Vpc", { tags: new Secret({ a: [{ canary: "canary-in-a-tag" }] }) });
    assert.equal(reason, '"tags.a" is [secret]: write a string');
  });
});
