import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { parse } from "yaml";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { runnerFilters } from "../../scripts/tunnel/sessions.ts";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { parseConfig } from "../../stacks/config.ts";
import { registered } from "../helpers/mocks.ts";
import type { Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod } from "./cloud-fixture.ts";

const written = parse(readFileSync(join(groundworkRoot, "Pulumi.prod.yaml"), "utf8")) as {
  readonly config: Readonly<Record<string, unknown>>;
};

/** Pulumi.prod.yaml with its placeholders filled in, and more. */
function read(more: Readonly<Record<string, unknown>> = {}) {
  const filledIn = {
    "groundwork:awsAccountId": "123456789012",
    "groundwork:cloudflareAccountId": "a".repeat(32),
    "groundwork:cloudflareZoneId": "b".repeat(32),
    "groundwork:domain": "example.com",
  };
  const values = Object.entries({ ...written.config, ...filledIn, ...more });
  const config = parseConfig(
    "groundwork",
    Object.fromEntries(values.map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)])),
  );
  assert.ok(config.target === "cloud");
  return config;
}

describe("the way in to production's clusters", () => {
  it("is a runner in each VPC, and no public endpoint, as the stack file is written", () => {
    const { clusterAccess, clusterAccessCidrs } = read();
    assert.deepEqual([clusterAccess.runner, clusterAccessCidrs], [true, []]);
  });

  it("is not opened to blocks that nobody has, or to everybody", () => {
    for (const example of ["192.0.2.0/24", "198.51.100.7/32", "203.0.113.0/25"])
      assert.throws(() => read({ "groundwork:clusterAccessCidrs": ["198.18.0.0/16", example] }), {
        name: "BadInput",
        message: `groundwork:clusterAccessCidrs[1] is "${example}", a block for documentation that nobody has; write your own, or remove the key to reach the clusters through their runners.`,
      });
    assert.throws(() => read({ "groundwork:clusterAccessCidrs": ["0.0.0.0/0"] }), /the whole internet/);
  });

  it("is a named block without a runner where that is chosen", () => {
    const { clusterAccess } = read({ "groundwork:clusterAccessCidrs": ["198.18.4.0/24"] });
    assert.equal(clusterAccess.runner, false);
  });

  describe("as it is built", () => {
    let resources: readonly Registered[];
    before(async () => {
      resources = await registered(() => cloudEnvironment({ ...prod, clusterAccessCidrs: [] }), CLOUD_OUTPUTS);
    });
    const ofType = (type: string) => resources.filter((resource) => resource.type === type);

    it("leads nobody to a cluster but from within its VPC", () => {
      const clusters = ofType("aws:eks/cluster:Cluster").map(({ inputs }) => inputs["vpcConfig"]);
      assert.equal(clusters.length, 2);
      for (const network of clusters as { endpointPrivateAccess: boolean; endpointPublicAccess: boolean }[])
        assert.deepEqual([network.endpointPrivateAccess, network.endpointPublicAccess], [true, false]);
    });

    it("is a machine in each region that `groundwork tunnel` finds by what it carries", () => {
      const [provider] = ofType("pulumi:providers:aws");
      const { tags } = JSON.parse(String(provider?.inputs["defaultTags"])) as { tags: Record<string, string> };
      const runners = ofType("aws:ec2/instance:Instance");
      assert.equal(runners.length, prod.regions.length);
      for (const { name: region } of prod.regions) {
        const filters = runnerFilters(region, { project: "groundwork", stack: "prod" });
        const carried = runners.map(({ inputs }) => ({ ...tags, ...(inputs["tags"] as Record<string, string>) }));
        const wanted = Object.entries(filters).filter(([filter]) => filter.startsWith("tag:"));
        const found = carried.filter((own) => wanted.every(([filter, value]) => own[filter.slice(4)] === value));
        assert.equal(found.length, 1, region);
      }
    });

    it("is told to no Kubernetes provider: whoever runs Pulumi goes by the cluster's own name", () => {
      const kubeconfigs = ofType("pulumi:providers:kubernetes").map(({ inputs }) => String(inputs["kubeconfig"]));
      assert.equal(kubeconfigs.length, 2);
      for (const text of kubeconfigs) {
        const { clusters } = JSON.parse(text) as { clusters: { cluster: Record<string, unknown> }[] };
        assert.deepEqual(
          clusters.map(({ cluster }) => cluster),
          [{ server: "https://eks.example", "certificate-authority-data": "Y2E=" }],
        );
      }
    });
  });
});
