import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as docker from "@pulumi/docker";
import { DockerBackup } from "../../../components/backup/docker.ts";
import { DockerMongodb } from "../../../components/mongodb/docker.ts";
import { DockerPostgres } from "../../../components/postgres/docker.ts";
import { DockerRabbitmq } from "../../../components/rabbitmq/docker.ts";
import { DockerRedisCluster } from "../../../components/redis/cluster.ts";
import type { Outputs } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { revealed } from "../../helpers/secret.ts";

const outputs: Outputs = {
  "docker:index/remoteImage:RemoteImage": (_, name) => ({ imageId: `sha256:${name}` }),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
  "random:index/randomPassword:RandomPassword": (_, name) => ({ result: `canary-${name}` }),
};
const size = { cpu: 1, memory: "1Gi" } as const;

interface Upload {
  readonly file: string;
  readonly content: string;
}

describe("backups on Docker", () => {
  it("are one container and volume for each tier, with scripts that their shells read and secrets in files", async () => {
    const resources = await registered(() => {
      const networks = [new docker.Network("backend", { name: "backend" })];
      const monitoredFrom = [new docker.Network("monitoring", { name: "monitoring" })];
      const common = { system: "s", networks, protect: true };
      const redis = new DockerRedisCluster("s-redis", { ...common, spec: { size } });
      const tiers = {
        postgres: new DockerPostgres("s-postgres", { ...common, spec: { database: "s", size } }),
        redis: { redis, nodes: redis.nodes, memory: size.memory },
        rabbitmq: new DockerRabbitmq("s-rabbitmq", { ...common, spec: { vhost: "s", size } }),
        mongodb: new DockerMongodb("s-mongodb", { ...common, spec: { database: "s", size } }),
      };
      const after = [tiers.postgres, redis, tiers.rabbitmq, tiers.mongodb];
      const backup = new DockerBackup("s-backup", { ...common, spec: {}, tiers, monitoredFrom, after });
      assert.deepEqual(
        Object.values(backup.metrics).map(({ port }) => port),
        [9480, 9480, 9480, 9480],
      );
    }, outputs);
    const containers = resources
      .filter(({ type, name }) => type.endsWith(":Container") && name.startsWith("s-backup"))
      .map(({ inputs }) => inputs);
    assert.deepEqual(containers.map(({ name }) => name).sort(), [
      "s-backup-mongodb",
      "s-backup-postgres",
      "s-backup-rabbitmq",
      "s-backup-redis",
    ]);
    assert.equal(
      resources.filter(({ type, name }) => type.endsWith(":Volume") && name.startsWith("s-backup")).length,
      4,
    );
    for (const { uploads, command, user, ...rest } of containers) {
      const files = revealed(uploads) as readonly Upload[];
      assert.equal(user, "999:999");
      assert.equal(JSON.stringify([rest, command]).includes("canary"), false);
      for (const { file, content } of files) assert.equal(content.includes("canary"), file.startsWith("/run/secrets/"));
      const [shell = "", path] = command as string[];
      const script = files.find(({ file }) => file === path)?.content;
      assert.equal(spawnSync(shell, ["-n"], { input: script }).status, 0);
      const asked = (rest["envs"] as string[])
        .filter((line) => line.includes("_FILE="))
        .map((line) => line.split("=")[1]);
      assert.ok(asked.length === 1 && files.some(({ file }) => file === asked[0]));
    }
    const redis = containers.find(({ name }) => name === "s-backup-redis");
    assert.match(JSON.stringify(revealed(redis?.["uploads"])), /for node in s-redis-0:6379 s-redis-1:6379/);
  });
});
