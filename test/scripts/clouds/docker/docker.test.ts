import assert from "node:assert/strict";
import fc from "fast-check";
import { HOST_CPUS } from "../../../../scripts/rehearsal/clouds/tables/docker/scheduling.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/docker.ts";
import { FakeCloud } from "../fake-cloud.ts";

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";
const VOLUME = "docker:index/volume:Volume";
const IMAGE = "docker:index/remoteImage:RemoteImage";
const SERVICE = "docker:index/service:Service";

const subnet = (cidr: string, rest = {}) => ({ ipamConfigs: [{ subnet: cidr, ...rest }] });

describe("simulated Docker: networks", () => {
  it("have subnets of their own, also apart from the engine's own bridge", () => {
    const engine = new FakeCloud(table);
    engine.create(NETWORK, { name: "backend", ...subnet("172.28.0.0/16") }, "backend");
    assert.deepEqual(engine.refusals(NETWORK, { name: "frontend", ...subnet("172.29.0.0/16") }), []);
    assert.match(
      engine.refusals(NETWORK, { name: "x2", ...subnet("172.28.4.0/24") })[0] ?? "",
      /^ipamConfigs\[0\].subnet: Pool overlaps .* network backend has 172.28.0.0\/16/,
    );
    assert.match(engine.refusals(NETWORK, { name: "x2", ...subnet("172.17.0.0/24") })[0] ?? "", /network bridge/);
  });

  it("get a free subnet where they name none", () => {
    const engine = new FakeCloud(table);
    const subnets = ["one", "two", "three"].map((name) => {
      const { properties } = engine.create(NETWORK, { name }, name);
      return (properties.ipamConfigs as { subnet: string }[])[0]?.subnet;
    });
    assert.deepEqual(subnets, ["172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/16"]);
  });

  it("refuse a gateway outside, a subnet that is none, an impossible MTU, a second network of the same name", () => {
    const engine = new FakeCloud(table);
    const inside = { name: "n1", ...subnet("10.9.0.0/24", { gateway: "10.9.0.1", ipRange: "10.9.0.128/25" }) };
    assert.deepEqual(engine.refusals(NETWORK, inside), []);
    assert.deepEqual(engine.refusals(NETWORK, { name: "n1", ...subnet("10.9.0.0/24", { gateway: "10.9.1.1" }) }), [
      "ipamConfigs[0].gateway: write an address inside 10.9.0.0/24",
    ]);
    assert.match(engine.refusals(NETWORK, { name: "n1", ...subnet("10.9.0.0/33") })[0] ?? "", /CIDR notation/);
    const mtu = (value: string) => ({ name: "n1", options: { "com.docker.network.driver.mtu": value } });
    assert.deepEqual(engine.refusals(NETWORK, mtu("1500")), []);
    assert.match(engine.refusals(NETWORK, mtu("15000000"))[0] ?? "", /from 68 to 65535/);
    engine.create(NETWORK, { name: "n1" });
    assert.match(engine.refusals(NETWORK, { name: "n1" })[0] ?? "", /already exists/);
    assert.match(engine.refusals(NETWORK, { name: "bridge" })[0] ?? "", /every engine has/);
  });

  it("stay while a container is attached", () => {
    const engine = new FakeCloud(table);
    const network = engine.create(NETWORK, { name: "backend" });
    assert.equal(engine.refuseDelete(network), undefined);
    engine.create(CONTAINER, { name: "api", image: "nginx:1.29", networksAdvanced: [{ name: network.id }] });
    assert.equal(engine.refuseDelete(network), "network backend has active endpoints: api");
  });
});

describe("simulated Docker: containers", () => {
  const image = "postgres:17.6";

  it("carry what a real PostgreSQL container carries", () => {
    const engine = new FakeCloud(table);
    engine.create(NETWORK, { name: "backend", ...subnet("172.28.0.0/16") }, "backend");
    engine.create(VOLUME, { name: "data" });
    const inputs = {
      name: "postgres",
      image,
      memory: 6144,
      cpus: "4",
      restart: "unless-stopped",
      wait: true,
      ports: [{ internal: 5432, external: 5432, ip: "127.0.0.1" }],
      envs: ["POSTGRES_PASSWORD=x", "EMPTY="],
      networksAdvanced: [{ name: "backend", aliases: ["postgres"], ipv4Address: "172.28.0.10" }],
      volumes: [{ volumeName: "data", containerPath: "/var/lib/postgresql/data" }],
      healthcheck: {
        tests: ["CMD-SHELL", "pg_isready"],
        interval: "30s",
        timeout: "5s",
        retries: 3,
        startPeriod: "1m30s",
      },
      labels: [{ label: "groundwork.dev/urn", value: "urn" }],
      uploads: [{ file: "/etc/postgresql.conf", content: "max_connections = 200", permissions: "0644" }],
    };
    assert.deepEqual(engine.refusals(CONTAINER, inputs), []);
    const { id, properties } = engine.create(CONTAINER, inputs);
    assert.match(id, /^[0-9a-f]{64}$/);
    assert.equal(properties.hostname, id.slice(0, 12));
    const [data] = properties.networkDatas as Record<string, unknown>[];
    assert.equal(data?.ipAddress, "172.28.0.10");
    assert.equal(data?.gateway, "172.28.0.1");
    assert.equal(data?.ipPrefixLength, 16);
  });

  it("cannot share a host port, except on different addresses or protocols", () => {
    const engine = new FakeCloud(table);
    const published = (name: string, port: object) => ({ name, image, ports: [{ internal: 80, ...port }] });
    engine.create(CONTAINER, published("gateway", { external: 8080 }), "gateway");
    engine.create(CONTAINER, published("admin", { external: 9090, ip: "127.0.0.1" }), "admin");
    const [clash] = engine.refusals(CONTAINER, published("other", { external: 8080 }));
    assert.equal(
      clash,
      "ports[0].external: Bind for 0.0.0.0:8080 failed: port is already allocated by gateway; write another, e.g. 8081",
    );
    assert.equal(engine.refusals(CONTAINER, published("other", { external: 8080, ip: "127.0.0.1" })).length, 1);
    assert.equal(engine.refusals(CONTAINER, published("other", { external: 9090 })).length, 1);
    assert.deepEqual(engine.refusals(CONTAINER, published("other", { external: 9090, ip: "127.0.0.2" })), []);
    assert.deepEqual(engine.refusals(CONTAINER, published("other", { external: 8080, protocol: "udp" })), []);
    assert.deepEqual(engine.refusals(CONTAINER, published("other", {})), []);
    assert.deepEqual(engine.refusals(CONTAINER, { ...published("other", { external: 8080 }), start: false }), []);
  });

  it("never share a host port whatever the order", () => {
    const port = fc.record({
      internal: fc.constant(80),
      external: fc.integer({ min: 1, max: 6 }),
      ip: fc.constantFrom("0.0.0.0", "127.0.0.1", "10.0.0.1"),
      protocol: fc.constantFrom("tcp", "udp"),
    });
    fc.assert(
      fc.property(fc.array(fc.array(port, { maxLength: 3 }), { maxLength: 8 }), (wanted) => {
        const engine = new FakeCloud(table);
        const held: string[] = [];
        wanted.forEach((ports, index) => {
          const inputs = { name: `container-${index}`, image, ports };
          if (engine.refusals(CONTAINER, inputs, `c${index}`).length > 0) return;
          engine.create(CONTAINER, inputs, `c${index}`);
          held.push(...ports.map(({ ip, external, protocol }) => `${external}/${protocol}/${ip}`));
        });
        assert.equal(new Set(held).size, held.length);
        for (const binding of held.filter((each) => each.endsWith("0.0.0.0"))) {
          const sameport = held.filter((each) => each.startsWith(binding.replace("0.0.0.0", "")));
          assert.deepEqual(sameport, [binding]);
        }
      }),
    );
  });

  it("keep their own port when they change", () => {
    const engine = new FakeCloud(table);
    const inputs = { name: "gateway", image, ports: [{ internal: 80, external: 8080 }] };
    const old = engine.create(CONTAINER, inputs);
    assert.deepEqual(engine.refusals(CONTAINER, { ...inputs, memory: 512 }, "it", old), []);
  });

  for (const [what, wrong, right, message] of [
    [
      "an image",
      { image: "Nginx:1" },
      { image: "registry.example.com:5000/a/b-c:V1.0_x@sha256:" + "a".repeat(64) },
      /image reference/,
    ],
    ["an image id", { image: "sha256:" + "a".repeat(64) }, { image: "nginx" }, /No such image/],
    ["a name", { name: "a" }, { name: "a1" }, /at least two/],
    ["memory", { memory: 5 }, { memory: 6 }, /at least 6/],
    ["swap", { memory: 512, memorySwap: 256 }, { memory: 512, memorySwap: -1 }, /at least memory, 512/],
    [
      "a reservation",
      { memory: 512, memoryReservation: 513 },
      { memory: 512, memoryReservation: 512 },
      /at most memory/,
    ],
    ["CPUs", { cpus: String(HOST_CPUS + 1) }, { cpus: String(HOST_CPUS) }, /range of CPUs is from 0.01 to/],
    ["a restart policy", { restart: "sometimes" }, { restart: "always" }, /one of no, on-failure/],
    [
      "retries",
      { restart: "always", maxRetryCount: 3 },
      { restart: "on-failure", maxRetryCount: 3 },
      /only with restart/,
    ],
    [
      "a duration",
      { healthcheck: { tests: ["CMD", "true"], interval: "30" } },
      { healthcheck: { tests: ["CMD", "true"], interval: "500ms" } },
      /with its unit/,
    ],
    ["a health check", { healthcheck: { tests: ["curl"] } }, { healthcheck: { tests: ["NONE"] } }, /CMD-SHELL/],
    ["a network", { networksAdvanced: [{ name: "nowhere" }] }, { networkMode: "host" }, /nowhere does not exist/],
    [
      "a volume",
      { volumes: [{ volumeName: "nothing", containerPath: "/x" }] },
      { volumes: [{ hostPath: "/srv", containerPath: "/x" }] },
      /nothing does not exist/,
    ],
    [
      "a mount",
      { mounts: [{ type: "volume", source: "nothing", target: "/x" }] },
      { mounts: [{ type: "tmpfs", target: "/x" }] },
      /no such volume/,
    ],
    [
      "a path",
      { volumes: [{ hostPath: "/srv", containerPath: "x" }] },
      { volumes: [{ containerPath: "/x" }] },
      /absolute path/,
    ],
    ["an upload", { uploads: [{ file: "/x" }] }, { uploads: [{ file: "/x", content: "" }] }, /exactly one of/],
    ["an environment", { envs: ["=x"] }, { envs: ["A=b=c"] }, /KEY=value/],
    ["a port", { ports: [{ internal: 70000 }] }, { ports: [{ internal: 65535 }] }, /1 to 65535/],
  ] as const) {
    it(`refuse ${what} that the Engine would refuse`, () => {
      const engine = new FakeCloud(table);
      const base: object = { name: "it-is", image };
      assert.match(engine.refusals(CONTAINER, { ...base, ...wrong }).join("; "), message);
      assert.deepEqual(engine.refusals(CONTAINER, { ...base, ...right }), []);
    });
  }

  it("cannot take an address outside of the subnet, or somebody else's", () => {
    const engine = new FakeCloud(table);
    engine.create(NETWORK, { name: "backend", ...subnet("172.28.0.0/16") });
    const at = (name: string, ipv4Address: string) => ({
      name,
      image,
      networksAdvanced: [{ name: "backend", ipv4Address }],
    });
    engine.create(CONTAINER, at("one", "172.28.0.9"), "one");
    assert.match(engine.refusals(CONTAINER, at("two", "172.29.0.9"))[0] ?? "", /inside 172.28.0.0\/16/);
    assert.match(engine.refusals(CONTAINER, at("two", "172.28.0.9"))[0] ?? "", /already in use by container one/);
    assert.deepEqual(engine.refusals(CONTAINER, at("two", "172.28.0.8")), []);
  });

  it("are replaced by most changes, and updated by limits and restart policy", () => {
    const { replaces = [], updates = [] } = new FakeCloud(table).type(CONTAINER);
    for (const property of ["image", "envs", "ports", "networksAdvanced", "labels", "cpus"])
      assert.ok(replaces.includes(property), property);
    for (const property of ["memory", "restart", "cpuShares"]) assert.ok(updates.includes(property), property);
    assert.deepEqual(
      replaces.filter((property) => updates.includes(property)),
      [],
    );
  });
});

describe("simulated Docker: the rest", () => {
  it("keeps images and volumes while a container uses them", () => {
    const engine = new FakeCloud(table);
    const image = engine.create(IMAGE, { name: "postgres:17.6" });
    const volume = engine.create(VOLUME, { name: "data" });
    assert.match(String(image.properties.imageId), /^sha256:[0-9a-f]{64}$/);
    assert.match(String(image.properties.repoDigest), /^postgres@sha256:[0-9a-f]{64}$/);
    assert.equal(engine.refuseDelete(image), undefined);
    engine.create(CONTAINER, {
      name: "postgres",
      image: image.properties.imageId,
      volumes: [{ volumeName: "data", containerPath: "/data" }],
    });
    assert.match(engine.refuseDelete(image) ?? "", /container postgres is using/);
    assert.match(engine.refuseDelete(volume) ?? "", /volume is in use by postgres/);
    const kept = engine.create(IMAGE, { name: "redis:8", keepLocally: true }, "redis");
    assert.match(engine.type(IMAGE).retains?.(kept, engine.ctx(IMAGE, "redis", kept.inputs)) ?? "", /keepLocally/);
  });

  it("attaches Swarm services to overlay networks only, and counts their ports with the containers'", () => {
    const engine = new FakeCloud(table);
    engine.create(NETWORK, { name: "local", driver: "bridge" }, "local");
    engine.create(NETWORK, { name: "mesh", driver: "overlay" }, "mesh");
    const service = (network: string, publishedPort: number) => ({
      name: "chat",
      taskSpec: { containerSpec: { image: "chat:1" }, networksAdvanceds: [{ name: network }] },
      endpointSpec: { ports: [{ targetPort: 80, publishedPort }] },
    });
    assert.match(engine.refusals(SERVICE, service("local", 80))[0] ?? "", /driver overlay/);
    engine.create(SERVICE, service("mesh", 80));
    assert.match(
      engine.refusals(CONTAINER, { name: "web", image: "nginx", ports: [{ internal: 80, external: 80 }] })[0] ?? "",
      /already allocated by chat/,
    );
  });
});
