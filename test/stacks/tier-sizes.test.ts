import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { cacheOf, databaseOf } from "../../stacks/config/cloud-data.ts";
import { sizeOf } from "../../stacks/config/cloud-tiers.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { MANAGED } from "../../stacks/systems/managed.ts";
import { REGIONS, configured as configuredWith } from "./configured.ts";

const ALL = Object.keys(SYSTEMS);
const configured = (values: Readonly<Record<string, unknown>> = {}) => configuredWith({ systems: ALL, ...values });

describe("the sizes of each system's tiers", () => {
  it("are those of systems.md for finai-nexus, and somebody to take over for the others", () => {
    const { database, cache } = configured();
    assert.deepEqual(databaseOf(database, "finai-nexus").readers, { primary: 3, failover: 1 });
    assert.deepEqual(cacheOf(cache, "finai-nexus"), {
      nodeType: "cache.r7g.large",
      shards: 3,
      replicasPerShard: 1,
    });
    for (const name of Object.keys(MANAGED)) {
      assert.deepEqual(databaseOf(database, name).readers, { primary: 1, failover: 1 }, name);
      assert.deepEqual([cacheOf(cache, name).shards, cacheOf(cache, name).replicasPerShard], [1, 1], name);
    }
    assert.deepEqual(
      ALL.filter((name) => MANAGED[name] === undefined),
      ["finai-nexus"],
    );
  });

  it("follow what is written for all systems, and before that what is written for the one", () => {
    const { database, cache, brokers, documents } = configured({
      database: { instanceClass: "db.r7g.large", systems: { flowx: { readers: { primary: 2 } } } },
      cache: { shards: 2, systems: { tracks: { nodeType: "cache.r7g.xlarge" } } },
      brokers: { systems: { tracks: { nodes: 5 } } },
      documents: { shards: 2, systems: { "finai-nexus": { storage: "50Gi" } } },
    });
    assert.equal(databaseOf({ ...database, engine: "cloudnative-pg" }, "sophia").readers.failover, 2);
    const flowx = databaseOf(database, "flowx");
    assert.deepEqual([flowx.instanceClass, flowx.readers], ["db.r7g.large", { primary: 2, failover: 1 }]);
    assert.deepEqual(databaseOf(database, "sophia").readers, { primary: 1, failover: 1 });
    assert.deepEqual(cacheOf(cache, "tracks"), { nodeType: "cache.r7g.xlarge", shards: 2, replicasPerShard: 1 });
    assert.equal(cacheOf(cache, "flowx").shards, 2);
    assert.deepEqual(sizeOf(brokers, "tracks"), { ...sizeOf(brokers, "other"), nodes: 5 });
    assert.deepEqual(sizeOf(documents, "finai-nexus"), { shards: 2, storage: "50Gi" });
  });

  it("make a global datastore of nodes that it can be made of", () => {
    const { cache } = configured({ cache: { global: true } });
    for (const name of ALL) assert.doesNotMatch(cacheOf(cache, name).nodeType, /^cache\.t/);
  });

  const inCluster = { engine: "cloudnative-pg" };
  const refused: readonly (readonly [values: Readonly<Record<string, unknown>>, says: RegExp])[] = [
    [
      { database: { systems: { flow: {} } } },
      /database\.systems\.flow is not a system of this stack; did you mean "flowx"/,
    ],
    [{ database: { systems: { flowx: { pooling: "none" } } } }, /database\.systems\.flowx\.pooling is not a setting/],
    [
      { documents: { systems: { flowx: {} } } },
      /documents\.systems\.flowx is about mongodb, which flowx does not have; write finai-nexus there/,
    ],
    [
      { brokers: { systems: { sophia: {} } } },
      /brokers\.systems\.sophia is about rabbitmq, which sophia does not have; write tracks there/,
    ],
    [
      { cache: { systems: { tracks: { shards: 0 } } } },
      /cache\.systems\.tracks\.shards is 0; write a whole number from 1/,
    ],
    [{ database: { engine: "oracle" } }, /database\.engine is "oracle"; /],
    [
      { database: inCluster, recovery: { enabled: false } },
      /engine of finai-nexus is cloudnative-pg in 2 regions and groundwork:recovery\.enabled is false; write true/,
    ],
    [
      { database: inCluster, edge: { steering: "geo" } },
      /engine of finai-nexus is cloudnative-pg and groundwork:edge\.steering is geo; write off/,
    ],
    [{ database: { ...inCluster, readers: { failover: 0 } } }, /readers\.failover is 0; write 1 or more/],
    [
      { database: { systems: { flowx: { promotionToken: "dG9rZW4gb2YgZmxvd3g=" } } } },
      /flowx\.promotionToken is set and the engine is aurora/,
    ],
  ];
  for (const [values, says] of refused)
    it(`refuse ${JSON.stringify(values)}`, () => {
      assert.throws(() => configured(values), says);
    });

  it("let one region do without the archive, which nobody follows there", () => {
    const alone = { regions: REGIONS.slice(0, 1), recovery: { enabled: false }, database: inCluster };
    const { addons } = configured(alone);
    const names = addons.map(({ addon }) => addon.name);
    assert.ok(names.includes("cloudnative-pg") && !names.includes("cloudnative-pg-barman"));
  });

  it("bring the operator of PostgreSQL only where a system's is in the cluster", () => {
    const operators = (database: object) =>
      configured({ database })
        .addons.map(({ addon }) => addon.name)
        .filter((name) => name.startsWith("cloudnative-pg"));
    assert.deepEqual(operators({}), []);
    assert.deepEqual(operators({ systems: { flowx: inCluster } }), ["cloudnative-pg", "cloudnative-pg-barman"]);
  });
});
