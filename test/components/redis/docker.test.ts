import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { DockerRedisCluster } from "../../../components/redis/cluster.ts";
import { DockerRedis } from "../../../components/redis/docker.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";

const outputs: Outputs = {
  "docker:index/remoteImage:RemoteImage": (_, name) => ({ imageId: `sha256:${name}` }),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/network:Network": () => ({}),
  "docker:index/container:Container": () => ({}),
  "random:index/randomPassword:RandomPassword": () => ({ result: "canary" }),
};
const spec = { size: { cpu: 1, memory: "1Gi" } } as const;

const containers = (resources: readonly Registered[]) =>
  resources.filter(({ type }) => type === "docker:index/container:Container").map(({ inputs }) => inputs);

describe("Redis on Docker", () => {
  const network = () => new docker.Network("backend", { name: "backend" });
  const common = () => ({ system: "s", spec, networks: [network()], protect: true });

  it("is one server and nothing else where nobody watches it", async () => {
    const resources = await registered(() => new DockerRedis("s-redis", common()), outputs);
    assert.deepEqual(
      containers(resources).map(({ name }) => name),
      ["s-redis"],
    );
  });

  it("is published on the host where that is asked for", async () => {
    const resources = await registered(() => new DockerRedis("s-redis", { ...common(), hostPort: 6380 }), outputs);
    assert.deepEqual(containers(resources)[0]?.["ports"], [{ internal: 6379, external: 6380, ip: "127.0.0.1" }]);
  });

  it("gets an exporter where Prometheus is, which has the password in a file only", async () => {
    const resources = await registered(() => {
      const monitoring = new docker.Network("monitoring", { name: "monitoring" });
      const redis = new DockerRedis("s-redis", { ...common(), monitoredFrom: [monitoring] });
      assert.equal(redis.metrics?.port, 9121);
    }, outputs);
    const exporter = containers(resources).find(({ name }) => name === "s-redis-exporter");
    assert.deepEqual(
      (exporter?.["networksAdvanced"] as { name: string }[]).map(({ name }) => name),
      ["backend", "monitoring"],
    );
    const { uploads, ...rest } = exporter ?? {};
    assert.equal(JSON.stringify(rest).includes("canary"), false);
    assert.ok(JSON.stringify(uploads).includes("canary"));
  });

  it("is six servers and the one that makes a cluster of them, each server with a volume of its own", async () => {
    const resources = await registered(() => {
      const redis = new DockerRedisCluster("s-redis", common());
      assert.equal(redis.mode, "cluster");
      assert.deepEqual(redis.scrapeTargets.length, 6);
    }, outputs);
    assert.deepEqual(
      containers(resources)
        .map(({ name }) => name)
        .sort(),
      [...[0, 1, 2, 3, 4, 5].map((index) => `s-redis-${index}`), "s-redis-former"],
    );
    assert.equal(resources.filter(({ type }) => type.endsWith(":Volume")).length, 6);
    // a server that knows old addresses could copy the keys of whoever has them now
    for (const { name, command } of containers(resources)) {
      if (name !== "s-redis-former")
        assert.deepEqual((command as string[]).slice(0, 3), ["sh", "/etc/groundwork/start.sh", "valkey-server"]);
    }
    for (const { command, envs } of containers(resources)) {
      assert.equal(JSON.stringify([command, envs]).includes("canary"), false);
    }
  });

  it("refuses to publish a cluster on the host, whose clients would be sent to names that it does not know", async () => {
    await assert.rejects(
      registered(() => new DockerRedisCluster("s-redis", { ...common(), hostPort: 6379 }), outputs),
      /hostPort is 6379, but a cluster sends its clients on.*leave it out/,
    );
  });

  it("refuses a cluster that cannot agree on a failover", async () => {
    await assert.rejects(
      registered(() => new DockerRedisCluster("s-redis", { ...common(), primaries: 2 }), outputs),
      /primaries is 2; write a whole number of 3 or more/,
    );
  });
});
