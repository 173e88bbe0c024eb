import assert from "node:assert/strict";
import type { DesiredResource } from "@groundwork/lib/desired-state";
import { placements } from "@groundwork/lib/placement";

const resource = (type: string, name: string, more: Partial<DesiredResource> = {}): DesiredResource => ({
  ...{ urn: `urn:pulumi:prod::shop::${type}::${name}`, type, name, custom: true, inputs: {}, outputs: {} },
  ...{ unknown: [], dependencies: [], protect: false, retainOnDelete: false },
  ...more,
});
const urn = (type: string, name: string) => resource(type, name).urn;

const STACK = resource("pulumi:pulumi:Stack", "shop-prod", { custom: false });
const WEST = resource("pulumi:providers:aws", "west", { inputs: { region: "us-west-2" } });
const EAST = resource("pulumi:providers:aws", "east", { inputs: { region: "us-east-1" } });
const CLUSTER = resource("aws:eks/cluster:Cluster", "east", { provider: EAST.urn });
const ACCESS = resource("random:index/randomId:RandomId", "kubeconfig", { dependencies: [CLUSTER.urn] });
const KUBERNETES = resource("pulumi:providers:kubernetes", "east", { dependencies: [ACCESS.urn] });
const inCluster = (type: string, name: string, metadata: object) =>
  resource(type, name, { provider: KUBERNETES.urn, inputs: { metadata } });

function place(name: string, ...resources: readonly DesiredResource[]) {
  const wanted = resources.find((each) => each.name === name);
  return placements([STACK, WEST, EAST, CLUSTER, ACCESS, KUBERNETES, ...resources]).get(wanted?.urn ?? "");
}

describe("the place of a resource", () => {
  describe("its region", () => {
    const bucket = (more: Partial<DesiredResource>) => resource("aws:s3/bucket:Bucket", "data", more);
    it("is what it says itself, before its provider's", () => {
      assert.equal(place("data", bucket({ inputs: { region: "eu-west-1" }, provider: WEST.urn }))?.region, "eu-west-1");
    });
    it("is that of its provider", () =>
      assert.equal(place("data", bucket({ provider: WEST.urn }))?.region, "us-west-2"));
    it("is that of the default provider, which is itself not among the resources", () => {
      const more = { provider: urn("pulumi:providers:aws", "default_6_66_0"), region: "eu-west-1" };
      assert.equal(place("data", bucket(more))?.region, "eu-west-1");
      assert.equal(place("data", bucket({ ...more, inputs: { region: "us-west-2" } }))?.region, "us-west-2");
      assert.equal(place("r", resource("aws:iam/role:Role", "r", more))?.region, "global");
    });
    it("is the account for what belongs to no region", () =>
      assert.equal(place("r", resource("aws:iam/role:Role", "r", { provider: WEST.urn }))?.region, "global"));
    it("is that of the cluster whose kubeconfig the provider was made with, by whatever way", () =>
      assert.equal(place("web", inCluster("kubernetes:apps/v1:Deployment", "web", {}))?.region, "us-east-1"));
    it("is the host for what runs on a Docker engine", () => {
      const engine = resource("pulumi:providers:docker", "engine");
      const container = resource("docker:index/container:Container", "api", { provider: engine.urn });
      assert.equal(place("api", engine, container)?.region, "host");
    });
    it("is, of a component, what its name says", () => {
      const component = (name: string) => resource("shop:cluster:Cluster", name, { custom: false });
      assert.equal(place("ap-southeast-1-cluster", component("ap-southeast-1-cluster"))?.region, "ap-southeast-1");
      assert.equal(place("cluster", component("cluster"))?.region, "global");
    });
  });

  describe("its system", () => {
    const tagged = (name: string, system: string, more: Partial<DesiredResource> = {}) =>
      resource("aws:rds/cluster:Cluster", name, { inputs: { tags: { "groundwork:system": system } }, ...more });

    it("is its own tag, label, or Docker label", () => {
      assert.equal(place("db", tagged("db", "shop"))?.system, "shop");
      const pod = inCluster("kubernetes:core/v1:Pod", "p", { labels: { "app.kubernetes.io/part-of": "shop" } });
      assert.equal(place("p", pod)?.system, "shop");
      const labels = [{ label: "groundwork.dev/system", value: "shop" }];
      assert.equal(
        place("c", resource("docker:index/container:Container", "c", { inputs: { labels } }))?.system,
        "shop",
      );
    });
    it("is that of its namespace in the same cluster", () => {
      const namespace = inCluster("kubernetes:core/v1:Namespace", "ns", { name: "n", labels: { system: "shop" } });
      const inside = inCluster("kubernetes:core/v1:ConfigMap", "m", { namespace: "n" });
      assert.equal(place("m", namespace, inside)?.system, "shop");
      const elsewhere = { ...inside, provider: "another" };
      assert.equal(place("m", namespace, elsewhere)?.system, "shared");
    });
    it("is that of the component all of whose tagged parts are of one system", () => {
      const outer = resource("shop:data:Tier", "tier", { custom: false, parent: STACK.urn });
      const inner = resource("shop:data:Proxy", "proxy", { custom: false, parent: outer.urn });
      const key = resource("aws:kms/key:Key", "key", { parent: inner.urn });
      assert.equal(place("key", outer, inner, key, tagged("db", "shop", { parent: outer.urn }))?.system, "shop");
      const two = [tagged("a", "shop", { parent: outer.urn }), tagged("b", "admin", { parent: outer.urn })];
      assert.equal(place("key", outer, inner, key, ...two)?.system, "shared");
      assert.equal(place("proxy", outer, inner, key, ...two)?.system, "shared");
    });
    it("is in its name, as a whole word and the longest that fits", () => {
      const systems = [tagged("a", "shop"), tagged("b", "shop-admin")];
      const named = (name: string) =>
        place(name, ...systems, resource("cloudflare:index/loadBalancer:LoadBalancer", name));
      assert.equal(named("eu-shop-admin-pool")?.system, "shop-admin");
      assert.equal(named("shop-pool")?.system, "shop");
      assert.equal(named("workshop-pool")?.system, "shared");
    });
    it("is not that of the whole stack, even where there is one system only", () => {
      const vpc = resource("aws:ec2/vpc:Vpc", "vpc", { parent: STACK.urn });
      assert.equal(place("vpc", tagged("db", "shop", { parent: STACK.urn }), vpc)?.system, "shared");
    });
    it("can be told by tags of a team's own", () => {
      const cost = resource("aws:s3/bucket:Bucket", "b", { inputs: { tags: { "cost-center": "shop", system: "x" } } });
      assert.equal(placements([cost], ["cost-center"]).get(cost.urn)?.system, "shop");
    });
  });

  it("is told of whatever has properties of the wrong shape", () => {
    const odd = [null, "text", 1, [], [null], { a: null }];
    for (const value of odd) {
      const strange = resource("kubernetes:core/v1:Pod", "p", {
        inputs: { tags: value, labels: value, metadata: value, region: value },
        provider: urn("pulumi:providers:kubernetes", "missing"),
      });
      assert.deepEqual(place("p", strange), { system: "shared", region: "global" });
    }
  });
});
