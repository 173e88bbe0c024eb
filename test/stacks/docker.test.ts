import assert from "node:assert/strict";
import { parseMemory } from "@groundwork/lib/quantity";
import { isSecret, revealed } from "../helpers/secret.ts";
import type { Container, Upload } from "./fixture-docker.ts";
import { PASSWORD, dockerDeployed, isContainer } from "./fixture-docker.ts";

const deployed = async (extra: Record<string, string> = {}) => {
  const all = await dockerDeployed({
    target: "docker",
    systems: '["tracks"]',
    monitoring: "false",
    backups: "false",
    ...extra,
  });
  return { ...all, part: (name: string) => all.part(`tracks-${name}`) };
};

describe("tracks on one Docker Engine, full size", () => {
  let full: Awaited<ReturnType<typeof deployed>>;
  before(async () => {
    full = await deployed({ size: "full" });
  });

  // systems.md section 5
  const table: [name: string, replicas: number, cpus: string, memory: string][] = [
    ["postgres", 1, "4", "6Gi"],
    ["redis", 1, "2", "2Gi"],
    ["rabbitmq", 1, "2", "2Gi"],
    ["scraper", 4, "1.5", "1.5Gi"],
    ["data-transformer", 4, "2", "2Gi"],
    ["rest-api", 3, "1.5", "1.5Gi"],
  ];
  for (const [name, replicas, cpus, memory] of table) {
    it(`runs ${replicas} ${name} with ${cpus} CPU and ${memory} each`, () => {
      const found = full.part(name);
      assert.equal(found.length, replicas);
      for (const container of found) {
        assert.equal(container.cpus, cpus);
        assert.equal(container.memory * 2 ** 20, parseMemory(memory));
        assert.equal(container.memorySwap, container.memory, "no swap");
      }
    });
  }

  it("says that it needs about 26 cores", () => {
    assert.ok(full.result.demand.cores >= 26 && full.result.demand.cores <= 27.5, String(full.result.demand.cores));
    const cores = full.containers.reduce((sum, { cpuShares }) => sum + cpuShares / 1024, 0);
    assert.equal(full.result.demand.cores, Math.round(cores * 100) / 100);
  });

  it("has the three networks with their blocks and MTU", () => {
    const networks = full.resources.filter(({ type }) => type === "docker:index/network:Network");
    assert.deepEqual(
      networks.map(({ inputs }) => [
        inputs["name"],
        (inputs["ipamConfigs"] as { subnet: string }[])[0]?.subnet,
        (inputs["options"] as Record<string, string>)["com.docker.network.driver.mtu"],
      ]),
      [
        ["tracks-backend", "172.28.0.0/16", "1500"],
        ["tracks-frontend", "172.29.0.0/16", "1500"],
        ["tracks-monitoring", "172.30.0.0/16", "1500"],
      ],
    );
  });

  it("lets only the API join two networks, and keeps the gateway away from the tiers", () => {
    const joined = (container: Container) => container.networksAdvanced.map((network) => network.name);
    const inTwo = new Set(
      full.containers
        .filter((container) => joined(container).length > 1)
        .map((container) => container.name.replace(/-\d+$/, "")),
    );
    assert.deepEqual([...inTwo], ["tracks-rest-api"]);
    assert.deepEqual(full.part("gateway").map(joined), [["tracks-frontend"]]);
  });

  it("publishes the gateway on 8080 and RabbitMQ's management page on 15673, and nothing else", () => {
    const published = full.containers.flatMap((container) =>
      (container.ports ?? []).map((port) => [container.name, port.internal, port.external]),
    );
    assert.deepEqual(published.sort(), [
      ["tracks-gateway", 8080, 8080],
      ["tracks-rabbitmq", 15672, 15673],
    ]);
  });

  it("checks health every 30 s, workloads on /health", () => {
    for (const container of full.containers) assert.equal(container.healthcheck.interval, "30s", container.name);
    for (const name of ["scraper", "data-transformer", "rest-api"]) {
      for (const container of full.part(name))
        assert.match(container.healthcheck.tests.join(" "), /http:\/\/127\.0\.0\.1:8000\/health\b/);
    }
  });

  it("configures the scraper, Redis and PostgreSQL as asked", () => {
    for (const scraper of full.part("scraper")) {
      assert.ok(scraper.envs.includes("CONCURRENT_REQUESTS=12") && scraper.envs.includes("DOWNLOAD_DELAY_SECONDS=0.8"));
    }
    const redis = full.part("redis")[0]?.command?.join(" ") ?? "";
    assert.match(redis, /--maxclients 10000 .*--tcp-keepalive 60/);
    assert.ok(full.part("postgres")[0]?.command?.includes("shared_buffers=1536MB"));
  });

  it("keeps the connection pools of all replicas within what PostgreSQL takes", () => {
    const pools = full.containers
      .flatMap((container) => container.envs)
      .flatMap((variable) => /^DATABASE_POOL_SIZE=(\d+)$/.exec(variable)?.[1] ?? []);
    const limit = full
      .part("postgres")[0]
      ?.command?.map((argument) => /^max_connections=(\d+)$/.exec(argument)?.[1])
      .find(Boolean);
    const reserved = 3; // superuser_reserved_connections
    assert.equal(pools.length, 4 + 3, "each transformer and API has a pool");
    assert.ok(pools.reduce((sum, size) => sum + Number(size), 0) <= Number(limit) - reserved);
  });
});

describe("any container of a Docker environment", () => {
  let laptop: Awaited<ReturnType<typeof deployed>>;
  before(async () => {
    laptop = await deployed();
  });

  it("is confined, restarted, waited for, and has bounded logs", () => {
    assert.ok(laptop.containers.length > 0);
    for (const container of laptop.containers) {
      assert.match(container.user, /^[1-9]\d*:[1-9]\d*$/, container.name);
      const files = revealed(container.uploads) as Upload[];
      assert.equal(container.readOnly, files.length === 0, "the provider cannot upload into a read-only root");
      assert.deepEqual(container.capabilities.drops, ["ALL"]);
      assert.deepEqual(container.securityOpts, ["no-new-privileges:true"]);
      assert.equal(container.restart, "unless-stopped");
      assert.equal(container.wait, true);
      assert.equal(container.logDriver, "json-file");
      assert.ok(container.logOpts["max-size"] && container.logOpts["max-file"]);
    }
  });

  it("gets passwords as secret files that only its user can read, never as variables or labels", () => {
    let files = 0;
    for (const { inputs, name } of laptop.resources.filter(isContainer)) {
      const { uploads, ...rest } = inputs;
      assert.ok(!JSON.stringify(rest).includes(PASSWORD), `${name} shows a password`);
      if (JSON.stringify(uploads).includes(PASSWORD)) assert.ok(isSecret(uploads), `${name}: a password is not secret`);
      for (const upload of (revealed(uploads) as Upload[]).filter(({ content }) => content.includes(PASSWORD))) {
        assert.equal(upload.permissions, "0400", `${name} ${upload.file}`);
        files += 1;
      }
    }
    // postgres 1, redis 2, rabbitmq 1, 2 scrapers 2 each, 2 transformers 3 each, 2 APIs 2 each; the rest is what helps the tiers
    assert.ok(files >= 18, String(files));
  });

  it("finds its tiers by variables that name a file for each password", () => {
    const api = laptop.part("rest-api")[0];
    for (const variable of [
      "PORT=8000",
      "PGHOST=tracks-postgres",
      "PGPORT=5432",
      "PGUSER=tracks",
      "PGDATABASE=tracks",
      "REDIS_HOST=tracks-redis",
      "PGPASSWORD_FILE=/run/secrets/pgpassword",
    ]) {
      assert.ok(api?.envs.includes(variable), variable);
    }
    assert.ok((revealed(api?.uploads) as Upload[]).some((upload) => upload.file === "/run/secrets/pgpassword"));
    assert.ok(!api?.envs.some((variable) => variable.startsWith("RABBITMQ_")), "it does not need RabbitMQ");
  });

  it("fits a laptop of 4 cores and 16 GB", () => {
    assert.ok(laptop.result.demand.cores <= 4);
    assert.ok(laptop.result.demand.memoryGiB <= 8, "half of the machine is for its owner");
    assert.deepEqual(laptop.result.urls, { tracks: ["http://localhost:8080"] });
  });

  it("moves every host port by the offset", async () => {
    const moved = await deployed({ portOffset: "1000" });
    const ports = moved.containers.flatMap((container) => (container.ports ?? []).map((port) => port.external));
    assert.deepEqual(ports.sort(), [16673, 9080]);
    assert.deepEqual(moved.result.urls, { tracks: ["http://localhost:9080"] });
  });

  it("runs an image of its own where one is configured, and builds the reference service only if somebody runs it", async () => {
    const own = await deployed({
      images:
        '{"tracks/scraper":"ghcr.io/acme/scraper:1","tracks/rest-api":"ghcr.io/acme/api:1","tracks/data-transformer":"ghcr.io/acme/transform:1"}',
    });
    assert.deepEqual(
      new Set(own.part("scraper").map((container) => container.image)),
      new Set(["sha256:tracks-scraper-image"]),
    );
    assert.ok(!own.resources.some(({ type }) => type === "docker-build:index:Image"));
    assert.equal(laptop.resources.filter(({ type }) => type === "docker-build:index:Image").length, 1);
  });
});

describe("demand", () => {
  it("follows an override", async () => {
    const { demand: before } = (await deployed()).result;
    const { demand: after } = (await deployed({ workloads: '{"tracks":{"scraper":{"replicas":3}}}' })).result;
    // a quarter of the 0.25 that it may use
    assert.equal(Math.round((after.cores - before.cores) * 100) / 100, 0.06);
    assert.equal(after.memoryGiB - before.memoryGiB, 0.25);
  });
});
