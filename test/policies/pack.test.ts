import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import fc from "fast-check";
import { configSchema } from "../../policies/framework/settings.ts";
import { known, unknownAt } from "../../policies/framework/known.ts";
import { policyTable } from "../../policies/docs.ts";
import { pack } from "../../policies/pack.ts";
import { changed, container, environment, without } from "./fixtures.ts";
import { run, UNKNOWN } from "./harness.ts";

describe("policy pack", () => {
  it("says what a person needs for each policy", () => {
    const names = pack.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const policy of pack) {
      assert.match(policy.name, /^[a-z]+(-[a-z]+)+$/);
      for (const text of [policy.description, policy.why, policy.fix]) assert.match(text, /^[A-Z].*\.$/, policy.name);
      assert.match(policy.control.url, /^https:\/\//);
      assert.ok(policy.control.name.length > 0);
      for (const setting of Object.values(policy.settings)) assert.match(setting.schema.description ?? "", /\.$/);
    }
  });

  it("is described in docs/policies.md", () => {
    const file = readFileSync(new URL("../../docs/policies.md", import.meta.url), "utf8");
    assert.equal(file, policyTable(pack), "run: node policies/docs.ts > docs/policies.md");
  });

  it("has an example config that fits its schema and changes nothing that is not there", () => {
    const example = JSON.parse(
      readFileSync(new URL("../../policies/config.example.json", import.meta.url), "utf8"),
    ) as Record<string, unknown>;
    const ajv = new Ajv.default({ strict: false });
    for (const [name, part] of Object.entries(example)) {
      const policy = pack.find((candidate) => candidate.name === name);
      assert.ok(policy, name);
      const { properties } = configSchema(policy.settings);
      const schema = {
        type: "object",
        properties: { ...properties, enforcementLevel: { type: "string" } },
        additionalProperties: false,
      };
      assert.ok(ajv.validate(schema, part), `${name}: ${ajv.errorsText()}`);
    }
  });

  it("names a key in the config that does not exist, once", () => {
    const root = { type: "pulumi:pulumi:Stack", name: "shop-dev", props: {} };
    const found = run(pack, [root, container], {
      "container-has-limits": { cpuLimit: false },
      "nodes-hold-pods": { addons: 1 },
    });
    assert.deepEqual(
      found.flatMap(({ message }) => /^(The policy config sets .*), which/.exec(message)?.[1] ?? []),
      ["The policy config sets container-has-limits.cpuLimit", "The policy config sets nodes-hold-pods.addons"],
    );
  });

  it("says nothing of a policy that a stack disables", () => {
    const config = { "namespace-has-quota": { stacks: { dev: { enforcementLevel: "disabled" } } } };
    const quotas = (stack?: string) =>
      run(pack, without("quota"), config, stack).filter(({ policy }) => policy === "namespace-has-quota");
    assert.deepEqual(quotas(), []);
    assert.equal(quotas("prod").length, 1);
  });

  it("gives the same results in the same order whatever the order of resources", () => {
    const bad = changed("web/spec/replicas", 40, changed("quota/spec/hard/pods", "1", without("defaults")));
    const expected = sorted(bad);
    assert.ok(expected.length > 2);
    const orders = fc.shuffledSubarray([...bad], { minLength: bad.length, maxLength: bad.length });
    fc.assert(
      fc.property(orders, (resources) => {
        assert.deepEqual(stackResults(resources), stackResults(bad));
        assert.deepEqual(sorted(resources), expected);
      }),
      { numRuns: 30 },
    );
  });

  it("says together what each policy says alone", () => {
    const root = { type: "pulumi:pulumi:Stack", name: "shop-dev", props: {} };
    const containers = changed("api/memory", undefined, [root, container]);
    const bad = changed("web/spec/replicas", 40, [...containers, ...without("defaults")]);
    const config = {
      "container-has-limits": { exceptions: [{ resource: "api", reason: "x", expires: "2999-01-01" }] },
      "namespace-has-quota": { stacks: { dev: { enforcementLevel: "advisory" } } },
    };
    const alone = pack.flatMap((policy) => {
      // a policy over the stack has one beside it that sees each resource as it is registered
      const beside = policy.name === "container-has-limits" ? [] : pack.slice(0, 1);
      return run([...beside, policy], bad, config).filter((found) => found.policy === policy.name);
    });
    const lines = (found: typeof alone) => found.map((each) => JSON.stringify(each)).sort();
    assert.ok(alone.length > 4);
    assert.deepEqual(lines(run(pack, bad, config)), lines(alone));
  });

  it("never fails on values of the wrong shape", () => {
    const literal = pack.flatMap(({ types }) => types).filter((type) => typeof type === "string");
    const types = [...new Set([container, ...environment].map(({ type }) => type)), ...new Set(literal), ...MATCHED];
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { depthSize: "small" },
        fc.string(),
        fc.double(),
        fc.constant(null),
        fc.constant(UNKNOWN),
        fc.boolean(),
        fc.array(tie("node")),
        fc.dictionary(key, tie("node")),
      ),
    })).node;
    const resource = fc.record({
      type: fc.constantFrom(...types),
      name: fc.string({ minLength: 1 }),
      props: fc.dictionary(key, value),
    });
    fc.assert(
      fc.property(fc.uniqueArray(resource, { selector: ({ name }) => name }), (resources) => void run(pack, resources)),
      { numRuns: 300 },
    );
  });
});

/** Types that policies name by an expression. */
const MATCHED = [
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:batch/v1:CronJob",
  "kubernetes:core/v1:Pod",
  "kubernetes:argoproj.io/v1alpha1:Rollout",
  "kubernetes:helm.sh/v3:Release",
  "kubernetes:keda.sh/v1alpha1:ScaledObject",
  "kubernetes:karpenter.sh/v1:NodePool",
  "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass",
  "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster",
  "kubernetes:postgresql.cnpg.io/v1:Cluster",
  "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB",
  "kubernetes:networking.k8s.io/v1:Ingress",
  "kubernetes:gateway.networking.k8s.io/v1:Gateway",
  "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole",
];

const key = fc.constantFrom(
  "spec",
  "metadata",
  "name",
  "namespace",
  "template",
  "containers",
  "initContainers",
  "resources",
  "limits",
  "requests",
  "cpu",
  "memory",
  "hard",
  "replicas",
  "minReplicas",
  "maxReplicas",
  "scaleTargetRef",
  "selector",
  "matchLabels",
  "minAvailable",
  "scalingConfig",
  "instanceTypes",
  "cpus",
  "volumeClaimTemplates",
  "blockDeviceMappings",
  "jobTemplate",
  "labels",
  "default",
  "type",
  "volumes",
  "securityContext",
  "env",
  "values",
  "chart",
  "addonName",
  "configurationValues",
  "policy",
  "Statement",
  "ingress",
  "egress",
  "rules",
  "tags",
  "vpcConfig",
  "engine",
  "instanceClass",
  "parameters",
  "mounts",
  "ports",
  "envs",
  "taskSpec",
  "containerSpec",
  "listeners",
  "defaultActions",
  "constructor",
  "toString",
);

function sorted(resources: Parameters<typeof run>[1]): string[] {
  return run(pack, resources)
    .map(({ level, message, name }) => `${level} ${name} ${message}`)
    .sort();
}

/** Resource policies are asked as the program registers; over the whole stack the order is ours. */
function stackResults(resources: Parameters<typeof run>[1]) {
  return run(
    pack.filter((policy) => "checkStack" in policy),
    resources,
  );
}

describe("known part of properties", () => {
  it("leaves out what is not known, and says where it was", () => {
    const { value, unknown } = known({ a: { b: [1, UNKNOWN, { c: UNKNOWN }] }, d: "text" });
    assert.deepEqual(value, { a: { b: [1, undefined, {}] }, d: "text" });
    assert.deepEqual(unknown, [
      ["a", "b", 1],
      ["a", "b", 2, "c"],
    ]);
  });

  it("finds unknowns at, above and below a path", () => {
    const { unknown } = known({ spec: { list: [{ cpu: 1 }, { cpu: UNKNOWN }] }, other: UNKNOWN });
    assert.equal(unknownAt(unknown, "spec.list[].cpu"), "spec.list[1].cpu");
    assert.equal(unknownAt(unknown, "spec"), "spec.list[1].cpu");
    assert.equal(unknownAt(unknown, "other.deep.inside"), "other");
    assert.equal(unknownAt(unknown, "spec.list[0].cpu", "spec.replicas"), undefined);
  });
});
