import assert from "node:assert/strict";
import fc from "fast-check";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/docker.ts";
import { shortDuration } from "../../../../scripts/rehearsal/clouds/tables/docker/durations.ts";
import type { Thing } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Clouds } from "../core/cloud.ts";
import { FakeCloud } from "../fake-cloud.ts";

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const SERVICE = "docker:index/service:Service";
const SECRET = "docker:index/secret:Secret";
const CONFIG = "docker:index/serviceConfig:ServiceConfig";

type Json = Readonly<Record<string, unknown>>;

const PINNED = `chat@sha256:${"0".repeat(64)}`;
const base64 = (bytes: number) => Buffer.alloc(bytes, "x").toString("base64");

/** A service with some of its parts changed. */
function service(container: Json = {}, { task = {}, ...rest }: { readonly task?: Json } & Json = {}): Json {
  return { name: "chat", taskSpec: { containerSpec: { image: PINNED, ...container }, ...task }, ...rest };
}

const reserving = (reservation: Json, rest: Json = {}) =>
  service({}, { task: { resources: { reservation } }, convergeConfig: { timeout: "3m" }, ...rest });
const gpus = (count: number) => ({ genericResources: { discreteResourcesSpecs: [`NVIDIA-GPU=${count}`] } });

describe("simulated Swarm: overlay networks", () => {
  it("have an address space of their own, of which the routing mesh has the first block", () => {
    const engine = new FakeCloud(table);
    const subnets = ["one", "two"].map((name) => {
      const { properties } = engine.create(NETWORK, { name, driver: "overlay" }, name);
      assert.equal(properties.scope, "swarm");
      return (properties.ipamConfigs as { subnet: string }[])[0]?.subnet;
    });
    assert.deepEqual(subnets, ["10.0.1.0/24", "10.0.2.0/24"]);
    const overlay = (subnet: string) => ({ name: "three", driver: "overlay", ipamConfigs: [{ subnet }] });
    assert.match(engine.refusals(NETWORK, overlay("10.0.2.0/25"))[0] ?? "", /overlaps .* network two has/);
    assert.match(engine.refusals(NETWORK, overlay("10.0.0.0/16"))[0] ?? "", /network ingress has 10.0.0.0\/24/);
    assert.deepEqual(engine.refusals(NETWORK, overlay("172.17.0.0/16")), []);
    const bridge = { name: "local", ipamConfigs: [{ subnet: "10.0.1.0/24" }] };
    assert.match(engine.refusals(NETWORK, bridge)[0] ?? "", /network one has/);
  });

  it("have the name of a DNS label", () => {
    const engine = new FakeCloud(table);
    for (const name of ["a.b", "a".repeat(64)]) {
      assert.match(engine.refusals(NETWORK, { name, driver: "overlay" })[0] ?? "", /valid as a DNS name component/);
      assert.deepEqual(engine.refusals(NETWORK, { name, driver: "bridge" }), []);
    }
  });

  it("let containers join only where they are attachable", () => {
    const engine = new FakeCloud(table);
    engine.create(NETWORK, { name: "closed", driver: "overlay" }, "closed");
    engine.create(NETWORK, { name: "open", driver: "overlay", attachable: true }, "open");
    const joining = (name: string) => ({ name: "web", image: "nginx:1", networksAdvanced: [{ name }] });
    assert.deepEqual(engine.refusals(CONTAINER, joining("closed")), [
      "networksAdvanced[0].name: Could not attach to network closed: network closed not manually attachable; give it attachable: true",
    ]);
    assert.match(
      engine.refusals(CONTAINER, { name: "web", image: "nginx:1", networkMode: "closed" })[0] ?? "",
      /^networkMode/,
    );
    assert.deepEqual(engine.refusals(CONTAINER, joining("open")), []);
  });

  it("stay while a service is attached by id", () => {
    const engine = new FakeCloud(table);
    const network = engine.create(NETWORK, { name: "mesh", driver: "overlay" });
    engine.create(SERVICE, service({}, { task: { networksAdvanceds: [{ id: network.id }] } }));
    assert.match(engine.refuseDelete(network) ?? "", /mesh has active endpoints: chat/);
  });
});

describe("simulated Swarm: secrets and configs", () => {
  for (const [token, word, limit] of [
    [SECRET, "secret", 512_000],
    [CONFIG, "config", 1_024_000],
  ] as const) {
    it(`limit names and sizes as Swarm does: ${word}`, () => {
      const engine = new FakeCloud(table);
      const refused = (inputs: Json) => engine.refusals(token, { name: "it", data: base64(1), ...inputs });
      for (const name of ["a", "a_b.c-d", "a".repeat(64)]) assert.deepEqual(refused({ name }), [], name);
      for (const name of ["_a", "a-", "a b", "a".repeat(65)]) assert.match(refused({ name })[0] ?? "", /only 64/, name);
      assert.deepEqual(refused({ data: base64(limit - 1) }), []);
      for (const data of ["", base64(limit), "no base64!", "YQ"])
        assert.equal(refused({ data }).length, 1, data.slice(0, 9));
      engine.create(token, { name: "it", data: base64(1) });
      assert.match(engine.refusals(token, { name: "it", data: base64(2) }, "other")[0] ?? "", /AlreadyExists/);
    });

    it(`stay while a service uses them, which has to know their names: ${word}`, () => {
      const engine = new FakeCloud(table);
      const thing = engine.create(token, { name: "it-1", data: base64(1) });
      const uses = (name?: string, id = thing.id) =>
        service({ [`${word}s`]: [{ [`${word}Id`]: id, [`${word}Name`]: name, fileName: "it" }] });
      assert.match(
        engine.refusals(SERVICE, uses("it-2"))[0] ?? "",
        new RegExp(`${word} not found: it-2; write its own, it-1`),
      );
      assert.match(engine.refusals(SERVICE, uses())[0] ?? "", /no name; write its own, it-1/);
      assert.match(engine.refusals(SERVICE, uses("it-1", "other"))[0] ?? "", /other does not exist/);
      assert.equal(engine.refuseDelete(thing), undefined);
      engine.create(SERVICE, uses("it-1"));
      assert.match(
        engine.refuseDelete(thing) ?? "",
        new RegExp(`${word} 'it-1' is in use by the following service: chat`),
      );
    });
  }
});

describe("simulated Swarm: services", () => {
  const rules: readonly (readonly [string, Json, Json, RegExp])[] = [
    ["a name", service({}, { name: "a.b" }), service({}, { name: "a_b" }), /DNS name component/],
    ["an image", service({ image: "Chat:1" }), service({ image: "chat:1" }), /image reference/],
    ["an image id", service({ image: `sha256:${"a".repeat(64)}` }), service(), /No such image/],
    [
      "too little CPU",
      reserving({ nanoCpus: 999_999 }),
      reserving({ nanoCpus: 1_000_000 }),
      /reservation.nanoCpus: Must be at least 0.001/,
    ],
    ["too little memory", reserving({ memoryBytes: 1 }), reserving({ memoryBytes: 4_194_304 }), /at least 4MiB/],
    [
      "a generic resource",
      reserving({ genericResources: { discreteResourcesSpecs: ["NVIDIA-GPU"] } }),
      reserving(gpus(1)),
      /KIND=number/,
    ],
    [
      "a rollback of a rollback",
      service({}, { rollbackConfig: { failureAction: "rollback" } }),
      service({}, { updateConfig: { failureAction: "rollback" } }),
      /one of pause, continue$/,
    ],
    [
      "a failure ratio",
      service({}, { updateConfig: { maxFailureRatio: "1.5" } }),
      service({}, { updateConfig: { maxFailureRatio: "1.0" } }),
      /share from/,
    ],
    [
      "a constraint's operator",
      service({}, { task: { placement: { constraints: ["node.role=manager"] } } }),
      service({}, { task: { placement: { constraints: ["node.role == manager"] } } }),
      /KEY==VALUE/,
    ],
    [
      "a constraint's key",
      service({}, { task: { placement: { constraints: ["node.labels.a/b==c"] } } }),
      service({}, { task: { placement: { constraints: ["node.labels.a.b==c/d"] } } }),
      /KEY==VALUE/,
    ],
    [
      "a health check",
      service({ healthcheck: { tests: ["curl"] } }),
      service({ healthcheck: { tests: ["NONE"] } }),
      /CMD-SHELL/,
    ],
    [
      "memory with a source",
      service({ mounts: [{ type: "tmpfs", target: "/tmp", source: "x" }] }),
      service({ mounts: [{ type: "tmpfs", target: "/tmp" }] }),
      /memory has no source/,
    ],
    [
      "a relative path of the node",
      service({ mounts: [{ type: "bind", target: "/x", source: "x" }] }),
      service({ mounts: [{ type: "bind", target: "/x", source: "/x" }] }),
      /absolute path/,
    ],
    [
      "two modes",
      service({}, { mode: { global: true, replicated: { replicas: 1 } } }),
      service({}, { mode: { global: true } }),
      /either global or replicated/,
    ],
    [
      "a global service that is waited for",
      service({}, { mode: { global: true }, convergeConfig: {} }),
      service({}, { convergeConfig: {} }),
      /cannot wait for a global service/,
    ],
    [
      "a routed port without a virtual address",
      service({}, { endpointSpec: { mode: "dnsrr", ports: [{ targetPort: 80 }] } }),
      service({}, { endpointSpec: { mode: "dnsrr", ports: [{ targetPort: 80, publishMode: "host" }] } }),
      /can't be used with dnsrr/,
    ],
    [
      "a port",
      service({}, { endpointSpec: { ports: [{ targetPort: 80, publishedPort: 65_536 }] } }),
      service({}, { endpointSpec: { ports: [{ targetPort: 80, publishedPort: 65_535 }] } }),
      /0 to 65535/,
    ],
    [
      "a network without id",
      service({}, { task: { networksAdvanceds: [{}] } }),
      service({}, { task: { networksAdvanceds: [{ id: "host" }] } }),
      /write the network's id/,
    ],
  ];
  for (const [what, wrong, right, message] of rules) {
    it(`refuse ${what}`, () => {
      const engine = new FakeCloud(table);
      assert.match(engine.refusals(SERVICE, wrong).join("; "), message);
      assert.deepEqual(engine.refusals(SERVICE, right), []);
    });
  }

  it("cannot publish a port twice, in whatever way", () => {
    const engine = new FakeCloud(table);
    const publishing = (name: string, publishMode: string) =>
      service({}, { name, endpointSpec: { ports: [{ targetPort: 80, publishedPort: 8080, publishMode }] } });
    engine.create(SERVICE, publishing("one", "ingress"), "one");
    for (const publishMode of ["ingress", "host"]) {
      assert.match(
        engine.refusals(SERVICE, publishing("two", publishMode))[0] ?? "",
        /already allocated by one; .* 8081/,
      );
    }
  });

  it("keep their mode", () => {
    const engine = new FakeCloud(table);
    const old = engine.create(SERVICE, service());
    const global = service({}, { mode: { global: true } });
    assert.match(engine.refusals(SERVICE, global, "it", old)[0] ?? "", /service mode change is not allowed/);
    assert.deepEqual(engine.refusals(SERVICE, service({}, { mode: { replicated: { replicas: 3 } } }), "it", old), []);
  });

  it("run an image that the one node has", () => {
    const engine = new FakeCloud(table);
    const image = engine.create(IMAGE, { name: "chat:1" });
    assert.deepEqual(engine.refusals(SERVICE, service({ image: image.properties.imageId })), []);
  });

  it("are updated in place, but for name, registry and hosts", () => {
    const { replaces = [], updates = [] } = new FakeCloud(table).type(SERVICE);
    assert.deepEqual(replaces, ["auth", "name", "taskSpec.containerSpec.hosts"]);
    for (const property of ["taskSpec", "mode", "updateConfig"]) assert.ok(updates.includes(property), property);
  });
});

describe("simulated Swarm: one node", () => {
  const pending = /would not converge after 3m: no suitable node \(insufficient resources on 1 node\)/;

  it("runs what it has room for, and refuses the rest if somebody waits for it", () => {
    const engine = new FakeCloud(table);
    engine.create(SERVICE, { ...reserving({ nanoCpus: 20e9 }), name: "one" }, "one");
    const [refusal = ""] = engine.refusals(SERVICE, reserving({ nanoCpus: 13e9 }));
    assert.match(refusal, pending);
    assert.match(refusal, /1 tasks reserve 13 CPUs, and of the node's 32 CPUs others leave 12 CPUs; reserve less/);
    assert.deepEqual(engine.refusals(SERVICE, reserving({ nanoCpus: 12e9 })), []);
    assert.equal(
      engine.refusals(SERVICE, reserving({ nanoCpus: 7e9 }, { mode: { replicated: { replicas: 2 } } })).length,
      1,
    );
    const { convergeConfig, ...unwatched } = reserving({ nanoCpus: 13e9 });
    assert.ok(convergeConfig);
    assert.deepEqual(engine.refusals(SERVICE, unwatched), []);
  });

  it("counts CPUs, memory and GPUs of the host that it is told", () => {
    const host = { cpus: 2, memoryBytes: 2 ** 30, gpus: 0 };
    const { check } = new FakeCloud(table).type(SERVICE);
    const reason = (reservation: Json) => {
      const engine = new FakeCloud(table);
      return check?.({ ...engine.ctx(SERVICE, "it", reserving(reservation)), host })?.reason;
    };
    assert.match(reason({ nanoCpus: 3e9 }) ?? "", /3 CPUs, and of the node's 2 CPUs/);
    assert.match(reason({ memoryBytes: 2 ** 31 }) ?? "", /2048 MiB, and of the node's 1024 MiB/);
    assert.match(reason(gpus(1)) ?? "", /1 NVIDIA-GPU, and of the node's 0 NVIDIA-GPU/);
    assert.equal(reason({ nanoCpus: 2e9, memoryBytes: 2 ** 30 }), undefined);
  });

  it("has one GPU, which an update cannot have twice", () => {
    const engine = new FakeCloud(table);
    assert.match(engine.refusals(SERVICE, reserving(gpus(2)))[0] ?? "", pending);
    const inputs = (image: string, order: string) => {
      const { taskSpec, ...rest } = reserving(gpus(1), { updateConfig: { order } });
      return { ...rest, taskSpec: { ...(taskSpec as Json), containerSpec: { image } } };
    };
    const old: Thing = engine.create(SERVICE, inputs(PINNED, "start-first"));
    const [refusal = ""] = engine.refusals(SERVICE, inputs("chat:2", "start-first"), "it", old);
    assert.match(refusal, /2 tasks while it updates start-first reserve 2 NVIDIA-GPU/);
    assert.deepEqual(engine.refusals(SERVICE, inputs("chat:2", "stop-first"), "it", old), []);
    assert.deepEqual(engine.refusals(SERVICE, inputs(PINNED, "start-first"), "it", old), []);
  });

  it("is a manager on Linux with every label, and nothing else", () => {
    const engine = new FakeCloud(table);
    const placed = (constraint: string) =>
      engine.refusals(SERVICE, service({}, { task: { placement: { constraints: [constraint] } }, convergeConfig: {} }));
    for (const fine of [
      "node.role==manager",
      "node.role!=worker",
      "node.labels.groundwork.data==true",
      "engine.labels.a==b",
    ]) {
      assert.deepEqual(placed(fine), [], fine);
    }
    for (const wrong of ["node.role==worker", "node.role!=manager", "node.platform.os==windows", "node.nonsense==x"]) {
      assert.match(placed(wrong)[0] ?? "", /scheduling constraints not satisfied on 1 node/, wrong);
    }
  });

  it("takes a port of its own once, and no more replicas than allowed", () => {
    const engine = new FakeCloud(table);
    const rest = { mode: { replicated: { replicas: 2 } }, convergeConfig: {} };
    const port = { targetPort: 80, publishedPort: 8080 };
    const onNode = (publishMode: string) =>
      service({}, { ...rest, endpointSpec: { ports: [{ ...port, publishMode }] } });
    assert.match(engine.refusals(SERVICE, onNode("host"))[0] ?? "", /host-mode port already in use/);
    assert.deepEqual(engine.refusals(SERVICE, onNode("ingress")), []);
    const spread = (maxReplicas: number) => service({}, { ...rest, task: { placement: { maxReplicas } } });
    assert.match(engine.refusals(SERVICE, spread(1))[0] ?? "", /max replicas per node/);
    assert.deepEqual(engine.refusals(SERVICE, spread(2)), []);
  });

  it("never reserves more than it has, whatever the order", () => {
    const wanted = fc.record({
      replicas: fc.integer({ min: 0, max: 4 }),
      cpus: fc.integer({ min: 1, max: 40 }),
      gpu: fc.nat(1),
    });
    fc.assert(
      fc.property(fc.array(wanted, { maxLength: 6 }), (services) => {
        const engine = new FakeCloud(table);
        let cpus = 0;
        let inUse = 0;
        services.forEach(({ replicas, cpus: each, gpu }, index) => {
          const reservation = { nanoCpus: each * 1e9, ...(gpu > 0 ? gpus(gpu) : {}) };
          const inputs = {
            ...reserving(reservation, { mode: { replicated: { replicas } } }),
            name: `service-${index}`,
          };
          const fits = cpus + replicas * each <= 32 && inUse + replicas * gpu <= 1;
          assert.equal(engine.refusals(SERVICE, inputs, `s${index}`).length === 0, fits);
          if (!fits) return;
          engine.create(SERVICE, inputs, `s${index}`);
          cpus += replicas * each;
          inUse += replicas * gpu;
        });
      }),
    );
  });
});

describe("simulated Swarm: what the provider reads back", () => {
  /** The properties that change at each later update though the program stays as it is. */
  function secondTime(inputs: Json): unknown[] {
    const clouds = new Clouds(temporaryFolder({}), [table]);
    const instance = clouds.instance("docker");
    const done = clouds.create(instance, SERVICE, "it", inputs);
    return clouds.diff(instance, SERVICE, "it", done, inputs).changes.map(({ path }) => path.join("."));
  }

  it("is nothing else where durations and ratios are written in its own way", () => {
    const healthcheck = { tests: ["CMD", "true"], interval: "1m30s", timeout: "5s", startPeriod: "1h", retries: 3 };
    const written = { updateConfig: { delay: "1m", monitor: "0s", maxFailureRatio: "0.1" } };
    assert.deepEqual(secondTime(service({ healthcheck, stopGracePeriod: "2m" }, written)), []);
  });

  for (const [what, inputs, changed] of [
    ["a duration", service({}, { updateConfig: { delay: "60s" } }), ["updateConfig"]],
    ["a check's duration", service({ healthcheck: { tests: ["CMD", "true"], interval: "90s" } }), ["taskSpec"]],
    ["a grace period", service({ stopGracePeriod: "1m0s" }), ["taskSpec"]],
    ["a ratio", service({}, { rollbackConfig: { maxFailureRatio: "0.25" } }), ["rollbackConfig"]],
    ["a tag, which Swarm adds a digest to", service({ image: "chat:1" }), ["taskSpec"]],
  ] as const) {
    it(`differs for ever: ${what}`, () => {
      assert.deepEqual(secondTime(inputs), changed);
    });
  }

  it("has no digest where no registry has the image", () => {
    const clouds = new Clouds(temporaryFolder({}), [table]);
    const instance = clouds.instance("docker");
    clouds.create(instance, "docker:index/tag:Tag", "tag", { sourceImage: "chat:1", targetImage: "local/chat:1" });
    const inputs = service({ image: "local/chat:1" });
    const done = clouds.create(instance, SERVICE, "it", inputs);
    assert.deepEqual(clouds.diff(instance, SERVICE, "it", done, inputs).changes, []);
  });

  it("writes durations as Go does, less the zeros at the end", () => {
    const known: [string, string][] = [
      ["60s", "1m"],
      ["1m0s", "1m"],
      ["90s", "1m30s"],
      ["3600s", "1h"],
      ["3605s", "1h0m5s"],
      ["1h0m", "1h"],
      ["0", "0s"],
      ["1500ms", "1.5s"],
      ["500ms", "500ms"],
    ];
    for (const [given, written] of known) assert.equal(shortDuration(given), written, given);
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        const once = shortDuration(`${seconds}s`);
        assert.equal(shortDuration(once), once);
      }),
    );
  });
});
