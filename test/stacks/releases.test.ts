import assert from "node:assert/strict";
import fc from "fast-check";
import { BadInput } from "@groundwork/lib/errors";
import { parseConfig } from "../../stacks/config.ts";
import { revealed } from "../helpers/secret.ts";
import type { Upload } from "./fixture-docker.ts";
import { dockerDeployed } from "./fixture-docker.ts";

const API = "ghcr.io/acme/api:1.4.2";
const NEXT = "ghcr.io/acme/api:1.5.0";

const read = (releases: unknown, more: Readonly<Record<string, unknown>> = {}) => {
  const values = { target: "docker", systems: ["tracks"], releases, ...more };
  const texts = Object.entries(values).map(([key, value]): [string, string] => [
    `groundwork:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return parseConfig("groundwork", Object.fromEntries(texts));
};

const of = (release: unknown) => ({ tracks: { "rest-api": release } });

describe("groundwork:releases", () => {
  it("is read into the system's Docker form, each colour that is written with its image", () => {
    const [system] = read(of({ live: "blue", blue: "reference", green: API })).systems;
    assert.deepEqual(system?.docker?.releases, {
      "rest-api": { live: "blue", images: { blue: "reference", green: API } },
    });
    const [alone] = read(of({ live: "green", green: API })).systems;
    assert.deepEqual(alone?.docker?.releases, { "rest-api": { live: "green", images: { green: API } } });
    assert.equal(read({}).systems[0]?.docker?.releases, undefined);
  });

  const refused: [what: string, releases: unknown, more: Readonly<Record<string, unknown>>, says: RegExp][] = [
    ["another target", of({ live: "blue", blue: API }), { target: "swarm" }, /releases is set, but target is swarm; /],
    ["an unknown system", { track: {} }, {}, /releases\.track is not a system of this stack; did you mean "tracks"\.$/],
    [
      "an unknown workload",
      { tracks: { "rest-ap": { live: "blue", blue: API } } },
      {},
      /releases\.tracks\.rest-ap is not a workload of tracks; did you mean "rest-api"\.$/,
    ],
    [
      "a workload that nobody reaches through the gateway",
      { tracks: { scraper: { live: "blue", blue: API } } },
      {},
      /releases\.tracks\.scraper is not behind the gateway, .*; write one of rest-api\.$/,
    ],
    [
      "a live colour without an image",
      of({ live: "green", blue: API }),
      {},
      /rest-api\.live is "green", and groundwork:releases\.tracks\.rest-api\.green is missing; write its image/,
    ],
    ["no live colour", of({ blue: API }), {}, /rest-api\.live is missing; write blue or green\.$/],
    ["a third colour", of({ live: "red", blue: API }), {}, /rest-api\.live is "red"; /],
    ["an image of a third colour", of({ live: "blue", blue: API, red: API }), {}, /rest-api\.red is not a setting; /],
    [
      "an image without a tag",
      of({ live: "blue", blue: "acme/api" }),
      {},
      /rest-api\.blue is "acme\/api"; write an im/,
    ],
    [
      "what images says already",
      of({ live: "blue", blue: API }),
      { images: { "tracks/rest-api": NEXT } },
      /releases\.tracks\.rest-api and groundwork:images\.tracks\/rest-api both say what rest-api runs; remove the latter/,
    ],
  ];
  for (const [what, releases, more, says] of refused) {
    it(`refuses ${what} in one sentence`, () => {
      assert.throws(
        () => read(releases, more),
        (error) => error instanceof BadInput && says.test(error.message) && !/\. [A-Z]|\n/.test(error.message),
      );
    });
  }

  it("is, whatever is written, a live colour that has an image, or one sentence that names the key", () => {
    const image = fc.constantFrom(API, NEXT, "reference", "acme/api", "", "<image>", 7, null);
    const colour = fc.constantFrom("blue", "green", "Blue", "", 1, null);
    const release = fc.record({ live: colour, blue: image, green: image }, { requiredKeys: [] });
    fc.assert(
      fc.property(release, (written) => {
        try {
          const [system] = read(of(written)).systems;
          const { live, images } = system?.docker?.releases?.["rest-api"] ?? assert.fail("it is not there");
          assert.ok(images[live] !== undefined);
          assert.deepEqual({ live, ...images }, { ...written });
        } catch (error) {
          assert.ok(error instanceof BadInput, String(error));
          assert.match(error.message, /^groundwork:releases\.tracks\.rest-api\.(live|blue|green)\b[^\n]*\.$/);
        }
      }),
    );
  });
});

const tracks = (releases: object, more: Readonly<Record<string, string>> = {}) =>
  dockerDeployed({
    target: "docker",
    systems: '["tracks"]',
    backups: "false",
    ...(Object.keys(releases).length > 0 && { releases: JSON.stringify(releases) }),
    ...more,
  });

describe("a workload that is released blue-green on one Docker Engine", () => {
  let plain: Awaited<ReturnType<typeof tracks>>;
  let released: Awaited<ReturnType<typeof tracks>>;
  before(async () => {
    plain = await tracks({});
    released = await tracks(of({ live: "green", blue: "reference", green: API }));
  });
  const named = ({ containers }: typeof plain, name: string) =>
    containers.find((container) => container.name === name) ?? assert.fail(`there is no container ${name}`);
  const file = (deployed: typeof plain, container: string, ending: string) =>
    (revealed(named(deployed, container).uploads) as Upload[]).find(({ file: path }) => path.endsWith(ending))
      ?.content ?? assert.fail(`${container} has no ${ending}`);

  it("has both colours' replicas, two switches and what says which colour is live", () => {
    const names = released.containers.map(({ name }) => name).filter((name) => name.startsWith("tracks-rest-api"));
    assert.deepEqual(names.toSorted(), [
      "tracks-rest-api-blue-1",
      "tracks-rest-api-blue-2",
      "tracks-rest-api-green-1",
      "tracks-rest-api-green-2",
      "tracks-rest-api-live",
      "tracks-rest-api-switch-1",
      "tracks-rest-api-switch-2",
    ]);
    assert.equal(named(released, "tracks-rest-api-blue-1").image, "sha256:reference-local");
    assert.equal(named(released, "tracks-rest-api-green-1").image, "sha256:tracks-rest-api-green-image");
  });

  it("is found by its own name through the switches alone", () => {
    const found = released.containers.filter(({ networksAdvanced }) =>
      networksAdvanced.some(({ aliases }) => aliases.includes("rest-api")),
    );
    assert.deepEqual(found.map(({ name }) => name).toSorted(), [
      "tracks-rest-api-switch-1",
      "tracks-rest-api-switch-2",
    ]);
    for (const { networksAdvanced } of found)
      assert.deepEqual(networksAdvanced.map(({ name }) => name).toSorted(), ["tracks-backend", "tracks-frontend"]);
    assert.deepEqual(
      named(released, "tracks-rest-api-blue-1").networksAdvanced.map(({ aliases }) => aliases),
      [["rest-api-blue"], ["rest-api-blue"]],
    );
  });

  it("has the name of a colour that does not run lead to who answers nothing, and each name lead somewhere", async () => {
    const aliasesOf = (deployed: typeof plain) =>
      named(deployed, "tracks-rest-api-live").networksAdvanced.flatMap(({ aliases }) => aliases);
    assert.deepEqual(aliasesOf(released), []);
    const alone = await tracks(of({ live: "green", green: API }));
    assert.deepEqual([...new Set(aliasesOf(alone))], ["rest-api-blue"]);
  });

  it("leaves the gateway and everything else as they are", () => {
    const others = ({ containers }: typeof plain) =>
      containers.filter(({ name }) => !name.startsWith("tracks-rest-api") && !/monitoring|grafana/.test(name));
    const plainly = (value: unknown): unknown => JSON.parse(JSON.stringify(revealed(value)));
    assert.deepEqual(plainly(others(released)), plainly(others(plain)));
  });

  it("changes one container when the other colour becomes live", async () => {
    const switched = await tracks(of({ live: "blue", blue: "reference", green: API }));
    const differing = switched.containers.filter(
      (container) => JSON.stringify(revealed(container)) !== JSON.stringify(revealed(named(released, container.name))),
    );
    assert.deepEqual(
      differing.map(({ name }) => name),
      ["tracks-rest-api-live"],
    );
    assert.equal(switched.containers.length, released.containers.length);
  });

  it("sends requests to the replicas on the gateway's network, and believes what the gateway says of the client", () => {
    const text = file(released, "tracks-rest-api-switch-1", "switch.conf");
    assert.match(text, /server rest-api-blue\.tracks-frontend:8000 /);
    assert.match(text, /server rest-api-green\.tracks-frontend:8000 /);
    assert.match(text, /172\.29\.0\.0\/16 1;/);
    const variable = "TRUSTED_PROXIES=172.29.0.0/16";
    for (const colour of ["blue", "green"])
      assert.ok(named(released, `tracks-rest-api-${colour}-1`).envs.includes(variable));
  });

  it("is scraped, watched and measured by colour", async () => {
    const scraped = file(released, "tracks-monitoring-prometheus", "prometheus.yml");
    for (const colour of ["blue", "green"]) assert.match(scraped, new RegExp(`job_name: rest-api-${colour}\\n`));
    assert.doesNotMatch(scraped, /job_name: rest-api\n/);
    const scaled = await dockerDeployed({
      target: "docker",
      systems: '["finai-nexus"]',
      backups: "false",
      releases: JSON.stringify({ "finai-nexus": { backend: { live: "green", blue: API, green: NEXT } } }),
    });
    assert.equal(scaled.result.autoscaling["finai-nexus/backend"]?.part, "backend-green");
    assert.equal(scaled.result.autoscaling["finai-nexus/frontend"]?.part, undefined);
  });

  it("counts both colours and the switches in what the host must have", () => {
    const memory = ({ containers }: typeof plain) => containers.reduce((sum, each) => sum + each.memory, 0) / 1024;
    const more = released.result.demand.memoryGiB - plain.result.demand.memoryGiB;
    assert.ok(Math.abs(more - (memory(released) - memory(plain))) < 0.02, String(more));
    assert.ok(more > 0.5 && more < 0.75, String(more));
  });
});
