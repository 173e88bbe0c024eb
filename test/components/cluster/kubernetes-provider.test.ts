import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { createKubernetesProvider } from "../../../components/cluster/kubernetes-provider.ts";
import { parseConfig } from "../../../stacks/config.ts";
import { registered } from "../../helpers/mocks.ts";

const CLUSTER = "aws:eks/cluster:Cluster";

describe("the way to a cluster that may not answer", () => {
  it("has the official provider's two options only where the configuration says so", async () => {
    const resources = await registered(
      () => {
        const cluster = new aws.eks.Cluster("west", { roleArn: "role", vpcConfig: { subnetIds: [] } });
        for (const choice of [undefined, "skip", "delete"] as const) {
          createKubernetesProvider(choice ?? "none", cluster, "us-west-2", [], cluster, choice);
        }
      },
      { [CLUSTER]: () => ({ endpoint: "https://west", certificateAuthority: { data: "" }, name: "west" }) },
    );
    const options = resources
      .filter(({ type }) => type === "pulumi:providers:kubernetes")
      .map(({ name, inputs }) => [name, inputs["skipUpdateUnreachable"], inputs["deleteUnreachable"]]);
    assert.deepEqual(options, [
      ["none-kubernetes", undefined, undefined],
      ["skip-kubernetes", "true", undefined],
      ["delete-kubernetes", "true", "true"],
    ]);
  });

  it("is said for regions of the stack alone", () => {
    const read = (unreachable: object) =>
      parseConfig("groundwork", {
        "groundwork:target": "cloud",
        "groundwork:systems": '["finai-nexus"]',
        "groundwork:awsAccountId": "123456789012",
        "groundwork:cloudflareAccountId": "0123456789abcdef0123456789abcdef",
        "groundwork:cloudflareZoneId": "fedcba9876543210fedcba9876543210",
        "groundwork:domain": "example.com",
        "groundwork:regions": '[{"name":"us-west-2","role":"primary","cidr":"10.0.0.0/16"}]',
        "groundwork:unreachable": JSON.stringify(unreachable),
      });
    const config = read({ "us-west-2": "skip" });
    assert.ok(config.target === "cloud");
    assert.deepEqual(config.unreachable, { "us-west-2": "skip" });
    assert.throws(
      () => read({ "us-east-1": "skip" }),
      /groundwork:unreachable\.us-east-1 is not a region of this stack/,
    );
    assert.throws(() => read({ "us-west-2": "forget" }), /unreachable\.us-west-2 is "forget"; write one of/);
  });
});
