import assert from "node:assert/strict";
import { parse } from "yaml";
import { cacheSize, mongodConfiguration, mongosConfiguration } from "../../../components/mongodb/settings.ts";
import type { MongodbSpec } from "../../../components/mongodb/spec.ts";

const spec: MongodbSpec = { database: "finai", size: { cpu: 1, memory: "2Gi" }, maxConnections: 500 };
const places = { data: "/data/db", keyFile: "/run/secrets/key" };

/** The options that are written, with their types, as the manual has them. https://www.mongodb.com/docs/manual/reference/configuration-options/ */
const DOCUMENTED: Readonly<Record<string, (value: unknown) => boolean>> = {
  "storage.dbPath": (value) => typeof value === "string" && value.startsWith("/"),
  "storage.wiredTiger.engineConfig.cacheSizeGB": (value) =>
    typeof value === "number" && value >= 0.25 && value <= 10_000,
  "net.port": (value) => Number.isInteger(value),
  "net.bindIp": (value) => typeof value === "string",
  "net.maxIncomingConnections": (value) => Number.isInteger(value),
  "security.keyFile": (value) => typeof value === "string",
  "security.authorization": (value) => value === "enabled" || value === "disabled",
  "replication.replSetName": (value) => typeof value === "string",
  "sharding.clusterRole": (value) => value === "configsvr" || value === "shardsvr",
  "sharding.configDB": (value) => /^[\w-]+\/[\w.-]+:\d+(,[\w.-]+:\d+)*$/.test(String(value)),
};
/** "storage", "replication.replSetName", "security.authorization" and "clusterRole" are for mongod only. */
const MONGOS = ["net.port", "net.bindIp", "net.maxIncomingConnections", "security.keyFile", "sharding.configDB"];

function options(value: unknown, path = ""): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => options(inner, path === "" ? key : `${path}.${key}`));
}

describe("MongoDB settings", () => {
  it("are documented options with values of their types, for every kind of server", () => {
    const files = [
      mongodConfiguration(spec, "rs", places),
      mongodConfiguration(spec, "config", places, "configsvr"),
      mongodConfiguration(spec, "shard", places, "shardsvr"),
      mongosConfiguration(spec, "config/a-config-0:27017,a-config-1:27017", places.keyFile),
    ];
    for (const file of files) {
      for (const [option, value] of options(parse(file)))
        assert.equal(DOCUMENTED[option]?.(value), true, `${option}: ${String(value)}`);
    }
    assert.deepEqual(
      options(parse(files[3] ?? ""))
        .map(([option]) => option)
        .sort(),
      [...MONGOS].sort(),
    );
  });

  it("give the cache half of what the container has above a gibibyte, as MongoDB does on a machine of its own", () => {
    assert.equal(cacheSize(spec), 0.5);
    assert.equal(cacheSize({ ...spec, size: { cpu: 1, memory: "512Mi" } }), 0.25);
    assert.equal(cacheSize({ ...spec, size: { cpu: 1, memory: "9Gi" } }), 4);
  });

  it("refuse a container that is too small for the least cache", () => {
    assert.throws(
      () => cacheSize({ ...spec, size: { cpu: 1, memory: "256Mi" } }),
      /size\.memory is "256Mi"; write "512Mi" or more/,
    );
  });
});
