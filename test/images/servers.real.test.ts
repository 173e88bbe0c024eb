import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { DockerGateway } from "../../components/gateway/docker.ts";
import { IMAGES } from "../../components/images.ts";
import { DockerMonitoring } from "../../components/monitoring/docker.ts";
import { tracks } from "../../stacks/systems/tracks.ts";
import { describeContainers } from "../helpers/containers.ts";
import { freePort } from "../helpers/server.ts";
import { engineOfSuite, inside, logs, owner, stopped } from "./running.ts";

const own = (name: string) => `i${process.pid}-${name}`;
const networks = () => [new docker.Network("frontend", { name: own("frontend") })];

/** Asks again until Prometheus has looked at a target; its interval is a quarter of a minute. */
const TRIES = 60;

describeContainers("images for gateways and monitoring", () => {
  const engine = engineOfSuite("nginx", "haproxy", "etcd", "prometheus", "alertmanager", "nodeExporter");
  afterEach(() => engine.clear());

  it("nginx serves a system's gateway as nobody special, and looks names up again", async () => {
    const name = own("gateway");
    const hostPort = await freePort();
    const workloads = tracks.workloads.map((workload) =>
      workload.exposure === undefined ? workload : { ...workload, exposure: { ...workload.exposure, hostPort } },
    );
    const containers = await engine.run(
      () =>
        new DockerGateway(name, {
          system: "images",
          workloads,
          size: { cpu: 0.25, memory: "64Mi" },
          networks: networks(),
        }),
    );
    const gateway = containers.get(name);
    assert.ok(gateway !== undefined);
    assert.equal(await owner(gateway), "101:101");
    const answer = await fetch(`http://127.0.0.1:${hostPort}/.gateway/health`);
    assert.deepEqual([answer.status, await answer.text()], [200, "ok\n"]);
    // none of the workloads is there: an upstream without an address, and no server that refuses to start
    assert.equal((await fetch(`http://127.0.0.1:${hostPort}/`)).status, 502);
    const { code, seconds } = await stopped(gateway);
    assert.ok(code === 0 && seconds < 25, "SIGQUIT ends it when its requests are answered");
  });

  it("HAProxy starts by the path that the official image reads, as its own user", async () => {
    const path = "/usr/local/etc/haproxy/haproxy.cfg";
    const command = `printf 'frontend a\\n  mode http\\n  timeout client 5s\\n  bind :8404\\n  monitor-uri /health\\n' >/tmp/a.cfg; exec docker-entrypoint.sh -f /tmp/a.cfg`;
    const container = await engine.begin({ Image: IMAGES.haproxy, Entrypoint: ["bash", "-c", command] });
    assert.equal(await owner(container), "99:99");
    const { Config } = await engine.docker.getImage(IMAGES.haproxy).inspect();
    assert.deepEqual(Config.Cmd, ["haproxy", "-f", path]);
    const health = "exec 3<>/dev/tcp/127.0.0.1/8404; printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3; head -n 1 <&3";
    assert.match((await inside(container, ["bash", "-c", `sleep 1; ${health}`])).text, / 200 /);
    assert.ok((await stopped(container)).seconds < 25);

    const without = await engine.begin({ Image: IMAGES.haproxy });
    const { StatusCode } = (await without.wait()) as { StatusCode: number };
    assert.equal(StatusCode, 1, "without a configuration it refuses to start");
    assert.match(await logs(without), /Cannot open configuration file/);
  });

  it("Prometheus, Alertmanager and node_exporter run as the component asks for, and see each other", async () => {
    const name = own("watch");
    const hostPort = await freePort();
    const containers = await engine.run(
      () =>
        new DockerMonitoring(name, {
          system: "images",
          networks: networks(),
          targets: [],
          rules: { tiers: {}, parts: [], watchers: ["node"] },
          hostPort,
          protect: false,
        }),
    );
    for (const container of containers.values()) assert.equal(await owner(container), "65534:65534");
    const parts = ["prometheus", "alertmanager", "node"];
    for (let tried = 0; ; tried++) {
      const up = await query(hostPort, "up == 1");
      if (parts.every((part) => up.includes(part))) break;
      assert.ok(tried < TRIES, `up: ${up.join(", ")}`);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    const found = await (await fetch(`http://127.0.0.1:${hostPort}/api/v1/alertmanagers`)).text();
    assert.match(found, new RegExp(`${name}-alertmanager:9093`));
    assert.ok((await query(hostPort, "node_memory_MemTotal_bytes > 0")).includes("node"), "it sees the host");
    for (const container of containers.values()) assert.ok((await stopped(container)).seconds < 25);
  });

  it("etcd answers its own client, as a user without rights", async () => {
    const container = await engine.begin({
      Image: IMAGES.etcd,
      User: "65532:65532",
      Cmd: ["/usr/local/bin/etcd", "--data-dir=/home/nonroot/etcd"],
    });
    const health = ["/usr/local/bin/etcdctl", "--endpoints=http://127.0.0.1:2379", "endpoint", "health"];
    const { text, code } = await inside(container, ["bash", "-c", `sleep 2; ${health.join(" ")}`]);
    assert.equal(code, 0, text);
    assert.equal(await owner(container), "65532:65532");
  });
});

/** Label `part` of each series that a query finds. */
async function query(port: number, text: string): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(text)}`);
  const { data } = (await answer.json()) as { data: { result: { metric: { part?: string } }[] } };
  return data.result.map(({ metric }) => metric.part ?? "");
}
