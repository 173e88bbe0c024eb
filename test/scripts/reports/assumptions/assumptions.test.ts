import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { stringify } from "yaml";
import { BadInput } from "@groundwork/lib/errors";
import { readAssumptions } from "../../../../scripts/reports/assumptions/index.ts";
import { groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const NOTHING = { stack: "prod", demand: {}, growth: {}, model: {}, usage: {} };

describe("capacity.yaml", () => {
  it("is not needed: nothing is stated", () => {
    assert.deepEqual(readAssumptions(temporaryFolder(), "prod"), NOTHING);
    assert.deepEqual(readAssumptions(temporaryFolder({ "capacity.yaml": "" }), "prod"), NOTHING);
    assert.deepEqual(
      readAssumptions(temporaryFolder({ "capacity.yaml": "dev:\n  growth: { default: 5 }\n" }), "prod"),
      NOTHING,
    );
    assert.deepEqual(readAssumptions(temporaryFolder({ "capacity.yaml": "prod:\n" }), "prod"), NOTHING);
  });

  it("is read by stack", () => {
    const text = `
      prod:
        demand:
          shop: { users: 10000, requestsPerUserPerMinute: 3, tracksPerHour: 20000, storageGiB: 40, storageGrowthGiB: 5 }
          api: { requestsPerSecond: 400 }
        growth: { default: 5, shop: -2.5 }
        model:
          shop:
            web: { role: api, serviceSeconds: 0.045, cpuSeconds: 0.004, concurrency: 32, utilisation: 0.6, share: 2 }
          default:
            database: { writeShare: 0.5, connections: 20, threads: 2, delaySeconds: 0 }
        host: { cpus: 4, memoryGiB: 16 }
        usage:
          shop: { natGb: 200 }
    `;
    assert.deepEqual(readAssumptions(temporaryFolder({ "capacity.yaml": text }), "prod"), {
      stack: "prod",
      demand: {
        shop: {
          users: 10_000,
          requestsPerUserPerMinute: 3,
          tracksPerHour: 20_000,
          storageGiB: 40,
          storageGrowthGiB: 5,
        },
        api: { requestsPerSecond: 400 },
      },
      growth: { default: 5, shop: -2.5 },
      model: {
        shop: {
          web: { role: "api", serviceSeconds: 0.045, cpuSeconds: 0.004, concurrency: 32, utilisation: 0.6, share: 2 },
        },
        default: { database: { writeShare: 0.5, connections: 20, threads: 2, delaySeconds: 0 } },
      },
      host: { cpus: 4, memoryGiB: 16 },
      usage: { shop: { natGb: 200 } },
    });
  });

  const refused: readonly (readonly [what: string, section: object, ...named: (string | RegExp)[]])[] = [
    ["an unknown section", { demands: {} }, "prod has no key demands", 'did you mean "demand"'],
    ["an unknown kind of demand", { demand: { shop: { user: 5 } } }, "prod.demand.shop has no key user", '"users"'],
    [
      "a demand that is no number",
      { demand: { shop: { users: "many" } } },
      'prod.demand.shop.users is "many"',
      "such as 10000",
    ],
    ["a demand below nothing", { demand: { shop: { users: -1 } } }, "prod.demand.shop.users is -1", "from 0"],
    ["a system that is no object", { demand: { shop: 400 } }, "prod.demand.shop is 400", "requestsPerSecond"],
    [
      "two demands that say the same",
      { demand: { shop: { users: 5, requestsPerSecond: 5 } } },
      "prod.demand.shop",
      "write one of them",
    ],
    ["a growth that is no number", { growth: { shop: "5 %" } }, 'prod.growth.shop is "5 %"', "such as 5"],
    ["a growth with zeros too many", { growth: { shop: 5000 } }, "prod.growth.shop is 5000", "from -50 to 2000"],
    [
      "a utilisation above the whole",
      { model: { shop: { web: { utilisation: 70 } } } },
      "prod.model.shop.web.utilisation is 70",
      "above 0 to 1",
    ],
    ["an unknown figure", { model: { shop: { web: { cpu: 1 } } } }, "prod.model.shop.web has no key cpu"],
    [
      "a role that is none",
      { model: { shop: { web: { role: "http" } } } },
      'prod.model.shop.web.role is "http"',
      "api, source, worker, none",
    ],
    ["half a host", { host: { cpus: 4 } }, "prod.host has no memoryGiB", "memoryGiB: 16"],
    ["a usage that nobody knows", { usage: { shop: { natGB: 5 } } }, "natGB", '"natGb"'],
  ];
  for (const [what, section, ...named] of refused) {
    it(`refuses ${what}`, async () => {
      const folder = temporaryFolder({ "capacity.yaml": stringify({ prod: section }) });
      await assertBadInput(() => readAssumptions(folder, "prod"), "capacity.yaml", ...named);
    });
  }

  it("refuses what is no YAML, with its line", async () => {
    const folder = temporaryFolder({ "capacity.yaml": "prod:\n  demand: [\n" });
    await assertBadInput(() => readAssumptions(folder, "prod"), "capacity.yaml is not valid YAML at line", folder);
  });

  it("is read or refused in one sentence, whatever is in it", () => {
    const folder = temporaryFolder();
    const sections = fc.dictionary(fc.constantFrom("demand", "growth", "model", "host", "usage"), fc.jsonValue());
    fc.assert(
      fc.property(sections, (section) => {
        writeFileSync(join(folder, "capacity.yaml"), stringify({ prod: section }));
        try {
          readAssumptions(folder, "prod");
        } catch (error) {
          assert.ok(error instanceof BadInput && !error.message.includes("\n"), String(error));
        }
      }),
      { numRuns: 50 },
    );
  });

  describe("our own", () => {
    it("states a demand of each system that a stack has, which it grows", () => {
      const prod = readAssumptions(groundworkRoot, "prod");
      assert.deepEqual(Object.keys(prod.demand).sort(), ["finai-nexus", "flowx", "sophia", "tracks", "web-platform"]);
      // what systems.md asks for
      assert.equal(prod.demand["finai-nexus"]?.users, 10_000);
      assert.equal(prod.demand["web-platform"]?.users, 10_000);
      assert.equal(prod.demand["tracks"]?.tracksPerHour, 20_000);
      assert.deepEqual(Object.keys(readAssumptions(groundworkRoot, "swarm").demand), ["sophia"]);
      assert.equal(readAssumptions(groundworkRoot, "dev").host?.memoryGiB, 16);
    });
  });
});
