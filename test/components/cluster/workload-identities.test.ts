import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { describe, it } from "mocha";
import { WorkloadIdentities } from "../../../components/cluster/workload-identities.ts";
import type { WorkloadSpec } from "../../../components/workload/spec.ts";
import { registered } from "../../helpers/mocks.ts";
import type { Registered } from "../../helpers/mocks.ts";

const OUTPUTS = {
  "aws:iam/role:Role": (_inputs: object, name: string) => ({ arn: `arn:aws:iam::123456789012:role/${name}`, name }),
  "aws:iam/rolePolicy:RolePolicy": () => ({}),
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": () => ({}),
};

type Identified = Pick<WorkloadSpec, "name" | "permissions">;
const create = (workloads: readonly Identified[], name = "us-west-2-shop"): Promise<readonly Registered[]> =>
  registered(() => {
    const provider = new aws.Provider("west", { region: "us-west-2" });
    const args = { clusterName: "prod-us-west-2", namespace: "shop", workloads };
    assert.equal(new WorkloadIdentities(name, args, { providers: [provider] }).ready.length, workloads.length);
  }, OUTPUTS);
const ofType = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));

describe("identities of workloads", () => {
  it("are a role and an association each, in the region's account, that allow nothing by themselves", async () => {
    const resources = await create([{ name: "api" }, { name: "worker" }]);
    assert.equal(ofType(resources, "RolePolicy").length, 0);
    assert.deepEqual(
      ofType(resources, "PodIdentityAssociation").map(({ inputs }) => inputs),
      ["api", "worker"].map((workload) => ({
        clusterName: "prod-us-west-2",
        namespace: "shop",
        serviceAccount: workload,
        roleArn: `arn:aws:iam::123456789012:role/us-west-2-shop-${workload}`,
      })),
    );
    for (const { provider } of ofType(resources, "Role")) assert.match(provider ?? "", /::west::/);
  });

  it("allow what the spec says, and nothing else", async () => {
    const permissions = [
      { actions: ["s3:GetObject", "s3:PutObject"], resources: ["arn:aws:s3:::uploads/*"] },
      { actions: ["s3:ListBucket"], resources: ["arn:aws:s3:::uploads"] },
    ];
    const resources = await create([{ name: "api", permissions }, { name: "worker" }]);
    const [policy, ...others] = ofType(resources, "RolePolicy");
    assert.equal(others.length, 0);
    assert.equal(policy?.inputs["role"], "us-west-2-shop-api");
    assert.deepEqual(JSON.parse(String(policy.inputs["policy"])), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Own1",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: ["arn:aws:s3:::uploads/*"],
        },
        { Sid: "Own2", Effect: "Allow", Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::uploads"] },
      ],
    });
  });

  it("keep their roles apart where names are long", async () => {
    const long = "a".repeat(63);
    const resources = await create([{ name: long }, { name: `${long.slice(1)}b` }], "ap-southeast-2-web-platform");
    const names = ofType(resources, "Role").map(({ name }) => name);
    assert.equal(new Set(names).size, 2);
    // Pulumi appends eight characters of its own
    for (const name of names) assert.ok(name.length <= 56, name);
  });
});
