import assert from "node:assert/strict";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";

const GOOD = `
source: { store: esc, scope: acme/platform/prod }
stores: { esc: { kind: pulumi-esc, url: https://api.example }, aws: { kind: aws-secrets-manager } }
defaults: { risk: high, rotateAfterDays: 30, minimumLength: 20, owners: [platform] }
secrets:
  database:
    property: database.password
    places: [{ store: aws, scope: us-west-2, name: prod/database }]
  api:
    property: api.key
    risk: low
    rotateAfterDays: 7
    minimumLength: 8
    owners: [team-api]
    places: [{ store: aws, scope: us-west-2, name: prod/api }]
managed: [{ store: aws, scope: us-west-2, except: ["legacy/*"] }]
`;
const parse = (text: string) => parseMapping(text, "secrets.yaml");
const refuses = (before: string, after: string, message: string) => {
  assert.ok(GOOD.includes(before), before);
  assert.throws(
    () => parse(GOOD.replace(before, after)),
    (error) => error instanceof InvalidMapping && error.message === message,
  );
};

describe("the mapping of secrets", () => {
  it("says what belongs where, with defaults for what is not said", () => {
    const { source, stores, secrets, managed } = parse(GOOD);
    assert.deepEqual(source, { store: "esc", scope: "acme/platform/prod" });
    assert.deepEqual(stores[0], { name: "esc", kind: "pulumi-esc", options: { url: "https://api.example" } });
    const [database, api] = secrets;
    assert.deepEqual(database, {
      ...{ id: "database", property: "database.password", risk: "high", rotateAfterDays: 30, minimumLength: 20 },
      ...{ owners: ["platform"], places: [{ store: "aws", scope: "us-west-2", name: "prod/database" }] },
    });
    assert.deepEqual([api?.risk, api?.rotateAfterDays, api?.minimumLength, api?.owners], ["low", 7, 8, ["team-api"]]);
    assert.deepEqual(managed, [{ store: "aws", scope: "us-west-2", except: ["legacy/*"] }]);
  });

  it("takes a secret for one of medium risk that need not be rotated, where nothing is said", () => {
    const [database] = parse(GOOD.replace(/defaults:.*/, "")).secrets;
    assert.deepEqual([database?.risk, database?.rotateAfterDays, database?.minimumLength], ["medium", undefined, 12]);
  });

  it("refuses what it cannot use, in one sentence", () => {
    refuses("risk: low", "risk: none", `secrets.yaml has secrets.api.risk as "none": write one of low, medium, high`);
    refuses(
      "rotateAfterDays: 7",
      "rotateAfterDays: 0",
      "secrets.yaml has secrets.api.rotateAfterDays as 0: write a whole number above 0",
    );
    refuses(
      "property: api.key",
      "property: ''",
      `secrets.yaml has secrets.api.property as "": write a text that is not empty`,
    );
    refuses(
      "managed: [{ store: aws",
      "managed: [{ store: gcp",
      `secrets.yaml has managed[0].store as "gcp": write one of esc, aws`,
    );
    refuses(
      "owners: [team-api]",
      "owner: team-api",
      "secrets.yaml has the unknown key secrets.api.owner: write one of property, places, risk, rotateAfterDays, minimumLength, owners",
    );
    refuses(
      "source:",
      "sources:",
      "secrets.yaml has the unknown key sources: write one of source, stores, defaults, secrets, managed, monitor, healing, approvers, approvals, exposure, alerts",
    );
    refuses(
      "name: prod/api",
      "name: prod/database",
      `secrets.yaml has secrets.api.places as "aws us-west-2 prod/database": leave it to database, which has that place already`,
    );
    refuses(
      "scope: us-west-2, name: prod/api",
      "scope: us-west-2",
      "secrets.yaml has secrets.api.places[0].name as nothing: write a text that is not empty",
    );
    refuses(
      "store: aws, scope: us-west-2, name: prod/api",
      "store: esc, scope: acme/platform/prod, name: x",
      `secrets.yaml has secrets.api.places as "esc acme/platform/prod x": leave it out: it is in the source itself`,
    );
    refuses(
      "places: [{ store: aws, scope: us-west-2, name: prod/api }]",
      "places: []",
      "secrets.yaml has secrets.api.places as []: name at least one place, or leave the secret out",
    );
  });

  it("refuses the names under which the checker keeps its own data, which somebody would overwrite", () => {
    const own = [
      "groundwork-fingerprint-key",
      "groundwork-records",
      "groundwork-overwritten-api-2026",
      "prod/groundwork-records",
    ];
    for (const name of [...own, '["groundwork-records"]']) {
      const why = `as ${JSON.stringify(name)}: write another one, for the checker keeps its own data there`;
      refuses("property: api.key", `property: '${name}'`, `secrets.yaml has secrets.api.property ${why}`);
      refuses("name: prod/api", `name: '${name}'`, `secrets.yaml has secrets.api.places[0].name ${why}`);
    }
    parse(GOOD.replace("name: prod/api", "name: groundwork-recordsets"));
  });

  it("says how often the monitor looks and what it may mend: every 5 minutes, and nothing, where it is not said", () => {
    const { monitor, healing } = parse(GOOD);
    assert.deepEqual([monitor, healing], [{ everyMinutes: 5, jitterPercent: 10 }, { mode: "propose" }]);
    const own = parse(`${GOOD}monitor: { everyMinutes: 0.5, jitterPercent: 0 }\nhealing: { mode: apply }\n`);
    assert.deepEqual([own.monitor, own.healing], [{ everyMinutes: 0.5, jitterPercent: 0 }, { mode: "apply" }]);
    for (const [key, message] of [
      ["monitor: { everyMinutes: 0 }", "monitor.everyMinutes as 0: write a number of minutes from 0.1 to 1440"],
      ["monitor: { everyMinutes: 5m }", `monitor.everyMinutes as "5m": write a number of minutes from 0.1 to 1440`],
      ["monitor: { jitterPercent: 80 }", "monitor.jitterPercent as 80: write a number from 0 to 50"],
      ["monitor: { jitterPercent: .nan }", "monitor.jitterPercent as null: write a number from 0 to 50"],
      ["healing: { mode: on }", `healing.mode as "on": write one of off, propose, apply`],
      ["healing: apply", `healing as "apply": write keys with values below it`],
    ])
      assert.throws(() => parse(`${GOOD}${key}\n`), { name: "InvalidMapping", message: `secrets.yaml has ${message}` });
  });

  it("refuses what is no mapping at all", () => {
    const message = (text: string) => {
      try {
        parse(text);
      } catch (error) {
        assert.ok(error instanceof InvalidMapping);
        return error.message;
      }
      return assert.fail(text);
    };
    assert.equal(message("a: [1"), "secrets.yaml is not valid YAML at line 1: correct that line");
    assert.equal(message("- a"), "secrets.yaml holds no keys: write source, stores and secrets");
    assert.equal(message(""), "secrets.yaml holds no keys: write source, stores and secrets");
    const aliases = "secrets.yaml has an alias (*) without an anchor (&), or far too many: write the values themselves";
    assert.equal(message("source: *nothing"), aliases);
    const bomb = [
      "a: &a [x, x, x, x, x, x, x, x, x, x]",
      ..."bcdef".split("").map((name, index) => {
        const before = "abcde"[index] ?? "";
        return `${name}: &${name} [${Array.from({ length: 10 }, () => `*${before}`).join(", ")}]`;
      }),
    ];
    assert.equal(message(bomb.join("\n")), aliases);
    assert.match(message("stores: {}"), /stores as \{\}: name at least one store/);
  });
});
