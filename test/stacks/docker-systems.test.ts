import assert from "node:assert/strict";
import { parseMemory } from "@groundwork/lib/quantity";
import { isSecret, revealed } from "../helpers/secret.ts";
import type { Container, Upload } from "./fixture-docker.ts";
import { PASSWORD, dockerDeployed } from "./fixture-docker.ts";

type Deployed = Awaited<ReturnType<typeof dockerDeployed>>;

const published = ({ containers }: Deployed): [string, number][] =>
  containers.flatMap(({ name, ports = [] }) => ports.map(({ external }): [string, number] => [name, external]));
const setting = (container: Container | undefined, name: string): string | undefined =>
  container?.command?.map((argument) => new RegExp(`^${name}=(.*)$`).exec(argument)?.[1]).find(Boolean);
const option = (container: Container | undefined, name: string): string | undefined => {
  const command = container?.command ?? [];
  return command[command.indexOf(`--${name}`) + 1];
};

describe("flowx on one Docker Engine, full size", () => {
  let flowx: Deployed;
  before(async () => {
    flowx = await dockerDeployed({ target: "docker", systems: '["flowx"]', size: "full" });
  });

  it("tunes PostgreSQL and Redis as systems.md says", () => {
    const [postgres] = flowx.part("flowx-postgres");
    const parameters = [
      "shared_buffers",
      "effective_cache_size",
      "max_connections",
      "work_mem",
      "maintenance_work_mem",
    ];
    assert.deepEqual(
      parameters.map((name) => setting(postgres, name)),
      ["256MB", "1GB", "200", "4MB", "64MB"],
    );
    const [redis] = flowx.part("flowx-redis");
    assert.deepEqual(
      ["maxmemory", "maxmemory-policy", "save", "tcp-keepalive"].map((name) => option(redis, name)),
      ["512mb", "allkeys-lru", "900 1", "300"],
    );
  });

  it("answers on the host ports of systems.md", () => {
    const ports = published(flowx).map(([, port]) => port);
    for (const port of [3000, 8080, 5432, 6379, 9090, 3333, 5601]) assert.ok(ports.includes(port), String(port));
    assert.deepEqual(
      flowx.result.urls["flowx"],
      [3000, 8080, 9090, 3333, 5601].map((port) => `http://localhost:${port}`),
    );
  });

  it("gives the services a pool of 50 and three cache layers", () => {
    const [orchestrator] = flowx.part("flowx-orchestrator");
    for (const variable of [
      "DATABASE_POOL_SIZE=50",
      "CACHE_MEMORY_MIB=512",
      "CACHE_MEMORY_ENTRIES=10000",
      "REDIS_HOST=flowx-redis",
      "CACHE_DISK_FOLDER=/tmp/cache",
    ])
      assert.ok(orchestrator?.envs.includes(variable), variable);
  });

  it("runs one worker, tells the autoscaler its range and rules, and runs what it decided", async () => {
    assert.equal(flowx.part("flowx-worker").length, 1);
    assert.deepEqual(flowx.result.autoscaling, {
      "flowx/worker": {
        ...{ replicas: 1, min: 1, max: 10, cpuPercent: 70, memoryPercent: 80, scaleDownPercent: 50, cooldown: 300 },
        prometheus: "http://localhost:9090",
      },
    });
    const values = { target: "docker", systems: '["flowx"]', size: "full" };
    const scaled = await dockerDeployed(values, { "flowx/worker": 4 });
    assert.equal(scaled.part("flowx-worker").length, 4);
    assert.equal(scaled.result.autoscaling["flowx/worker"]?.replicas, 4);
    const beyond = await dockerDeployed(values, { "flowx/worker": 99 });
    assert.equal(beyond.part("flowx-worker").length, 10);
  });

  it("limits rates, sends security headers and speaks HTTP/2 at the gateway", () => {
    const nginx = (deployed: Deployed) => JSON.stringify(revealed(deployed.part("flowx-gateway")[0]?.uploads));
    for (const directive of [
      "limit_req ",
      "X-Content-Type-Options",
      "http2 on;",
      "least_conn;",
      "gzip on;",
      "keepalive ",
    ])
      assert.ok(nginx(flowx).includes(directive), directive);
    assert.ok(!nginx(flowx).includes("ssl_certificate"));
  });

  it("lets in at its API who has a token with one of the roles, and hands the key over as a file", () => {
    const [orchestrator] = flowx.part("flowx-orchestrator");
    assert.ok(orchestrator?.envs.includes("AUTH_REQUIRED_ROLES=viewer,operator"));
    assert.ok(orchestrator?.envs.includes("JWT_SECRET_FILE=/run/secrets/jwt_secret"));
    assert.ok(orchestrator?.envs.includes("TRUSTED_PROXIES=10.210.2.0/24"));
    const passwords = flowx.result.passwords["flowx"] ?? {};
    assert.deepEqual(Object.keys(passwords), ["grafana (admin)", "kibana (elastic)", "tokens (HS256 key)"]);
    assert.ok(!flowx.part("flowx-worker")[0]?.envs.some((variable) => variable.startsWith("JWT_SECRET")));
  });

  it("tells Slack of alerts, with the webhook's address in a file that only Alertmanager reads", async () => {
    const webhook = "https://hooks.slack.com/services/canary";
    const secret = { "groundwork:slackWebhookUrl": webhook };
    const told = await dockerDeployed(
      { target: "docker", systems: '["flowx"]', logs: "false", alerts: '{"slackChannel":"#alerts"}' },
      {},
      secret,
    );
    const [alertmanager] = told.part("flowx-monitoring-alertmanager");
    assert.ok(isSecret(alertmanager?.uploads));
    const files = revealed(alertmanager?.uploads) as Upload[];
    assert.deepEqual(
      files.filter(({ content }) => content.includes(webhook)).map(({ file, permissions }) => [file, permissions]),
      [["/run/secrets/slack_api_url", "0400"]],
    );
    for (const { inputs, name } of told.resources) {
      const { uploads: _, ...rest } = inputs;
      assert.ok(!JSON.stringify(rest).includes('canary"'), name);
    }
  });

  it("runs every container as somebody else than root, without a password in plain sight", () => {
    for (const { uploads: _, ...container } of flowx.containers) {
      // Elastic's images and Docker's log files belong to root's group
      assert.match(container.user, /^[1-9]\d*:\d+$/, container.name);
      assert.ok(!JSON.stringify(container).includes(PASSWORD), `${container.name} shows a password`);
      assert.equal(container.restart, "unless-stopped");
    }
  });
});

describe("sophia on a Docker Swarm", () => {
  let sophia: Deployed;
  const values = { target: "swarm", systems: '["sophia"]', size: "full", gpu: "true", hostMtu: "9100" };
  before(async () => {
    sophia = await dockerDeployed(values);
  });
  const services = ({ resources }: Deployed) =>
    resources
      .filter(({ type }) => type === "docker:index/service:Service")
      .map(({ inputs }) => inputs as unknown as Service);

  interface Service {
    name: string;
    updateConfig: { failureAction: string; order: string };
    rollbackConfig: { failureAction: string };
    taskSpec: {
      containerSpec: { healthcheck: { startPeriod: string } };
      resources: { limits: { memoryBytes: number }; reservation: { genericResources?: object } };
    };
  }

  it("runs on encrypted overlays with an MTU of 9000, or 1450 where the hosts carry less", async () => {
    const networks = ({ resources }: Deployed) =>
      resources
        .filter(({ type }) => type === "docker:index/network:Network")
        .map(({ inputs }) => [inputs["driver"], (inputs["options"] as Record<string, string>) ?? {}] as const);
    for (const [driver, options] of networks(sophia)) {
      assert.equal(driver, "overlay");
      assert.ok("encrypted" in options);
      assert.equal(options["com.docker.network.driver.mtu"], "9000");
    }
    for (const [, options] of networks(await dockerDeployed({ ...values, hostMtu: "1500" })))
      assert.equal(options["com.docker.network.driver.mtu"], "1450");
  });

  it("updates with a way back: a failed update rolls back by itself", () => {
    assert.equal(services(sophia).length, 4, "three workloads and the secret-drift checker");
    for (const { name, updateConfig, rollbackConfig } of services(sophia)) {
      assert.equal(updateConfig.failureAction, "rollback", name);
      assert.ok(["pause", "continue"].includes(rollbackConfig.failureAction), name);
    }
  });

  it("gives every service 40 s to start, one of the three sizes, and one service the GPU", () => {
    const sizes = ["4Gi", "1Gi", "256Mi"].map((size) => parseMemory(size));
    for (const { name, taskSpec } of services(sophia)) {
      assert.match(taskSpec.containerSpec.healthcheck.startPeriod, /^40s$/, name);
      assert.ok(sizes.includes(taskSpec.resources.limits.memoryBytes), name);
    }
    const withGpu = services(sophia).filter(
      ({ taskSpec }) => taskSpec.resources.reservation.genericResources !== undefined,
    );
    assert.deepEqual(
      withGpu.map(({ name }) => name),
      ["sophia-inference"],
    );
  });

  it("tunes PostgreSQL and Redis as systems.md says", () => {
    assert.equal(setting(sophia.part("sophia-postgres")[0], "shared_buffers"), "1GB");
    const [redis] = sophia.part("sophia-redis");
    assert.deepEqual([option(redis, "maxmemory"), option(redis, "maxmemory-policy")], ["4096mb", "allkeys-lru"]);
  });
});

describe("all five systems on one laptop", () => {
  let all: Deployed;
  before(async () => {
    all = await dockerDeployed({
      target: "docker",
      systems: '["finai-nexus","flowx","sophia","tracks","web-platform"]',
      portOffsets: '{"flowx":10000}',
      logs: "false",
      backups: "false",
    });
  });

  it("have no host port and no container name in common", () => {
    const ports = published(all).map(([, port]) => port);
    assert.equal(new Set(ports).size, ports.length);
    const names = all.containers.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
  });

  it("fit 16 GB and 4 cores together", () => {
    const memory = all.containers.reduce((sum, container) => sum + container.memory * 2 ** 20, 0);
    const cores = all.containers.reduce((sum, { cpuShares }) => sum + cpuShares / 1024, 0);
    assert.ok(memory <= 15 * 2 ** 30, `${(memory / 2 ** 30).toFixed(2)} GiB`);
    assert.ok(cores <= 4, `${cores.toFixed(2)} cores`);
    assert.equal(all.result.demand.memoryGiB, Math.round((memory / 2 ** 30) * 100) / 100);
    assert.equal(all.result.demand.cores, Math.round(cores * 100) / 100);
  });

  it("give finai-nexus MongoDB, web-platform its three services, and nobody a GPU", () => {
    assert.equal(all.part("finai-nexus-mongodb").length, 1);
    assert.ok(all.part("finai-nexus-backend")[0]?.envs.includes("MONGODB_HOST=finai-nexus-mongodb"));
    for (const name of ["fastapi", "flask", "analytics"]) assert.equal(all.part(`web-platform-${name}`).length, 1);
    assert.deepEqual(all.result.urls["web-platform"], ["http://localhost:8001", "http://localhost:5000"]);
  });
});
