import assert from "node:assert/strict";
import { namespaceHasQuota } from "../../policies/resource-limits/namespace-has-quota.ts";
import { namespaceWorkloadsFitQuota } from "../../policies/resource-limits/namespace-workloads-fit-quota.ts";
import { pack } from "../../policies/pack.ts";
import { changed, environment, without } from "./fixtures.ts";
import { run, say, UNKNOWN } from "./harness.ts";

describe("policy namespace-has-quota", () => {
  it("passes a namespace with a quota and defaults", () => {
    assert.deepEqual(say(namespaceHasQuota, environment), []);
  });

  it("finds a namespace without a quota", () => {
    assert.deepEqual(say(namespaceHasQuota, without("quota")), [
      "mandatory: Namespace shop has no ResourceQuota; add one that bounds requests.cpu, requests.memory, limits.cpu and limits.memory.",
    ]);
  });

  it("finds a namespace without a LimitRange", () => {
    const [found = ""] = say(namespaceHasQuota, without("defaults"));
    assert.match(found, /^mandatory: Namespace shop has no LimitRange; add one of type Container/);
  });

  it("finds a quota that leaves something open", () => {
    const found = say(namespaceHasQuota, changed("quota/spec/hard", { cpu: "1", memory: "1Gi" }));
    assert.deepEqual(found, [
      "mandatory: The ResourceQuota of namespace shop does not bound limits.cpu and limits.memory; add them to spec.hard.",
    ]);
  });

  it("finds a LimitRange without defaults for containers", () => {
    const [found = ""] = say(namespaceHasQuota, changed("defaults/spec/limits/0/type", "Pod"));
    assert.match(found, /gives containers no default limits/);
  });

  it("does not take a quota of another namespace, or of the same namespace in another cluster", () => {
    assert.match(say(namespaceHasQuota, changed("quota/metadata/namespace", "other"))[0] ?? "", /has no ResourceQuota/);
    const other = { type: "pulumi:providers:kubernetes", name: "elsewhere", props: {} };
    const moved = environment.map((resource) =>
      resource.name === "quota" ? { ...resource, provider: "elsewhere" } : resource,
    );
    assert.match(say(namespaceHasQuota, [other, ...moved])[0] ?? "", /has no ResourceQuota/);
  });

  it("finds the quota of a namespace whose name is not known yet by what it comes from", () => {
    const unnamed = changed("shop/metadata", { name: UNKNOWN });
    const linked = ["quota", "defaults"].reduce<typeof environment>(
      (all, name) =>
        changed(`${name}/metadata/namespace`, UNKNOWN, all).map((resource) =>
          resource.name === name ? { ...resource, from: { metadata: ["shop"] } } : resource,
        ),
      unnamed,
    );
    assert.deepEqual(say(namespaceHasQuota, linked), []);
  });

  it("is undecided about a quota that is not known in preview", () => {
    const [found = ""] = say(namespaceHasQuota, changed("quota/spec/hard", UNKNOWN));
    assert.match(found, /^advisory: Undecided until up: spec\.hard is not known in preview/);
    assert.deepEqual(say(namespaceHasQuota, changed("quota/spec/hard/requests.cpu", UNKNOWN)), []);
  });

  it("can exempt namespaces", () => {
    assert.deepEqual(say(namespaceHasQuota, without("quota"), { exempt: ["sh*"] }), []);
  });
});

describe("policy namespace-workloads-fit-quota", () => {
  it("passes workloads that fit at their minimum and maximum", () => {
    assert.deepEqual(say(namespaceWorkloadsFitQuota, environment), []);
  });

  it("finds a sum of requests above the quota", () => {
    assert.deepEqual(say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/requests.cpu", "1")), [
      "mandatory: The workloads need 1.5 cores of requests.cpu at their minimum, more than the 1 core of ResourceQuota quota; raise the quota to at least that, or lower replicas or requests.",
    ]);
  });

  it("does not count a patch beside the workload that it patches", () => {
    const patches = environment
      .filter(({ name }) => name === "web")
      .map((web) => ({ ...web, name: "web-patch", type: `${web.type}Patch` }));
    const many = changed("web-patch/spec/replicas", 100, [...environment, ...patches]);
    assert.deepEqual(say(namespaceWorkloadsFitQuota, many), []);
  });

  it("finds too many pods, and limits above the quota", () => {
    assert.match(
      say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/pods", "2"))[0] ?? "",
      /need 3 pods of pods at their minimum/,
    );
    assert.match(
      say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/limits.memory", "2Gi"))[0] ?? "",
      /need 3Gi of limits\.memory/,
    );
  });

  it("only advises where the maximum and one rolling update do not fit", () => {
    // 10 pods, and 3 more (a quarter, rounded up) in a rolling update
    assert.deepEqual(say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/pods", "13")), []);
    const [found = ""] = say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/pods", "12"));
    assert.match(found, /^advisory: The workloads need 13 pods of pods at their maximum and in a rolling update there/);
  });

  it("counts plain replicas where there is no autoscaler", () => {
    const plain = changed("web/spec/replicas", 17, without("web-scale"));
    const found = say(namespaceWorkloadsFitQuota, plain).filter((line) => line.startsWith("mandatory"));
    assert.equal(found.length, 2);
    assert.match(found[1] ?? "", /The workloads need 8\.5 cores of requests\.cpu at their minimum/);
  });

  it("counts a DaemonSet once for each node, and a CronJob only at the maximum", () => {
    const daemon = environment.map((resource) =>
      resource.name === "web" ? { ...resource, type: "kubernetes:apps/v1:DaemonSet" } : resource,
    );
    // the node group's minimum is 2
    assert.match(say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/pods", "1", daemon))[0] ?? "", /need 2 pods/);
    const spec = environment.find(({ name }) => name === "web")?.props.spec;
    const cron = environment.map((resource) =>
      resource.name === "web"
        ? {
            ...resource,
            type: "kubernetes:batch/v1:CronJob",
            props: { ...resource.props, spec: { jobTemplate: { spec } } },
          }
        : resource,
    );
    assert.match(say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/pods", "0", cron))[0] ?? "", /^advisory/);
  });

  it("leaves scoped quotas alone", () => {
    const scoped = changed("quota/spec/scopes", ["BestEffort"], changed("quota/spec/hard/pods", "1"));
    assert.deepEqual(say(namespaceWorkloadsFitQuota, scoped), []);
  });

  it("is undecided about unknown replicas only while the rest fits", () => {
    const base = changed("web/spec/replicas", UNKNOWN, without("web-scale"));
    const [found = ""] = say(namespaceWorkloadsFitQuota, base);
    assert.match(found, /^advisory: Undecided until up: spec\.replicas of web is not known in preview/);
    const tight = say(namespaceWorkloadsFitQuota, changed("quota/spec/hard/pods", "0", base));
    assert.equal(tight.length, 1);
    assert.match(tight[0] ?? "", /^mandatory/);
  });

  it("sees what is in a cluster that does not exist yet once resource policies have run", () => {
    const found = run(pack, changed("quota/spec/hard/requests.cpu", "1")).filter(
      ({ policy }) => policy === namespaceWorkloadsFitQuota.name,
    );
    assert.deepEqual(
      found.map(({ level, name }) => [level, name]),
      [["mandatory", "quota"]],
    );
  });
});
