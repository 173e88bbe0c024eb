import assert from "node:assert/strict";
import { mock } from "node:test";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import fc from "fast-check";
import { BadInput } from "@groundwork/lib/errors";
import { podsOf } from "@groundwork/lib/pods";
import { SwarmNetworks, overlayMtu } from "../../../components/workload/swarm-networks.ts";
import {
  convergenceSeconds,
  defaultRollout,
  goDuration,
  swarmStrategy,
} from "../../../components/workload/swarm-rollout.ts";
import type { HardenedServiceArgs } from "../../../components/workload/swarm-service.ts";
import { DATA_NODE, hardenedService } from "../../../components/workload/swarm-service.ts";
import { SwarmWorkload } from "../../../components/workload/service.ts";
import { resourcesOf } from "../../../components/workload/sizes.ts";
import type { Gpu, Rollout, WorkloadSpec } from "../../../components/workload/spec.ts";
import type { Outputs, Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { isSecret, revealed } from "../../helpers/secret.ts";

const CANARY = "canary-of-the-swarm";
const TYPES: Outputs = {
  "docker:index/network:Network": () => ({}),
  "docker:index/volume:Volume": () => ({}),
  "docker:index/service:Service": () => ({}),
  "docker:index/secret:Secret": (_inputs, name) => ({ name: `${name}-1a2b3c4` }),
  "docker:index/serviceConfig:ServiceConfig": (_inputs, name) => ({ name: `${name}-1a2b3c4` }),
};

interface Service {
  name: string;
  mode: unknown;
  updateConfig: Record<string, unknown>;
  rollbackConfig: Record<string, unknown>;
  convergeConfig: { timeout: string };
  endpointSpec?: { mode: string; ports: unknown[] };
  taskSpec: {
    containerSpec: Record<string, unknown>;
    resources: { limits: unknown; reservation: unknown };
    placement: unknown;
    networksAdvanceds: unknown;
    restartPolicy: { condition: string };
    logDriver: unknown;
  };
}

const of = (resources: readonly Registered[], type: string) =>
  resources.filter((each) => each.type.endsWith(`:${type}`));

/** sophia's services, as systems.md section 4 wants them. */
const health = { path: "/health", port: 8000, interval: 30, timeout: 10, retries: 3, startPeriod: 40 };
const chat: WorkloadSpec = {
  name: "chat",
  ports: [{ name: "http", containerPort: 8000 }],
  environment: { CHAT_CONCURRENCY: "50" },
  secrets: { TOKEN: pulumi.secret(CANARY) },
  resources: resourcesOf("medium"),
  replicas: 2,
  health,
  needs: ["redis"],
};
const connections = [{ environment: { REDIS_HOST: "redis" }, secrets: { REDIS_PASSWORD: pulumi.secret(CANARY) } }];

async function workload(changes: Partial<WorkloadSpec> = {}, args: object = {}) {
  const resources = await registered(() => {
    const networks = new SwarmNetworks("sophia", {
      networks: [{ name: "internal", cidr: "10.20.0.0/24" }],
      hostMtu: 9216,
    });
    new SwarmWorkload("sophia-chat", {
      system: "sophia",
      spec: { ...chat, ...changes },
      connections,
      image: "sha256:0",
      networks: networks.named(["internal"]),
      ...args,
    });
  }, TYPES);
  return { resources, service: of(resources, "Service")[0]?.inputs as unknown as Service };
}

async function hardened(changes: Partial<HardenedServiceArgs> & { volume?: boolean } = {}) {
  const { volume, ...args } = changes;
  const resources = await registered(() => {
    const data = new docker.Volume("data", { name: "data" });
    hardenedService(
      "sophia-redis",
      {
        system: "sophia",
        part: "redis",
        image: "sha256:0",
        user: "999:998",
        environment: {},
        limits: { cpu: 1, memory: "5Gi" },
        networks: [],
        check: { test: ["CMD", "true"], interval: 30, timeout: 5, retries: 3, startPeriod: 30 },
        stopTimeout: 90,
        ...(volume === true ? { volumes: { "/data": data } } : {}),
        ...args,
      },
      {},
    );
  }, TYPES);
  return { resources, service: of(resources, "Service")[0]?.inputs as unknown as Service };
}

/** What a program says in warnings; without an engine the SDK writes them to the console. */
async function warnings(program: () => Promise<unknown>): Promise<string[]> {
  const said: string[] = [];
  const { mock: replaced } = mock.method(console, "warn", (line: unknown) => said.push(String(line)));
  try {
    await program();
  } finally {
    replaced.restore();
  }
  return said;
}

describe("a workload as a Swarm service", () => {
  it("has limits and reservations, health check with its start period, and log limits", async () => {
    const { service } = await workload();
    assert.equal(service.name, "sophia-chat");
    assert.deepEqual(service.mode, { replicated: { replicas: 2 } });
    assert.deepEqual(service.taskSpec.resources, {
      limits: { nanoCpus: 1e9, memoryBytes: 2 ** 30 },
      reservation: { nanoCpus: 250e6, memoryBytes: 2 ** 29 },
    });
    const { healthcheck } = service.taskSpec.containerSpec as { healthcheck: Record<string, unknown> };
    const { interval, timeout, retries, startPeriod } = healthcheck;
    assert.deepEqual([interval, timeout, retries, startPeriod], ["30s", "10s", 3, "40s"]);
    assert.deepEqual(service.taskSpec.logDriver, {
      name: "json-file",
      options: { "max-size": "10m", "max-file": "3" },
    });
    assert.equal(service.taskSpec.restartPolicy.condition, "any");
  });

  it("is confined as far as the provider can", async () => {
    const { user, readOnly, capDrops, init, mounts } = (await workload()).service.taskSpec.containerSpec;
    assert.deepEqual([user, readOnly, capDrops, init], ["1000:1000", true, ["ALL"], true]);
    assert.deepEqual(mounts, [{ type: "tmpfs", target: "/tmp" }]);
  });

  it("rolls back a version that fails, and starts the new replica first", async () => {
    const { service } = await workload();
    const { updateConfig: update, rollbackConfig: rollback } = service;
    assert.deepEqual([update["failureAction"], update["order"], update["parallelism"]], ["rollback", "start-first", 1]);
    assert.deepEqual([rollback["failureAction"], rollback["maxFailureRatio"]], ["pause", "0.0"]);
    assert.match(service.convergeConfig.timeout, /^\d+m/);
  });

  it("takes the spec's own rollout", async () => {
    const strategy = { parallelism: 2, delay: 60, monitor: 90, maxFailureRatio: 0.3, order: "stop-first" } as const;
    const rollout: Rollout = {
      update: { ...strategy, failureAction: "continue" },
      rollback: { ...strategy, failureAction: "pause" },
    };
    const { service } = await workload({ rollout });
    const expected = { parallelism: 2, delay: "1m", monitor: "1m30s", maxFailureRatio: "0.3", order: "stop-first" };
    assert.deepEqual(service.updateConfig, { ...expected, failureAction: "continue" });
    assert.deepEqual(service.rollbackConfig, { ...expected, failureAction: "pause" });
  });

  it("reserves GPUs, and stops the old replica first: both cannot have the same one", async () => {
    const gpu: Gpu = { count: 1, memory: "4Gi" };
    const { service } = await workload({ gpu });
    const { reservation } = service.taskSpec.resources as { reservation: { genericResources: unknown } };
    assert.deepEqual(reservation.genericResources, { discreteResourcesSpecs: ["NVIDIA-GPU=1"] });
    assert.equal(service.updateConfig["order"], "stop-first");
  });

  it("warns of an update that would wait for the GPU in use, and once of what the provider cannot set", async () => {
    const gpu: Gpu = { count: 1, memory: "4Gi" };
    const rollout = defaultRollout({ test: [], ...health }, "start-first");
    const said = await warnings(async () => {
      await workload({ gpu, rollout });
      await workload({ gpu });
    });
    assert.equal(said.filter((line) => /chat asks for 1 GPU and rolls start-first/.test(line)).length, 1);
    assert.ok(said.filter((line) => line.includes("no-new-privileges")).length <= 1);
  });

  it("is read by policies and capacity reports for what it is", async () => {
    const { service } = await workload({ replicas: 3 });
    const pods = podsOf("docker:index/service:Service", service as unknown as Record<string, unknown>);
    assert.equal(pods?.replicas, 3);
    assert.deepEqual(pods.containers[0]?.limits, { cpu: 1, memory: 2 ** 30 });
    assert.deepEqual(pods.containers[0].requests, { cpu: 0.25, memory: 2 ** 29 });
  });

  it("publishes the ports of the host by the routing mesh or on the node itself", async () => {
    const ports = [{ name: "http", containerPort: 8000, hostPort: 8082 }];
    const published = { targetPort: 8000, publishedPort: 8082, protocol: "tcp" };
    assert.deepEqual((await workload({ ports })).service.endpointSpec, {
      mode: "vip",
      ports: [{ ...published, publishMode: "ingress" }],
    });
    const onNode = await workload({ ports }, { publish: "host" });
    assert.deepEqual(onNode.service.endpointSpec?.ports, [{ ...published, publishMode: "host" }]);
    assert.equal(onNode.service.updateConfig["order"], "stop-first");
    assert.equal((await workload()).service.endpointSpec, undefined);
  });

  it("is placed where it is asked to be", async () => {
    const placement = { constraints: ["node.role==worker"], spreadOver: "node.labels.zone", maxReplicasPerNode: 1 };
    const { service } = await workload({}, { placement });
    assert.deepEqual(service.taskSpec.placement, {
      constraints: ["node.role==worker"],
      prefs: ["node.labels.zone"],
      maxReplicas: 1,
    });
  });

  it("runs as many replicas as an autoscaler has decided", async () => {
    const replicas = { min: 1, max: 4, cpuPercent: 70 };
    assert.deepEqual((await workload({ replicas }, { replicas: 3 })).service.mode, { replicated: { replicas: 3 } });
  });

  it("is given secrets as files that only its user reads, and nowhere else", async () => {
    const { resources, service } = await workload();
    const secrets = of(resources, "Secret");
    assert.equal(secrets.length, 2);
    for (const { inputs, name } of secrets) {
      assert.ok(isSecret(inputs["data"]), name);
      assert.equal(Buffer.from(String(revealed(inputs["data"])), "base64").toString(), CANARY);
      assert.equal(inputs["name"], undefined, "named by Pulumi");
      assert.ok(name.length + "-1a2b3c4".length <= 64, name);
    }
    const references = (service.taskSpec.containerSpec as { secrets: Record<string, unknown>[] }).secrets;
    assert.deepEqual(
      references.map(({ fileName, fileUid, fileGid, fileMode }) => [fileName, fileUid, fileGid, fileMode]),
      [
        ["redis_password", "1000", "1000", 0o400],
        ["token", "1000", "1000", 0o400],
      ],
    );
    assert.deepEqual(
      references.map(({ secretId, secretName }) => [secretId, secretName]),
      secrets.map(({ name }) => [`${name}-id`, `${name}-1a2b3c4`]),
    );
    const elsewhere = JSON.stringify(resources.filter((each) => !secrets.includes(each)));
    assert.ok(!elsewhere.includes(CANARY) && !elsewhere.includes(Buffer.from(CANARY).toString("base64")));
  });
});

describe("a hardened Swarm service", () => {
  it("with volumes stays on the node that has them and never runs twice", async () => {
    const { service } = await hardened({ volume: true });
    assert.deepEqual(service.taskSpec.placement, { constraints: [DATA_NODE], prefs: [], maxReplicas: 0 });
    assert.deepEqual(service.taskSpec.containerSpec["mounts"], [{ type: "volume", source: "data", target: "/data" }]);
    assert.equal(service.updateConfig["order"], "stop-first");
    assert.equal(service.taskSpec.containerSpec["hostname"], "sophia-redis");
    assert.equal(service.taskSpec.containerSpec["stopGracePeriod"], "1m30s");
  });

  it("takes what a hardened container takes", async () => {
    const { resources, service } = await hardened({
      host: "redis",
      command: ["serve"],
      configuration: { "/etc/app/app.conf": "a = 1" },
      hostFolders: { "/host": "/" },
      scratch: ["/tmp"],
      sharedMemory: 256,
      aliases: ["cache"],
      writableRoot: true,
    });
    const { args, commands, configs, mounts, readOnly } = service.taskSpec.containerSpec;
    assert.deepEqual([args, commands, readOnly, service.name], [["serve"], undefined, false, "redis"]);
    assert.deepEqual(mounts, [
      { type: "bind", source: "/", target: "/host", readOnly: true },
      { type: "tmpfs", target: "/tmp" },
      { type: "tmpfs", target: "/dev/shm" },
    ]);
    const [config] = of(resources, "ServiceConfig");
    assert.equal(Buffer.from(String(config?.inputs["data"]), "base64").toString(), "a = 1");
    assert.deepEqual(configs, [
      {
        configId: `${config?.name}-id`,
        configName: `${config?.name}-1a2b3c4`,
        fileName: "/etc/app/app.conf",
        fileMode: 0o444,
      },
    ]);
  });

  it("has a name that Swarm takes", () => {
    const refused = (host: string) => () => hardenedService("it", { host } as HardenedServiceArgs, {});
    for (const host of ["a.b", "-a", "a".repeat(64), "a_b"]) assert.throws(refused(host), BadInput, host);
  });
});

describe("overlay networks", () => {
  it("are encrypted, with an MTU of 9000 where the hosts carry it", async () => {
    const { resources } = await workload();
    const [network] = of(resources, "Network");
    assert.deepEqual(network?.inputs, {
      driver: "overlay",
      attachable: false,
      ipamConfigs: [{ subnet: "10.20.0.0/24" }],
      options: { encrypted: "", "com.docker.network.driver.mtu": "9000" },
    });
  });

  it("fall back to 1450 with a warning that says what to raise", () => {
    assert.deepEqual(overlayMtu(9100), { mtu: 9000 });
    for (const hosts of [undefined, 1500, 9099]) {
      const { mtu, warning } = overlayMtu(hosts);
      assert.equal(mtu, 1450);
      assert.match(warning ?? "", new RegExp(`MTU 1450, not 9000: .* 9100, and hostMtu is ${hosts ?? 1500}; raise`));
    }
  });

  it("refuse an MTU that is none", () => {
    for (const mtu of [0, 1499, 65_536, 1500.5, NaN]) assert.throws(() => overlayMtu(mtu), BadInput, String(mtu));
  });

  it("always leave room for encryption in the hosts' packets", () => {
    // VXLAN and IPsec put at most 87 bytes around what the network carries, and Docker takes 76 of them off the number itself
    fc.assert(
      fc.property(fc.integer({ min: 1500, max: 65_535 }), (hosts) => {
        assert.ok(overlayMtu(hosts).mtu - 76 + 87 <= hosts);
      }),
    );
  });
});

describe("rollouts in the provider's words", () => {
  const check = { test: [], interval: 30, timeout: 10, retries: 3, startPeriod: 40 };

  it("write durations as Go reads and writes them back", () => {
    const seconds = { h: 3600, m: 60, s: 1, ms: 0.001 };
    const read = (text: string) =>
      [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)].reduce(
        (sum, [, amount, unit]) => sum + Number(amount) * seconds[unit as keyof typeof seconds],
        0,
      );
    fc.assert(
      fc.property(fc.nat(1_000_000_000), (millis) => {
        const text = goDuration(millis / 1000);
        assert.ok(Math.abs(read(text) - millis / 1000) < 1e-6, text);
        assert.match(text, /^(0s|\d+ms|(?=.)(\d+h)?(\d+m)?(\d+(\.\d+)?s)?)$/);
        assert.doesNotMatch(text, /(?<!^)\b0s$|h0m$/);
      }),
    );
    const known: [number, string][] = [
      [0, "0s"],
      [0.5, "500ms"],
      [40, "40s"],
      [60, "1m"],
      [90, "1m30s"],
      [3600, "1h"],
      [3605, "1h0m5s"],
      [7260, "2h1m"],
    ];
    for (const [given, text] of known) assert.equal(goDuration(given), text);
  });

  it("watch a new replica for as long as its check needs to fail", () => {
    assert.equal(defaultRollout(check, "start-first").update.monitor, 100);
  });

  it("give all replicas the time to come and to go back", () => {
    const rollout = defaultRollout(check, "start-first");
    // twice: replicas * (40 s start period + 3 checks + 10 s pause) + 100 s watch; and 60 s more
    assert.equal(convergenceSeconds(2, check, rollout), 2 * (2 * (40 + 90 + 10) + 100) + 60);
    assert.ok(convergenceSeconds(4, check, rollout) > convergenceSeconds(2, check, rollout));
  });

  it("refuse a failure ratio that the provider would round", () => {
    const strategy = { ...defaultRollout(check, "start-first").update };
    for (let tenths = 0; tenths <= 10; tenths++) {
      const { maxFailureRatio } = swarmStrategy({ ...strategy, maxFailureRatio: tenths / 10 }, "it", "update");
      assert.equal(maxFailureRatio, (tenths / 10).toFixed(1));
    }
    for (const maxFailureRatio of [0.25, -0.1, 1.1, NaN]) {
      assert.throws(
        () => swarmStrategy({ ...strategy, maxFailureRatio }, "chat", "update"),
        /chat: rollout.update.maxFailureRatio is/,
      );
    }
  });
});
