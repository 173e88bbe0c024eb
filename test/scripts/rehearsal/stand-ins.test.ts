import assert from "node:assert/strict";
import { describe, it } from "mocha";
import fc from "fast-check";
import { parseDocument } from "yaml";
import type { Project } from "../../../scripts/rehearsal/project.ts";
import { pathParts, prepareStackFile } from "../../../scripts/rehearsal/stand-ins.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const project: Project = {
  root: "/nowhere",
  name: "groundwork",
  stacks: ["prod"],
  defaults: {},
  dependencies: [],
  declared: [
    { key: "domain", type: "string", secret: false, hasDefault: false },
    { key: "size", type: "string", secret: false, hasDefault: true },
    { key: "workers", type: "integer", secret: false, hasDefault: false },
    { key: "token", type: "string", secret: true, hasDefault: false },
  ],
};

describe("stand-ins of a stack file", () => {
  it("takes an empty file for a stack of defaults", () => {
    const document = parseDocument("# nothing yet\n");
    assert.deepEqual(prepareStackFile(document, project, "key"), { standIns: [], secrets: {} });
  });

  it("replaces each placeholder by a value of the right form and lists it", () => {
    const document = parseDocument(
      'config:\n  groundwork:domain: <domain>\n  groundwork:awsAccountId: <aws-account-id>\n  groundwork:dns:\n    zone: ["<cloudflare-zone-id>"]\n',
    );
    const { standIns } = prepareStackFile(document, project, "key");
    const config = (document.toJS() as { config: Record<string, unknown> }).config;
    assert.equal(config["groundwork:domain"], "example.com");
    assert.match(String(config["groundwork:awsAccountId"]), /^\d{12}$/);
    assert.match((config["groundwork:dns"] as { zone: string[] }).zone[0] ?? "", /^[0-9a-f]{32}$/);
    assert.deepEqual(
      standIns.map(({ key, kind }) => [key, kind]),
      [
        ["groundwork:domain", "placeholder"],
        ["groundwork:awsAccountId", "placeholder"],
        ["groundwork:dns.zone[0]", "placeholder"],
      ],
    );
  });

  it("refuses a placeholder that it knows no value for", () =>
    assertBadInput(
      () => prepareStackFile(parseDocument("config:\n  groundwork:domain: <your-own>\n"), project, "key"),
      "groundwork:domain",
      "<your-own>",
      "<domain>",
    ));

  it("takes the owner's secrets out and gives the same typed secret for them at each run", () => {
    const text =
      "encryptionsalt: v1:abc\nconfig:\n  groundwork:workers:\n    secure: v1:xyz\n  other:key:\n    secure: v1:zyx\n";
    const first = parseDocument(text);
    const prepared = prepareStackFile(first, project, "key");
    assert.doesNotMatch(first.toString(), /secure|v1:|encryptionsalt/);
    assert.equal(prepared.secrets["groundwork:workers"], "1");
    assert.match(prepared.secrets["other:key"] ?? "", /^stand-in-/);
    assert.deepEqual(prepared.secrets, prepareStackFile(parseDocument(text), project, "key").secrets);
    assert.notDeepEqual(prepared.secrets, prepareStackFile(parseDocument(text), project, "another").secrets);
  });

  it("gives what is called an address a value that is one", () => {
    const prepared = prepareStackFile(
      parseDocument("config:\n  groundwork:webhookUrl:\n    secure: v1:x\n"),
      project,
      "key",
    );
    assert.equal(URL.parse(prepared.secrets["groundwork:webhookUrl"] ?? "")?.host, "example.com");
  });

  it("stands in for an ESC environment with every declared key that has no other value", () => {
    const document = parseDocument("environment: [team/prod]\nconfig:\n  groundwork:domain: a.example\n");
    const { standIns, secrets } = prepareStackFile(document, project, "key");
    assert.equal(document.has("environment"), false);
    assert.deepEqual(
      standIns.map(({ key, kind, type }) => `${key} ${kind} ${type}`),
      ["groundwork:workers environment integer", "groundwork:token environment string"],
    );
    assert.deepEqual(Object.keys(secrets), ["groundwork:token"]);
    assert.equal(document.getIn(["config", "groundwork:workers"]), 1);
  });

  it("splits a config path into the keys that it was joined from", () =>
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.stringMatching(/^[a-z][a-z0-9:-]{0,8}$/), fc.nat(99)), { minLength: 1 }),
        (parts) => {
          const path = parts.map((part, at) =>
            typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${part}`,
          );
          assert.deepEqual(pathParts(path.join("")), parts);
        },
      ),
    ));
});
