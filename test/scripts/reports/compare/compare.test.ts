import assert from "node:assert/strict";
import type { DiffReport } from "@groundwork/lib/diff-report";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import fc from "fast-check";
import { type Compared, compare } from "../../../../scripts/reports/compare/index.ts";
import { capacity, cost, item, place, planned, resource, side, urnOf } from "./fixtures.ts";

const CLUSTER = "aws:rds/cluster:Cluster";
const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

function diff(before: Compared, after: Compared, changes: readonly PlannedChange[] = []): DiffReport {
  const labels = { base: { label: "main" }, head: { label: "working tree" } };
  return compare({ project: "shop", stack: "prod", ...labels, before, after, changes, notes: [], seconds: 0 });
}

/** The report of one resource that is changed so. */
function changed(type: string, change: PlannedChange["change"], more: Partial<PlannedChange>): DiffReport["resources"] {
  const both = side({ resources: [resource(type, "one")] });
  return diff(both, both, [planned(type, "one", change, more)]).resources;
}

function propertiesOf(type: string, more: Partial<PlannedChange>): string[] {
  const [found] = changed(type, "update", more).changes;
  return (found?.properties ?? []).map(({ path, before = "", after = "" }) => `${path}: ${before} -> ${after}`);
}

describe("comparing two desired states", () => {
  it("puts what holds data and goes first, then other replacements, deletions, creations and updates", () => {
    const types: [string, PlannedChange["change"]][] = [
      [DEPLOYMENT, "update"],
      [DEPLOYMENT, "create"],
      [DEPLOYMENT, "delete"],
      [DEPLOYMENT, "replace"],
      ["aws:s3/bucket:Bucket", "delete"],
      ["docker:index/volume:Volume", "replace"],
    ];
    const resources = types.map(([type, change]) => resource(type, change));
    const changes = types.map(([type, change]) =>
      planned(type, change, change, { before: { size: 1 }, after: { size: 2 }, paths: ["size"] }),
    );
    const both = side({ resources });
    const { resources: report } = diff(both, both, changes);
    assert.deepEqual(
      report.changes.map(({ change, stateful }) => `${change}${stateful ? " of data" : ""}`),
      ["replace of data", "delete of data", "replace", "delete", "create", "update"],
    );
    assert.deepEqual(report.counts, { create: 1, update: 1, replace: 2, delete: 2, same: 2 });
  });

  it("says which property forces a replacement, and whether something protects what is replaced", () => {
    const base = side({ resources: [resource(CLUSTER, "one", {}, { protect: true })] });
    const change = planned(CLUSTER, "one", "replace", {
      before: { engine: "aurora-postgresql", tags: { a: "1" } },
      after: { engine: "aurora-mysql", tags: { a: "2" } },
      paths: ["engine", "tags.a"],
      replacing: ["engine"],
    });
    const [found] = diff(base, base, [change]).resources.changes;
    assert.ok(found?.stateful && found.protected);
    assert.deepEqual(
      found.properties.map(({ path, replaces }) => [path, replaces]),
      [
        ["engine", true],
        ["tags.a", false],
      ],
    );
  });

  it("takes deletion protection of the cloud for protection", () => {
    const [found] = changed(CLUSTER, "delete", { before: { deletionProtection: true } }).changes;
    assert.ok(found?.protected);
  });

  it("does not take a StatefulSet without claims, or a server of an Aurora cluster, for data", () => {
    const claims = { spec: { volumeClaimTemplates: [{ metadata: { name: "data" } }] } };
    const set = "kubernetes:apps/v1:StatefulSet";
    assert.equal(changed(set, "delete", { before: { spec: {} } }).changes[0]?.stateful, false);
    assert.equal(changed(set, "delete", { before: claims }).changes[0]?.stateful, true);
    assert.equal(changed("aws:rds/clusterInstance:ClusterInstance", "delete", {}).changes[0]?.stateful, false);
    assert.equal(changed("kubernetes:postgresql.cnpg.io/v1:Cluster", "delete", {}).changes[0]?.stateful, true);
    assert.equal(changed("kubernetes:postgresql.cnpg.io/v1:ScheduledBackup", "delete", {}).changes[0]?.stateful, false);
  });

  it("leaves components, providers and the stack itself out", () => {
    const resources = [
      resource("shop:web:Service", "web", {}, { custom: false }),
      resource("pulumi:providers:aws", "aws"),
      resource("pulumi:pulumi:Stack", "shop-prod", {}, { custom: false }),
    ];
    const changes = resources.map(({ type, name }) => planned(type, name, "create"));
    const report = diff(side(), side({ resources }), changes);
    assert.deepEqual(report.resources.changes, []);
    assert.equal(report.resources.counts.same, 0);
  });

  describe("noise", () => {
    const silent: readonly [string, Partial<PlannedChange>][] = [
      [
        "an order of which the provider says nothing",
        { before: { ports: [80, 443], size: 1 }, after: { ports: [443, 80], size: 1 }, paths: ["size"] },
      ],
      [
        "the order of what a policy allows",
        {
          before: { policy: '{"Statement":[{"Action":["s3:Get*","s3:List*"]}]}' },
          after: { policy: '{"Statement":[{"Action":["s3:List*","s3:Get*"]}]}' },
          paths: ["policy"],
        },
      ],
      [
        "the tag that carries the URN",
        {
          before: { tags: { "groundwork:urn": "urn:a" } },
          after: { tags: { "groundwork:urn": "urn:b" } },
          paths: ['tags["groundwork:urn"]'],
        },
      ],
      ["an automatic name", { before: { name: "web-1a2b3c4" }, after: { name: "web-5d6e7f8" }, paths: ["name"] }],
      [
        "what the provider would set to the same anyway",
        { before: { name: "a" }, after: { name: "a", region: "us-west-2" }, paths: ["tagsAll"] },
      ],
      [
        "JSON that is written differently",
        { before: { policy: '{"a":1,"b":2}' }, after: { policy: '{"b":2, "a":1}' }, paths: ["policy"] },
      ],
      ["secrets that stay", { before: { password: "[secret]" }, after: { password: "[secret]" }, paths: [] }],
    ];
    for (const [what, change] of silent) {
      it(`is ${what}`, () => {
        const report = changed(DEPLOYMENT, "update", change);
        assert.deepEqual(report.changes, []);
        assert.equal(report.noise, 1);
        assert.equal(report.counts.update, 0);
      });
    }

    it("is the order of a set of AWS, but not where it forces a replacement", () => {
      const subnets = { before: { subnetIds: ["a", "b"] }, after: { subnetIds: ["b", "a"] }, paths: ["subnetIds[0]"] };
      const type = "aws:lb/loadBalancer:LoadBalancer";
      assert.deepEqual(changed(type, "update", subnets).changes, []);
      assert.equal(changed(type, "update", { ...subnets, replacing: ["subnetIds[0]"] }).changes.length, 1);
    });

    /** What is listed of a thing and of what it may be made from, which differs too. */
    function listedBeside(
      change: Partial<PlannedChange>,
      made: { readonly before: readonly string[]; readonly after: readonly string[] },
      source: Partial<PlannedChange> = { before: { data: "1" }, after: { data: "2" }, paths: ["data"] },
    ): string[] {
      const of = (dependencies: readonly string[]): Compared =>
        side({
          resources: [
            resource(DEPLOYMENT, "one", {}, { dependencies: dependencies.map((name) => urnOf(DEPLOYMENT, name)) }),
            resource(DEPLOYMENT, "source"),
            resource(DEPLOYMENT, "other"),
          ],
        });
      const changes = [planned(DEPLOYMENT, "one", "update", change), planned(DEPLOYMENT, "source", "update", source)];
      return diff(of(made.before), of(made.after), changes).resources.changes.map(({ name }) => name);
    }

    const SAME = { before: ["source"], after: ["source"] };
    const digest = {
      before: { metadata: { annotations: { "checksum/config": "a" } } },
      after: { metadata: { annotations: { "checksum/config": "b" } } },
      paths: ['metadata.annotations["checksum/config"]'],
    };

    it("is a checksum of what is listed, but not one of what is not", () => {
      assert.deepEqual(listedBeside(digest, SAME), ["source"]);
      assert.deepEqual(listedBeside(digest, { before: ["other"], after: ["other"] }), ["one", "source"]);
      assert.equal(changed(DEPLOYMENT, "update", digest).changes.length, 1);
    });

    it("is not the digest of an image", () => {
      const image = (value: string) => ({ values: { image: { digest: `sha256:${value}` } } });
      const change = { before: image("a"), after: image("b"), paths: ["values.image.digest"] };
      assert.deepEqual(listedBeside(change, SAME), ["one", "source"]);
    });

    it("is what is not known yet because of what is listed, or because of what follows from that", () => {
      const change = { before: { image: "shop:1" }, after: { image: "(known after up)" }, paths: ["image"] };
      assert.deepEqual(listedBeside(change, SAME), ["source"]);
      const unchanged = { before: { data: "1" }, after: { data: "1" }, paths: ["data"] };
      assert.deepEqual(listedBeside(change, SAME, unchanged), ["one"]);
      assert.equal(changed(DEPLOYMENT, "update", change).changes.length, 1);
    });

    it("is not what points at another resource than before", () => {
      const change = {
        before: { records: ["a.example.com"] },
        after: { records: ["(known after up)"] },
        paths: ["records"],
      };
      assert.deepEqual(listedBeside(change, { before: ["other"], after: ["source"] }), ["one", "source"]);
    });
  });

  describe("properties", () => {
    it("are told by the names of the elements that they are in", () => {
      const pod = (cpu: string) => ({ spec: { containers: [{ name: "proxy" }, { name: "web", resources: { cpu } }] } });
      assert.deepEqual(
        propertiesOf(DEPLOYMENT, { before: pod("1"), after: pod("2"), paths: ["spec.containers[1].resources.cpu"] }),
        ["spec.containers[web].resources.cpu: 1 -> 2"],
      );
    });

    it("tell that a secret changes, never what it is", () => {
      const inputs = { data: { password: "[secret]", token: "[secret]" } };
      assert.deepEqual(
        propertiesOf("kubernetes:core/v1:Secret", { before: inputs, after: inputs, paths: ["data.password"] }),
        ["data.password: [secret] -> [secret]"],
      );
    });

    it("show of long texts the part that differs", () => {
      const text = (end: string) => `${"x".repeat(500)}${end}`;
      const [told = ""] = propertiesOf(DEPLOYMENT, {
        before: { script: text("old") },
        after: { script: text("new") },
        paths: ["script"],
      });
      assert.match(told, /^script: …x{20}old -> …x{20}new$/);
    });

    it("tell of arguments in their order", () => {
      const report = propertiesOf(DEPLOYMENT, {
        before: { args: ["a", "b"] },
        after: { args: ["b", "a"] },
        paths: ["args[0]"],
      });
      assert.deepEqual(report, ["args: a, b -> b, a"]);
    });

    it("tell of an order that the provider calls changed", () => {
      const types = { before: { instanceTypes: ["m7i", "m7a"] }, after: { instanceTypes: ["m7a", "m7i"] } };
      assert.deepEqual(propertiesOf("aws:eks/nodeGroup:NodeGroup", { ...types, paths: ["instanceTypes[0]"] }), [
        "instanceTypes: m7i, m7a -> m7a, m7i",
      ]);
      const rules = [{ action: "block" }, { action: "skip" }];
      assert.deepEqual(
        propertiesOf("cloudflare:index/ruleset:Ruleset", {
          before: { rules },
          after: { rules: rules.toReversed() },
          paths: ["rules[0].action", "rules[1].action"],
        }),
        ["rules[0].action: block -> skip", "rules[1].action: skip -> block"],
      );
      const pod = (...names: string[]) => ({ spec: { initContainers: names.map((name) => ({ name })) } });
      const reversed = { before: pod("schema", "seed"), after: pod("seed", "schema") };
      assert.deepEqual(propertiesOf(DEPLOYMENT, { ...reversed, paths: ["spec.initContainers[0].name"] }), [
        "spec.initContainers: schema, seed -> seed, schema",
      ]);
    });

    it("tell when the engine's own protection ends", () => {
      const report = changed(CLUSTER, "same", { protect: { before: true, after: false } });
      assert.deepEqual(report.changes[0]?.properties, [
        { path: "protect", before: "true", after: "false", replaces: false },
      ]);
    });
  });

  describe("violations", () => {
    const violation = (message: string, level = "mandatory") => ({ policy: "limits", level, urn: "urn:a", message });

    it("are the same one though a figure in them moves", () => {
      const before = side({ violations: [violation("It has 3 replicas, above 2.")] });
      const after = side({ violations: [violation("It has 4 replicas, above 2.")] });
      const { policy } = diff(before, after);
      assert.equal(policy.remaining.length, 1);
      assert.deepEqual([policy.added, policy.fixed], [[], []]);
    });

    it("are new where advice has become mandatory, and undecided ones have a place of their own", () => {
      const before = side({ violations: [violation("Wrong.", "advisory")] });
      const later = "Undecided until up: image is not known in preview, so its tag cannot be checked yet.";
      const unknown = { ...violation(later), urn: "urn:b" };
      const { policy } = diff(before, side({ violations: [violation("Wrong."), unknown] }));
      assert.equal(policy.added.length, 1);
      assert.equal(policy.fixed.length, 1);
      assert.deepEqual(policy.undecided, [unknown]);
    });
  });

  it("shows a quota on both sides", () => {
    const quota = { quota: "standardVcpus", code: "L-1216C47A", scope: "us-west-2", used: 16, limit: 64 };
    const report = diff(side({ quotas: [quota] }), side({ quotas: [{ ...quota, used: 80 }] }));
    assert.ok(report.changed);
    assert.equal(report.quotas[0]?.before?.used, 16);
    assert.equal(report.quotas[0]?.after?.used, 80);
  });

  describe("whatever the two are", () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
    const sides = fc
      .record({
        resources: names.map((list) => list.map((name) => resource(CLUSTER, name, { size: name }))),
        places: names.chain((list) =>
          fc
            .array(fc.nat(9), { minLength: list.length, maxLength: list.length })
            .map((counts) => list.map((name, at) => place(name, "us-west-2", counts[at] ?? 0))),
        ),
        items: fc.array(
          fc.record({
            name: fc.constantFrom("a", "b", "c"),
            cents: fc.nat(100_000),
            system: fc.constantFrom("shop", "blog"),
            service: fc.constantFrom("Amazon RDS", "Amazon EC2"),
          }),
        ),
        messages: fc.array(fc.constantFrom("One is wrong.", "Another is wrong.", "Undecided until up: later.")),
        used: fc.array(fc.nat(9), { maxLength: 3 }),
      })
      .map(({ resources, places, items, messages, used }) =>
        side({
          resources,
          capacity: capacity(places),
          cost: cost(items.map(({ name, cents, ...more }) => item(name, cents, more))),
          violations: messages.map((message) => ({
            policy: message.startsWith("Undecided") ? "images" : "limits",
            level: "advisory",
            urn: null,
            message,
          })),
          quotas: used.map((count, at) => ({ quota: `q${at}`, code: "L", scope: "us-west-2", used: count, limit: 5 })),
        }),
      );

    /** What the engine would plan between two states in which each resource is the same wherever it is. */
    function plannedBetween(before: Compared, after: Compared): PlannedChange[] {
      const urns = (one: Compared): Set<string> => new Set(one.state.resources.map(({ urn }) => urn));
      return [
        ...before.state.resources
          .filter(({ urn }) => !urns(after).has(urn))
          .map(({ name }) => planned(CLUSTER, name, "delete")),
        ...after.state.resources
          .filter(({ urn }) => !urns(before).has(urn))
          .map(({ name }) => planned(CLUSTER, name, "create")),
      ];
    }

    it("nothing differs from itself", () => {
      fc.assert(
        fc.property(sides, (one) => {
          const report = diff(one, one, plannedBetween(one, one));
          assert.equal(report.changed, false);
          assert.deepEqual(report.resources.changes, []);
          assert.deepEqual([report.capacity.places, report.cost.items], [[], []]);
          assert.deepEqual([report.policy.added, report.policy.fixed], [[], []]);
        }),
      );
    });

    it("both ways mirror each other", () => {
      fc.assert(
        fc.property(sides, sides, (one, other) => {
          const there = diff(one, other, plannedBetween(one, other));
          const back = diff(other, one, plannedBetween(other, one));
          assert.equal(there.changed, back.changed);
          assert.equal(there.cost.deltaCents, 0 - back.cost.deltaCents);
          assert.equal(there.resources.counts.create, back.resources.counts.delete);
          assert.equal(there.resources.counts.delete, back.resources.counts.create);
          assert.equal(there.resources.counts.same, back.resources.counts.same);
          const swapped = back.capacity.places.map(({ before, after, ...at }) => ({
            ...at,
            ...(after && { before: after }),
            ...(before && { after: before }),
          }));
          assert.deepEqual(there.capacity.places, swapped);
          assert.deepEqual(there.policy.added, back.policy.fixed);
          assert.equal(there.policy.remaining.length, back.policy.remaining.length);
          assert.deepEqual(
            there.quotas.map(({ before, after }) => [before?.used, after?.used]),
            back.quotas.map(({ before, after }) => [after?.used, before?.used]),
          );
        }),
      );
    });

    it("costs add up, whatever they are grouped by", () => {
      fc.assert(
        fc.property(sides, sides, (one, other) => {
          const { cost: told } = diff(one, other);
          for (const groups of [told.bySystem, told.byRegion, told.byService]) {
            assert.equal(
              groups.reduce((sum, { beforeCents }) => sum + beforeCents, 0),
              told.before.totalCents,
            );
            assert.equal(
              groups.reduce((sum, { afterCents }) => sum + afterCents, 0),
              told.after.totalCents,
            );
          }
          const moved = told.items.reduce((sum, each) => sum + each.afterCents - each.beforeCents, 0);
          assert.equal(moved, told.deltaCents);
        }),
      );
    });
  });
});
