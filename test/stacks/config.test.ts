import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse } from "yaml";
import { BadInput } from "@groundwork/lib/errors";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { REGIONS } from "@groundwork/lib/regions";
import { cacheOf, databaseOf } from "../../stacks/config/cloud-data.ts";
import { parseConfig } from "../../stacks/config.ts";
import { KEYS } from "../../stacks/config/keys.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";

type Values = Record<string, unknown>;

/** As the engine hands configuration over: text as it is, everything else as JSON, in the project's namespace. */
function read(values: Values, isSecret?: (key: string) => boolean) {
  const entries = Object.entries(values).map(
    ([key, value]) => [`groundwork:${key}`, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return parseConfig("groundwork", Object.fromEntries(entries), isSecret);
}

function refusal(values: Values): string {
  try {
    read(values);
  } catch (error) {
    assert.ok(error instanceof BadInput, `not a BadInput: ${String(error)}`);
    return error.message;
  }
  throw new Error(`accepted: ${JSON.stringify(values)}`);
}

const dev: Values = { target: "docker", systems: ["tracks"] };
const prod: Values = {
  target: "cloud",
  systems: ["finai-nexus"],
  awsAccountId: "123456789012",
  cloudflareAccountId: "0123456789abcdef0123456789abcdef",
  cloudflareZoneId: "fedcba9876543210fedcba9876543210",
  domain: "example.com",
  regions: [
    { name: "us-east-1", role: "failover", cidr: "10.1.0.0/16" },
    { name: "us-west-2", role: "primary", cidr: "10.0.0.0/16" },
  ],
};

describe("configuration", () => {
  it("reads a Docker environment with its defaults", () => {
    const config = read(dev);
    assert.ok(config.target === "docker");
    assert.equal(config.size, "laptop");
    assert.deepEqual(config.engine, { imageStore: "classic", group: 999 });
    assert.equal(config.protect, true);
    assert.deepEqual(
      config.systems.map((system) => system.name),
      ["tracks"],
    );
  });

  it("reads a cloud environment with its defaults, the primary region first", () => {
    const config = read(prod);
    assert.ok(config.target === "cloud");
    assert.deepEqual(
      config.regions.map((region) => [region.name, region.role, region.zones.length]),
      [
        ["us-west-2", "primary", 3],
        ["us-east-1", "failover", 3],
      ],
    );
    const { engine, readers } = databaseOf(config.database, "finai-nexus");
    assert.deepEqual([engine, readers], ["aurora", { primary: 3, failover: 1 }]);
    const { shards, replicasPerShard } = cacheOf(config.cache, "finai-nexus");
    assert.deepEqual([shards, replicasPerShard], [3, 1]);
  });

  it("reads alike what Pulumi fills in from Pulumi.yaml and what is left out", () => {
    const unset = Object.fromEntries(
      Object.entries(KEYS).flatMap(([name, key]) => ("unset" in key ? [[name, key.unset]] : [])),
    );
    assert.deepEqual(read({ ...unset, ...dev }), read(dev));
    assert.deepEqual(read({ ...unset, ...prod }), read(prod));
  });

  it("leaves provider settings alone", () => {
    assert.doesNotThrow(() =>
      parseConfig("groundwork", {
        "groundwork:target": "docker",
        "groundwork:systems": '["tracks"]',
        "aws:profile": "x",
      }),
    );
  });

  it("fills part of an object with the defaults of the rest", () => {
    const config = read({ ...prod, nodes: { instanceType: "m8g.large" }, database: { readers: { primary: 2 } } });
    assert.ok(config.target === "cloud");
    assert.equal(config.nodes.instanceType, "m8g.large");
    assert.equal(config.nodes.min, 3);
    assert.deepEqual(databaseOf(config.database, "finai-nexus").readers, { primary: 2, failover: 1 });
  });

  it("applies overrides and images to the named workload alone", () => {
    const config = read({
      ...dev,
      workloads: { tracks: { scraper: { replicas: 7, memory: "2Gi" } } },
      images: { "tracks/rest-api": "ghcr.io/acme/api:1.4.2" },
    });
    const [scraper, transformer, api] = config.systems[0]?.workloads ?? [];
    assert.deepEqual([scraper?.replicas, scraper?.resources.limits.memory, scraper?.image], [7, "2Gi", undefined]);
    assert.equal(transformer?.replicas, 2);
    assert.equal(api?.image, "ghcr.io/acme/api:1.4.2");
  });

  it("moves an autoscaler's minimum and keeps the limit's proportion to the request", () => {
    const config = read({ ...prod, workloads: { "finai-nexus": { backend: { replicas: 25, cpu: 1 } } } });
    const backend = config.systems[0]?.workloads[0];
    assert.deepEqual(backend?.replicas, { min: 25, max: 25, cpuPercent: 70, memoryPercent: 80 });
    assert.deepEqual([parseCpu(backend?.resources.requests.cpu), parseCpu(backend?.resources.limits.cpu)], [1, 2]);
  });

  const region = (change: object) => [{ name: "us-west-2", role: "primary", cidr: "10.0.0.0/16", ...change }];
  const refused: [string, Values, RegExp][] = [
    [
      "an unknown key, with the nearest name",
      { ...dev, systms: [] },
      /^groundwork:systms is not a configuration key; did you mean "systems"\.$/,
    ],
    [
      "an unknown key that is near to nothing",
      { ...dev, zzzzzzzz: 1 },
      /^groundwork:zzzzzzzz .*write one of target, systems/,
    ],
    [
      "an unknown system",
      { ...dev, systems: ["track"] },
      /^groundwork:systems\[0\] is "track"; did you mean "tracks"\.$/,
    ],
    ["no system", { ...dev, systems: [] }, /^groundwork:systems is empty/],
    ["a system twice", { ...dev, systems: ["tracks", "tracks"] }, /^groundwork:systems names "tracks" twice/],
    [
      "two systems that want the same host port",
      { ...dev, systems: ["flowx", "tracks"] },
      /^host port 8080 is wanted by flowx\/gateway and by tracks\/gateway; .*portOffsets, e\.g\. tracks: \d+000\./,
    ],
    [
      "a port offset of a system that is not there",
      { ...dev, portOffsets: { flowx: 1000 } },
      /^groundwork:portOffsets\.flowx is not a system of this stack/,
    ],
    [
      "a negative port offset of one system",
      { ...dev, portOffsets: { tracks: -1 } },
      /^groundwork:portOffsets\.tracks is -1/,
    ],
    [
      "the MTU of a swarm on one engine",
      { ...dev, hostMtu: 9100 },
      /^groundwork:hostMtu is set, but target is docker.*swarm/,
    ],
    [
      "an MTU that is too small",
      { ...dev, target: "swarm", hostMtu: 1400 },
      /^groundwork:hostMtu is 1400; write a whole number from 1500 to 65535/,
    ],
    [
      "a cluster of a tier that the system does not have",
      { ...dev, clusters: { tracks: ["mongodb"] } },
      /^groundwork:clusters\.tracks names mongodb, which tracks does not have; write .*postgres, redis, rabbitmq/,
    ],
    [
      "a cluster of a system that is not there",
      { ...dev, clusters: { flowx: ["redis"] } },
      /^groundwork:clusters\.flowx is not a system of this stack/,
    ],
    [
      "a secret in plain text",
      { ...dev, slackWebhookUrl: "https://hooks.slack.com/canary" },
      /^groundwork:slackWebhookUrl is written in plain text; set it with `pulumi config set --secret slackWebhookUrl`(?!.*canary)/,
    ],
    [
      "a Slack channel without the webhook",
      { ...dev, alerts: { slackChannel: "#alerts" } },
      /^groundwork:alerts has slackChannel and not groundwork:slackWebhookUrl/,
    ],
    [
      "an address without a mail server",
      { ...dev, alerts: { emailTo: "a@example.com", emailFrom: "b@example.com" } },
      /^groundwork:alerts has emailTo and not smarthost/,
    ],
    ["a GPU that is no yes or no", { ...dev, gpu: "two" }, /^groundwork:gpu is "two"/],
    ["no target", { systems: ["tracks"] }, /^groundwork:target is missing/],
    ["an unknown target", { ...dev, target: "Dokcer" }, /^groundwork:target is "Dokcer"; did you mean "docker"/],
    [
      "a wrong unit of memory",
      { ...dev, workloads: { tracks: { scraper: { memory: "2GB" } } } },
      /^groundwork:workloads\.tracks\.scraper\.memory is "2GB", and "GB" is no unit; write "2Gi"/,
    ],
    [
      "a wrong unit of CPU",
      { ...dev, workloads: { tracks: { scraper: { cpu: "2 cores" } } } },
      /^groundwork:workloads\.tracks\.scraper\.cpu is "2 cores", and "cores" is no unit/,
    ],
    [
      "a negative replica count",
      { ...dev, workloads: { tracks: { scraper: { replicas: -1 } } } },
      /^groundwork:workloads\.tracks\.scraper\.replicas is -1; write a whole number from 1/,
    ],
    [
      "an override of a workload that is not there",
      { ...dev, workloads: { tracks: { scrapper: { replicas: 1 } } } },
      /scrapper is not a workload of tracks; did you mean "scraper"/,
    ],
    [
      "an override of a system that is not there",
      { ...dev, workloads: { trakcs: {} } },
      /^groundwork:workloads\.trakcs is not a system of this stack; did you mean "tracks"/,
    ],
    [
      "an unknown override",
      { ...dev, workloads: { tracks: { scraper: { replica: 1 } } } },
      /scraper\.replica is not a setting; did you mean "replicas"/,
    ],
    [
      "an image of a workload that is not there",
      { ...dev, images: { "tracks/api": "nginx:1" } },
      /^groundwork:images\.tracks\/api is not a system\/workload/,
    ],
    [
      "an image without a tag",
      { ...dev, images: { "tracks/rest-api": "nginx" } },
      /^groundwork:images\.tracks\/rest-api is "nginx"; write an image reference with a tag/,
    ],
    ["a negative port offset", { ...dev, portOffset: -1 }, /^groundwork:portOffset is -1/],
    ["a cloud key on Docker", { ...dev, domain: "a.example.com" }, /^groundwork:domain is set, but target is docker/],
    ["a Docker key in the cloud", { ...prod, size: "full" }, /^groundwork:size is set, but target is cloud/],
    [
      "an unfilled placeholder",
      { ...prod, domain: "<domain>" },
      /^groundwork:domain is still the placeholder "<domain>"/,
    ],
    [
      "a placeholder deep inside",
      { ...prod, regions: region({ cidr: "<cidr>" }) },
      /^groundwork:regions\[0\]\.cidr is still the placeholder/,
    ],
    [
      "a missing account",
      { ...prod, awsAccountId: "" },
      /^groundwork:awsAccountId is missing; write the AWS account id/,
    ],
    [
      "an account with 11 digits",
      { ...prod, awsAccountId: "12345678901" },
      /^groundwork:awsAccountId is "12345678901"/,
    ],
    [
      "an unknown region",
      { ...prod, regions: region({ name: "us-wset-2" }) },
      /^groundwork:regions\[0\]\.name is "us-wset-2"; did you mean "us-west-2"/,
    ],
    [
      "a region without a CIDR",
      { ...prod, regions: [{ name: "us-west-2", role: "primary" }] },
      /^groundwork:regions\[0\]\.cidr is missing/,
    ],
    [
      "a malformed CIDR",
      { ...prod, regions: region({ cidr: "10.0.0.0/33" }) },
      /^groundwork:regions\[0\]\.cidr is "10\.0\.0\.0\/33"/,
    ],
    [
      "a zone of another region",
      { ...prod, regions: region({ zones: ["us-east-1a"] }) },
      /^groundwork:regions\[0\]\.zones names "us-east-1a"/,
    ],
    [
      "a region twice",
      { ...prod, regions: [...region({}), ...region({ role: "failover", cidr: "10.9.0.0/16" })] },
      /^groundwork:regions\[1\]\.name is "us-west-2" again/,
    ],
    [
      "overlapping CIDRs",
      { ...prod, regions: [...region({}), { name: "us-east-1", role: "failover", cidr: "10.0.128.0/17" }] },
      /^groundwork:regions\[1\]\.cidr is "10\.0\.128\.0\/17", which overlaps "10\.0\.0\.0\/16" of us-west-2/,
    ],
    [
      "no primary region",
      { ...prod, regions: region({ role: "failover" }) },
      /^groundwork:regions has 0 regions with the role primary/,
    ],
    [
      "nodes in the wrong order",
      { ...prod, nodes: { min: 5, desired: 4 } },
      /^groundwork:nodes has min 5, desired 4, max 10/,
    ],
    [
      "a list where an object belongs",
      { ...prod, nodes: [] as unknown[] },
      /^groundwork:nodes is \[\]; write an object with instanceType/,
    ],
    ["text where a number belongs", { ...dev, portOffset: "many" }, /^groundwork:portOffset is "many"/],
  ];
  for (const [what, values, expected] of refused) {
    it(`refuses ${what} in one sentence`, () => {
      const message = refusal(values);
      assert.match(message, expected);
      assert.ok(message.endsWith(".") && !message.includes("\n"));
    });
  }

  it("carries every system on every target", () => {
    for (const values of [prod, dev])
      for (const name of Object.keys(SYSTEMS)) assert.equal(read({ ...values, systems: [name] }).systems.length, 1);
  });

  it("does not show the value of a secret key", () => {
    assert.throws(
      () => read({ ...prod, domain: "canary value" }, (key) => key === "groundwork:domain"),
      (error: Error) =>
        error instanceof BadInput && error.message.includes("groundwork:domain") && !error.message.includes("canary"),
    );
  });

  it("describes the same keys, types and defaults as Pulumi.yaml", () => {
    const schema = (
      parse(readFileSync(new URL("../../Pulumi.yaml", import.meta.url), "utf8")) as { config: Record<string, object> }
    ).config;
    const described = Object.entries(KEYS).map(([name, key]) => [
      name,
      {
        type: key.type,
        ...("items" in key ? { items: { type: key.items } } : {}),
        description: key.description,
        ...("unset" in key ? { default: key.unset } : {}),
      },
    ]);
    assert.deepEqual(schema, Object.fromEntries(described));
  });
});

describe("configuration, any", () => {
  const memory = fc.integer({ min: 64, max: 4096 }).map((size) => `${size}Mi`);
  const override = fc.record(
    {
      replicas: fc.integer({ min: 1, max: 1000 }),
      cpu: fc.integer({ min: 1, max: 64_000 }).map((millis) => `${millis}m`),
      memory,
    },
    { requiredKeys: [] },
  );
  const docker = fc.record(
    {
      target: fc.constant("docker"),
      systems: fc.constant(["tracks"]),
      size: fc.constantFrom("laptop", "full"),
      portOffset: fc.integer({ min: 0, max: 65_535 - 15_673 }),
      protect: fc.boolean(),
      workloads: fc.record({
        tracks: fc.dictionary(fc.constantFrom("scraper", "data-transformer", "rest-api"), override),
      }),
    },
    { requiredKeys: ["target", "systems"] },
  );
  const cloud = fc
    .record({
      names: fc.uniqueArray(fc.constantFrom(...REGIONS), { minLength: 1, maxLength: 8 }),
      shards: fc.integer({ min: 1, max: 500 }),
      single: fc.boolean(),
    })
    .map(({ names, shards, single }) => ({
      ...prod,
      natGateways: single ? "single" : "perZone",
      cache: { shards },
      regions: names.map((name, index) => ({
        name,
        role: index === 0 ? "primary" : "failover",
        cidr: `10.${index}.0.0/16`,
      })),
    }));

  it("that is valid is read, and its overrides reach the workloads", () => {
    fc.assert(
      fc.property(docker, (values) => {
        const config = read(values);
        const overrides = values.workloads?.tracks ?? {};
        for (const workload of config.systems[0]?.workloads ?? []) {
          const wanted = overrides[workload.name];
          if (wanted?.replicas !== undefined) assert.equal(workload.replicas, wanted.replicas);
          if (wanted?.memory !== undefined)
            assert.equal(parseMemory(workload.resources.limits.memory), parseMemory(wanted.memory));
        }
      }),
    );
    fc.assert(fc.property(cloud, (values) => assert.equal(read(values).target, "cloud")));
  });

  it("that has one thing wrong is refused by exactly one sentence that names the key", () => {
    const broken = fc.constantFrom<[string, unknown]>(
      ["target", "podman"],
      ["systems", ["nosuchsystem"]],
      ["size", "huge"],
      ["portOffset", 1.5],
      ["portOffset", "<offset>"],
      ["protect", "yes"],
      ["workloads", { tracks: { scraper: { cpu: -1 } } }],
      ["images", { "tracks/scraper": "<image>" }],
      ["domain", "a.example.com"],
      ["nosuchkey", 1],
    );
    fc.assert(
      fc.property(docker, broken, (values, [key, value]) => {
        const message = refusal({ ...values, [key]: value });
        assert.match(message, new RegExp(`^groundwork:${key}\\b[^\\n]*\\.$`));
        assert.equal(message.split(". ").length, 1);
      }),
    );
  });
});

describe("systems", () => {
  it("are found by the name that they carry", () => {
    for (const [name, system] of Object.entries(SYSTEMS)) assert.equal(system.name, name);
  });
});
