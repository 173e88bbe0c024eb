import assert from "node:assert/strict";
import { inspect } from "node:util";
import { parse } from "yaml";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { type Asked, MISSING, type ProblemKind } from "../../../components/secret-drift/checker/store.ts";
import { formatPath, parsePath } from "../../../components/secret-drift/checker/stores/esc-definition.ts";
import { openStores } from "../../../components/secret-drift/checker/stores/index.ts";
import { PulumiEscStore } from "../../../components/secret-drift/checker/stores/pulumi-esc.ts";
import { type FakeEsc, fakeEsc } from "./servers/esc-server.ts";
import { describeStore } from "./store-contract.ts";

const VARIABLE = "GROUNDWORK_TEST_ESC_TOKEN";
const TOKEN = "pul-canary-of-the-credential";
const SCOPE = "acme/shop/prod";
const CANARY = "canary$value/with+odd=characters";

const opened = (url: string, timeout?: number) =>
  new PulumiEscStore({ name: "esc", url, tokenVariable: VARIABLE, ...(timeout !== undefined && { timeout }) });

function kindOf(asked: Asked<unknown> | undefined): ProblemKind | "ok" | undefined {
  return asked?.ok === true ? "ok" : asked?.problem.kind;
}

function assertHidden(...shown: unknown[]): void {
  const text = inspect(shown, { depth: 20, showHidden: true }) + JSON.stringify(shown);
  for (const secret of [TOKEN, CANARY, "canary"])
    for (const form of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)])
      assert.ok(!text.includes(form), text);
}

const WRITTEN = `# who may do what is in the handbook
imports:
- base # first
values:
  region: us-west-2 # plain
  database:
    # rotated every spring
    password:
      fn::secret: canary-old
    "odd.key": { fn::secret: canary-odd }
  aws:
    login:
      fn::open::aws-login: { oidc: { roleArn: { fn::secret: canary-argument } } }
  hosts:
  - fn::secret: canary-first
  - plain
  computed: \${region}-a
`;

describe("property paths of Pulumi ESC", () => {
  it("are read and written with dots, and with brackets where a key needs them", () => {
    const paths: readonly (readonly [string, readonly (string | number)[]])[] = [
      ["root", ["root"]],
      ["root.nested-key_1", ["root", "nested-key_1"]],
      ["groundwork-overwritten-aws-prod_db", ["groundwork-overwritten-aws-prod_db"]],
      ["root.list[0][1].key", ["root", "list", 0, 1, "key"]],
      ['root["a.b"]["1st"].c', ["root", "a.b", "1st", "c"]],
      ['["top.level"]', ["top.level"]],
      ['a["quote\\" and \\\\"]', ["a", 'quote" and \\']],
      ["ключ.значение", ["ключ", "значение"]],
    ];
    for (const [text, path] of paths) {
      assert.deepEqual(parsePath(text), path, text);
      assert.equal(formatPath(path), text);
    }
    assert.deepEqual(parsePath('root["plain"]'), ["root", "plain"]);
    for (const wrong of ["", ".", "a.", ".a", "a..b", "a[", "a[b]", 'a["b]', " a", "1st", "a[-1]"])
      assert.equal(parsePath(wrong), undefined, wrong);
  });
});

describe("Pulumi ESC", function () {
  this.timeout(60_000);
  let esc: FakeEsc;
  let store: PulumiEscStore;
  before(async () => {
    process.env[VARIABLE] = TOKEN;
    esc = await fakeEsc();
    store = opened(esc.url);
  });
  after(() => Reflect.deleteProperty(process.env, VARIABLE));
  beforeEach(() => {
    esc.edit("acme/shop/base", "values: { shared: { token: { fn::secret: canary-shared } } }\n");
    esc.edit(SCOPE, WRITTEN);
  });

  describeStore(async () => {
    const server = await fakeEsc();
    server.edit(SCOPE, "values: {}\n");
    const own = () => server.values(SCOPE) as Record<string, string>;
    return {
      ...{ store: opened(server.url), scope: SCOPE, server },
      held: (name) => own()[name],
      put: (name, value) => {
        const secrets = Object.entries({ ...own(), [name]: value }).map(([key, each]) => [key, { "fn::secret": each }]);
        server.edit(SCOPE, JSON.stringify({ values: Object.fromEntries(secrets) as unknown }));
      },
    };
  });

  it("lists the environment's own secrets by their paths, with its revision and when that was made", async () => {
    const first = await store.list(SCOPE);
    assert.ok(first.ok);
    assert.deepEqual(
      first.value.map(({ name }) => name),
      ["database.password", 'database["odd.key"]', "hosts[0]"],
    );
    esc.edit(SCOPE, WRITTEN);
    const second = await store.list(SCOPE);
    assert.ok(second.ok);
    assert.equal(Number(second.value[0]?.version), Number(first.value[0]?.version) + 1);
    assert.ok((second.value[0]?.updatedAt ?? 0) > (first.value[0]?.updatedAt ?? Infinity));
    assert.ok(!esc.asked.some(({ path }) => path.includes("decrypt")), "nothing is decrypted to list it");
  });

  it("opens the environment once for all values, imported ones too", async () => {
    const before = esc.asked.length;
    const names = [
      "database.password",
      'database["odd.key"]',
      "hosts[0]",
      "shared.token",
      "region",
      "not.there",
      "a b",
    ];
    const found = await store.read(SCOPE, [...names, "database"]);
    assert.ok(found.ok);
    const texts = names.map((name) => {
      const answer = found.value.get(name);
      return answer?.ok === true && answer.value !== MISSING ? answer.value.reveal() : answer;
    });
    const missing = { ok: true, value: MISSING };
    assert.deepEqual(texts, [
      ...["canary-old", "canary-odd", "canary-first", "canary-shared", "us-west-2"],
      ...[missing, missing],
    ]);
    assert.equal(kindOf(found.value.get("database")), "rejected");
    const asked = esc.asked.slice(before).map(({ method, path }) => `${method} ${path.replace(/open\/.*/, "open/…")}`);
    const path = `/api/esc/environments/${SCOPE}/open`;
    assert.deepEqual(asked, [`POST ${path}?duration=1m`, `GET ${path}/…`]);
  });

  it("tells what ESC could not compute from what is not there", async () => {
    esc.edit(SCOPE, "values: { aws: UNKNOWN }\n");
    const found = await store.read(SCOPE, ["aws.secretKey"]);
    assert.ok(found.ok);
    assert.equal(kindOf(found.value.get("aws.secretKey")), "unavailable");
  });

  it("sets one property and keeps comments, order, imports and what is encrypted", async () => {
    const before = esc.definition(SCOPE);
    const written = await store.write(SCOPE, "database.password", new SecretValue(CANARY));
    assert.ok(written.ok);
    const added = await store.write(SCOPE, 'services["pay.ments"].key', new SecretValue("123"));
    assert.ok(added.ok);
    assert.equal(Number(added.value.version), Number(written.value.version) + 1);
    const after = esc.definition(SCOPE);
    const withoutSecrets = (text: string) => text.replaceAll(/ciphertext: .*/g, "ciphertext").replaceAll(/\s+/g, " ");
    assert.equal(withoutSecrets(after), `${withoutSecrets(before)}services: pay.ments: key: fn::secret: ciphertext `);
    for (const comment of ["# who may do what", "# first", "# plain", "# rotated every spring"])
      assert.ok(after.includes(comment), comment);
    const [old, now] = [before, after].map((text) => parse(text) as { values: Record<string, unknown> });
    for (const key of ["region", "aws", "hosts", "computed"]) assert.deepEqual(now?.values[key], old?.values[key]);
    const values = esc.values(SCOPE) as { database: object; services: object; shared: object };
    assert.deepEqual(values.database, { password: CANARY, "odd.key": "canary-odd" });
    assert.deepEqual(values.services, { "pay.ments": { key: "123" } });
    const sent = esc.asked.findLast(({ method }) => method === "PATCH");
    assert.ok(!sent?.body.includes("canary"), "other values travel encrypted, as they came");
    assertHidden(written, added);
  });

  it("writes an entry of a list, and over a value that was no secret yet", async () => {
    assert.equal(kindOf(await store.write(SCOPE, "hosts[1]", new SecretValue("second"))), "ok");
    assert.equal(kindOf(await store.write(SCOPE, "region", new SecretValue("yes"))), "ok");
    const { hosts, region } = esc.values(SCOPE) as { hosts: string[]; region: string };
    assert.deepEqual([...hosts, region], ["canary-first", "second", "yes"]);
  });

  const taken = ["database", "aws.login", 'aws.login["fn::open::aws-login"].oidc', "computed", "region.a", "hosts[7]"];
  for (const name of [...taken, "hosts.a", "a[0]", "a..b", ""]) {
    it(`does not overwrite other things: ${name === "" ? "no name" : name}`, async () => {
      const before = esc.definition(SCOPE);
      const written = await store.write(SCOPE, name, new SecretValue(CANARY));
      assert.equal(kindOf(written), "rejected");
      assert.equal(esc.definition(SCOPE), before);
      assertHidden(written);
    });
  }

  it("makes the values of an environment that has none", async () => {
    for (const empty of ["", "# nothing yet\n", "imports: []\n", "values:\n"]) {
      esc.edit(SCOPE, empty);
      assert.equal(kindOf(await store.write(SCOPE, "a.b", new SecretValue("c"))), "ok", empty);
      assert.deepEqual(esc.values(SCOPE), { a: { b: "c" } });
    }
  });

  it("loses nobody's edit that comes in between", async () => {
    esc.hooks.afterRead = () => {
      esc.edit(SCOPE, "values: { somebody: { fn::secret: canary-else } }\n");
    };
    const written = await store.write(SCOPE, "database.password", new SecretValue(CANARY));
    assert.equal(kindOf(written), "conflict");
    assert.deepEqual(esc.values(SCOPE), { somebody: "canary-else" });
    assertHidden(written);
  });

  const refusals: readonly (readonly [number, ProblemKind])[] = [
    ...[[400, "rejected"] as const, [401, "unauthorized"] as const, [403, "forbidden"] as const],
    ...[[404, "no-such-scope"] as const, [409, "conflict"] as const, [412, "conflict"] as const],
    ...[[422, "rejected"] as const, [302, "unavailable"] as const, [500, "unavailable"] as const],
  ];
  for (const [status, kind] of refusals) {
    it(`takes ${status} for ${kind}, whatever the answer says`, async () => {
      esc.trouble = { status, body: JSON.stringify({ code: status, message: CANARY }) };
      const answers = [
        await store.list(SCOPE),
        await store.read(SCOPE, ["database.password"]),
        await store.write(SCOPE, "database.password", new SecretValue(CANARY)),
        await store.health(),
      ];
      esc.trouble = undefined;
      for (const answer of answers) assert.equal(kindOf(answer), kind);
      assertHidden(answers);
    });
  }

  it("knows environments that it may not see, and that are not there", async () => {
    esc.edit("acme/shop/closed", "values: {}\n");
    esc.denied.add("acme/shop/closed");
    assert.equal(kindOf(await store.list("acme/shop/closed")), "forbidden");
    assert.equal(kindOf(await store.list("acme/shop/nowhere")), "no-such-scope");
  });

  it("asks again when it was asked too often, and says for how long it may not", async () => {
    esc.trouble = { times: 2, status: 429, headers: { "retry-after": "0" } };
    assert.equal(kindOf(await store.list(SCOPE)), "ok");
    esc.trouble = { status: 429, headers: { "retry-after": "60" } };
    const before = esc.asked.length;
    const answer = await store.list(SCOPE);
    esc.trouble = undefined;
    assert.equal(esc.asked.length, before + 1);
    assert.equal(kindOf(answer), "rate-limited");
    assert.equal(!answer.ok && answer.problem.retryAfter, 60);
  });

  it("outlives a cut connection when it reads, and writes no second time", async () => {
    esc.trouble = { times: 1, cut: true };
    assert.equal(kindOf(await store.read(SCOPE, ["region"])), "ok");
    esc.hooks.afterRead = () => {
      esc.trouble = { cut: true };
    };
    const written = await store.write(SCOPE, "region", new SecretValue(CANARY));
    esc.trouble = undefined;
    assert.equal(kindOf(written), "unavailable");
    assert.equal(esc.asked.at(-1)?.method, "PATCH");
    assert.notEqual(esc.asked.at(-2)?.method, "PATCH");
    assertHidden(written);
  });

  it("waits for a slow answer only so long", async () => {
    esc.trouble = { delay: 300 };
    assert.equal(kindOf(await opened(esc.url, 50).list(SCOPE)), "unavailable");
    assert.equal(kindOf(await opened(esc.url, 50).health()), "unavailable");
    esc.trouble = { delay: 50 };
    assert.equal(kindOf(await store.list(SCOPE)), "ok");
    esc.trouble = undefined;
  });

  it("says which variable lacks the token, and whether it is taken", async () => {
    assert.equal(kindOf(await store.health()), "ok");
    const without = await new PulumiEscStore({ name: "esc", url: esc.url, tokenVariable: "NOT_SET_ANYWHERE" }).list(
      SCOPE,
    );
    assert.equal(kindOf(without), "unauthorized");
    assert.match(without.ok ? "" : without.problem.message, /NOT_SET_ANYWHERE/);
    process.env[VARIABLE] = "canary of another kind";
    const wrong = [await store.list(SCOPE), await store.health()];
    process.env[VARIABLE] = TOKEN;
    for (const answer of wrong) assert.equal(kindOf(answer), "unauthorized");
    assertHidden(wrong, store);
  });

  it("takes a name in the spelling alone in which it is listed: by another one a place would be missing for ever", async () => {
    const open = (property: string, name: string) =>
      openStores(
        parseMapping(
          `source: { store: esc, scope: ${SCOPE} }
stores: { esc: { kind: pulumi-esc }, there: { kind: pulumi-esc } }
secrets: { one: { property: '${property}', places: [{ store: there, scope: ${SCOPE}-too, name: '${name}' }] } }
`,
          "m",
        ),
        "m",
      );
    await open('keys["a.b"]', "hosts[0].key");
    const where = 'as "database[\\"password\\"]", which the store';
    const instead = "cannot have: write database.password, which names the same";
    await assert.rejects(open('database["password"]', "a"), {
      message: `m has secrets.one.property ${where} esc ${instead}`,
    });
    await assert.rejects(open("a", 'database["password"]'), {
      message: `m has secrets.one.places[0].name ${where} there ${instead}`,
    });
  });

  it("is named in a mapping by its kind, with its options checked", async () => {
    const open = (options: string, scope = SCOPE) =>
      openStores(
        parseMapping(
          `source: { store: esc, scope: ${scope} }\nstores: { esc: { kind: pulumi-esc${options} } }\nsecrets: {}\n`,
          "m",
        ),
        "m",
      );
    assert.ok((await open("")).get("esc") instanceof PulumiEscStore);
    assert.ok(
      (await open(", tokenVariable: ESC_TOKEN, url: 'https://pulumi.example.com/'")).get("esc") instanceof
        PulumiEscStore,
    );
    const wrong: readonly (readonly [string, string, RegExp])[] = [
      ["", "acme/prod", /as a scope of the store esc: write organization\/project\/environment$/],
      [", token: x", SCOPE, /unknown key stores\.esc\.token: write one of url, tokenVariable/],
      [", url: 'http://pulumi.example.com'", SCOPE, /stores\.esc\.url .* write an address that begins with https/],
      [", url: pulumi", SCOPE, /stores\.esc\.url .* write an address that begins with https/],
    ];
    for (const [options, scope, message] of wrong)
      await assert.rejects(
        open(options, scope),
        (error: Error) => error instanceof InvalidMapping && message.test(error.message),
      );
  });
});
