import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as docker from "@pulumi/docker";
import { DockerMongodbCluster } from "../../../components/mongodb/cluster.ts";
import { DockerMongodb } from "../../../components/mongodb/docker.ts";
import { exporterCommand } from "../../../components/mongodb/exporter.ts";
import { mongodbConnection } from "../../../components/mongodb/spec.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { revealed } from "../../helpers/secret.ts";

const outputs: Outputs = {
  "docker:index/remoteImage:RemoteImage": (_, name) => ({ imageId: `sha256:${name}` }),
  "docker-build:index:Image": () => ({}),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
  "random:index/randomPassword:RandomPassword": (_, name) => ({ result: `canary-${name}` }),
};
const spec = { database: "finai", size: { cpu: 1, memory: "2Gi" } } as const;
const network = (name: string) => new docker.Network(name, { name });
const common = () => ({ system: "s", spec, networks: [network("backend")], protect: true });
const containers = (resources: readonly Registered[]) =>
  resources.filter(({ type }) => type === "docker:index/container:Container").map(({ inputs }) => inputs);
const names = (resources: readonly Registered[]) =>
  containers(resources)
    .map(({ name }) => String(name))
    .sort();

describe("MongoDB on Docker", () => {
  it("is one server, whose user has a password of its own", async () => {
    const resources = await registered(() => {
      const mongodb = new DockerMongodb("s-mongodb", common());
      const { environment, secrets } = mongodbConnection(mongodb);
      assert.deepEqual(Object.keys({ ...environment, ...secrets }), [
        "MONGODB_HOST",
        "MONGODB_PORT",
        "MONGODB_DATABASE",
        "MONGODB_USER",
        "MONGODB_PASSWORD",
      ]);
    }, outputs);
    assert.deepEqual(names(resources), ["s-mongodb"]);
  });

  it("is three shards, a config server and a router unless more are asked for", async () => {
    const least = await registered(() => new DockerMongodbCluster("s-mongodb", common()), outputs);
    assert.deepEqual(names(least), [
      "s-mongodb-config-0",
      "s-mongodb-router-0",
      "s-mongodb-shard-0-0",
      "s-mongodb-shard-1-0",
      "s-mongodb-shard-2-0",
    ]);
    const args = { membersPerShard: 3, configServers: 3, routers: 2 };
    const most = await registered(
      () => new DockerMongodbCluster("s-mongodb", { ...common(), ...args, hostPort: 27018 }),
      outputs,
    );
    assert.equal(names(most).length, 14);
    assert.equal(most.filter(({ type }) => type.endsWith(":Volume")).length, 12);
    const caretakers = containers(most).filter(({ command }) => String(command).includes("start.sh"));
    assert.equal(caretakers.length, 5);
    assert.deepEqual(
      containers(most).flatMap(({ ports }) => ports ?? []),
      [{ internal: 27017, external: 27018, ip: "127.0.0.1" }],
    );
    const routers = containers(most).filter(({ name }) => String(name).includes("router"));
    for (const { networksAdvanced } of routers)
      assert.deepEqual((networksAdvanced as { aliases: string[] }[])[0]?.aliases, ["s-mongodb"]);
  });

  it("keeps every password in files that only the server reads", async () => {
    const resources = await registered(() => {
      const mongodb = new DockerMongodbCluster("s-mongodb", { ...common(), monitoredFrom: [network("monitoring")] });
      assert.deepEqual([mongodb.nodes[0], mongodb.nodes.length], ["s-mongodb-router-0", 5]);
      assert.equal(mongodb.metrics?.port, 9216);
    }, outputs);
    for (const { uploads, ...rest } of containers(resources)) {
      assert.equal(JSON.stringify(rest).includes("canary"), false);
      for (const { file, content } of revealed(uploads) as { file: string; content: string }[])
        assert.equal(content.includes("canary"), file.startsWith("/run/secrets/"), file);
    }
  });

  it("has an exporter that a shell can start", () => {
    const [shell = "", flag = "", line = ""] = exporterCommand(["a", "b"]);
    const fakes = 'mongodb_exporter() { echo "$MONGODB_URI" "$@"; }; cat() { echo secret; }; ';
    const { stdout } = spawnSync(shell, [flag, fakes + line.replace("exec ", "")], { encoding: "utf8" });
    assert.match(
      stdout,
      /^mongodb:\/\/exporter:secret@a:27017\/admin,mongodb:\/\/exporter:secret@b:27017\/admin --collector\./,
    );
  });

  it("refuses a cluster of nothing and a set that is too big", async () => {
    for (const [args, message] of [
      [{ shards: 0 }, /shards is 0; write a whole number of 1 or more\./],
      [{ membersPerShard: 8 }, /membersPerShard is 8; write a whole number of 1 or more, at most 7\./],
    ] as const)
      await assert.rejects(
        registered(() => new DockerMongodbCluster("s-mongodb", { ...common(), ...args }), outputs),
        message,
      );
  });
});
