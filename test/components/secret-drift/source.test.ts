import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { openStores } from "../../../components/secret-drift/checker/stores/index.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const open = (kind: string, scope: string) =>
  openStores(
    parseMapping(`source: { store: s, scope: "${scope}" }\nstores: { s: { kind: ${kind} } }\nsecrets: {}\n`, "m.yaml"),
    "m.yaml",
  );

describe("the store of the source", () => {
  it("is one whose values can be read, and that can keep the key of the fingerprints", async () => {
    const instead = "write a store of the kind file, aws-secrets-manager, aws-ssm or pulumi-esc";
    const refuses = async (kind: string, scope: string, why: string) =>
      assert.rejects(
        open(kind, scope),
        (error) =>
          error instanceof InvalidMapping && error.message === `m.yaml has source.store as "s", ${why}: ${instead}`,
      );
    await refuses("github", "org:acme", "which never gives a value back");
    const key = "which cannot keep groundwork-fingerprint-key, with which values are compared";
    await refuses("kubernetes", "team", key);
    for (const [kind, scope] of [
      ["pulumi-esc", "a/b/c"],
      ["aws-ssm", "us-west-2:prod/"],
      ["aws-secrets-manager", "us-west-2"],
    ] as const)
      assert.equal((await open(kind, scope)).size, 1);
  });
});

describe("one place under two names", () => {
  const places = (...spelled: readonly string[]) =>
    parseMapping(
      `source: { store: f, scope: s.age }
stores:
  f: { kind: file, identityFile: i }
  g: { kind: file, identityFile: i }
  a: { kind: aws-ssm }
  b: { kind: aws-ssm }
  far: { kind: aws-ssm, endpoint: "http://127.0.0.1:1" }
  hub: { kind: github }
secrets:
${spelled.map((place, index) => `  s${index}: { property: p${index}, places: [${place}] }`).join("\n")}
`,
      "m.yaml",
    );

  const ssm = (store: string, scope: string) => `{ store: ${store}, scope: "${scope}", name: /prod/A }`;
  const file = (store: string, scope: string) => `{ store: ${store}, scope: ${scope}, name: A }`;
  const hub = (scope: string, name: string) => `{ store: hub, scope: "${scope}", name: ${name} }`;

  for (const [one, other] of [
    [file("f", "z.age"), file("f", "./z.age")],
    [file("f", "z.age"), file("g", "z.age")],
    [ssm("a", "us-west-2"), ssm("b", "us-west-2:/prod/")],
    [hub("repo:acme/shop", "A"), hub("repo:Acme/Shop", "A")],
  ] as const)
    it(`is refused: ${other}`, () => {
      assert.throws(
        () => places(one, other),
        /m\.yaml has secrets\.s1\.places as .*: leave it to s0, which has that place/,
      );
    });

  it("is refused where it is the source", () => {
    assert.throws(() => places(file("g", "./s.age")), /s0\.places as .*: leave it out: it is in the source itself/);
  });

  it("is two where the service, the region or the name is another", () => {
    const { secrets } = places(
      ssm("a", "us-west-2"),
      ssm("a", "us-east-1"),
      ssm("far", "us-west-2"),
      hub("org:acme", "A"),
    );
    assert.equal(secrets.length, 4);
  });
});

describe("the folder of the history", () => {
  it("is made with its parents, and refused where none can be made", async () => {
    const folder = temporaryFolder({
      "m.yaml": "source: { store: s, scope: x }\nstores: { s: { kind: file, identityFile: i } }\nsecrets: {}\n",
    });
    const mapping = join(folder, "m.yaml");
    const opened = (history: string) => Checker.open({ mapping, history });
    (await opened(join(folder, "a/b/history.db"))).close();
    assert.ok(existsSync(join(folder, "a/b/history.db")));
    await assert.rejects(
      opened("/proc/x/y/history.db"),
      (error) =>
        error instanceof InvalidMapping &&
        /^the folder \/proc\/x of the history cannot be made \(E\w+\): name another file/.test(error.message),
    );
  });
});
