import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mock } from "node:test";
import { inspect } from "node:util";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import type { Asked } from "../../../components/secret-drift/checker/store.ts";
import { GithubStore } from "../../../components/secret-drift/checker/stores/github.ts";
import { openStores } from "../../../components/secret-drift/checker/stores/index.ts";
import { type FakeGithub, fakeGithub } from "./servers/github-server.ts";

const VARIABLE = "GITHUB_TEST_APP_KEY";
const APP = "123456";
const SCOPE = "repo:acme/shop";
const MINUTE = 60_000;
const keys = () =>
  generateKeyPairSync("rsa", {
    modulusLength: 2_048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });

function ok<T>(asked: Asked<T>): T {
  assert.ok(asked.ok, asked.ok ? "" : asked.problem.message);
  return asked.value;
}

describe("a GitHub App", function () {
  this.timeout(60_000);
  const { publicKey, privateKey } = keys();
  let github: FakeGithub;
  let store: GithubStore;
  // octokit shares what is under way by this number
  let installation = 7_000;
  const asked = (route: RegExp) => github.asked.filter(({ method, path }) => route.test(`${method} ${path}`)).length;
  const tokens = () => asked(/^POST \/app\/installations\/\d+\/access_tokens$/);
  const open = (app: object = {}) =>
    new GithubStore({
      ...{ name: "github", url: github.url, pointsPerMinute: 1_000_000, pause: 10 },
      app: { appId: APP, installationId: installation, privateKeyVariable: VARIABLE, ...app },
    });
  beforeEach(async () => {
    process.env[VARIABLE] = privateKey;
    github = await fakeGithub();
    github.add(SCOPE);
    github.clock = Math.floor(Date.now() / 1_000);
    github.app = { id: APP, installation: ++installation, publicKey };
    store = open();
  });
  after(() => Reflect.deleteProperty(process.env, VARIABLE));
  afterEach(() => mock.timers.reset());

  it("gets one token for all that it asks at the same time and later, and writes with it", async () => {
    const lists = await Promise.all(Array.from({ length: 8 }, () => store.list(SCOPE)));
    for (const each of lists) assert.deepEqual(ok(each), []);
    ok(await store.write(SCOPE, "KEY", new SecretValue("canary-value")));
    assert.equal(github.get(SCOPE, "KEY")?.value, "canary-value");
    assert.equal(tokens(), 1);
    const [token = ""] = github.tokens.keys();
    const used = github.asked.filter(({ path }) => path.startsWith("/repos/"));
    assert.ok(used.every(({ headers }) => headers.authorization === `Bearer ${token}`));
    for (const secret of [token, privateKey.slice(40, 80)])
      assert.ok(!inspect(store, { depth: 20, showHidden: true }).includes(secret));
  });

  it("renews its token before it ends", async () => {
    mock.timers.enable({ apis: ["Date"], now: Date.now() });
    ok(await store.list(SCOPE));
    for (const [minutes, expected] of [
      [58, 1],
      [1, 2],
      [58, 2],
      [2, 3],
    ] as const) {
      mock.timers.tick(minutes * MINUTE);
      github.clock += minutes * 60;
      ok(await store.list(SCOPE));
      assert.equal(tokens(), expected, `after ${minutes} more minutes`);
    }
    assert.equal(asked(/^GET /), 5, "none was refused");
  });

  it("takes another token when GitHub does not take this one any more, once for all requests", async () => {
    ok(await store.list(SCOPE));
    mock.method(
      performance,
      "now",
      (
        (now) => () =>
          now() + 10_000
      )(performance.now.bind(performance)),
    );
    github.tokens.clear();
    for (const each of await Promise.all([1, 2, 3, 4].map(() => store.list(SCOPE)))) ok(each);
    mock.restoreAll();
    assert.equal(tokens(), 2);
  });

  it("waits for a new token to be known everywhere at GitHub", async () => {
    github.meanwhile = ({ path }) => {
      if (!path.startsWith("/repos/")) return;
      github.trouble = { status: 401, times: 1 };
      github.meanwhile = undefined;
    };
    const first = await store.list(SCOPE);
    assert.ok(first.ok);
    const second = await store.list(SCOPE);
    ok(second);
    assert.equal(tokens(), 1);
  });

  it("ends where GitHub takes no token of it at all", async () => {
    github.meanwhile = () => github.tokens.clear();
    const answer = await store.list(SCOPE);
    assert.equal(!answer.ok && answer.problem.kind, "unauthorized");
    assert.ok(asked(/^GET /) <= 2);
  });

  for (const [title, hours] of [
    ["behind", 24],
    ["ahead of", -24],
  ] as const) {
    it(`signs by GitHub's clock when ours is a day ${title} it`, async () => {
      github.clock += hours * 3_600;
      ok(await store.list(SCOPE));
      assert.equal(tokens(), 2, "the first one was refused");
    });
  }

  it("says what is wrong with its key or its numbers, and shows none of it", async () => {
    const withKey = (key: string): GithubStore => {
      process.env[VARIABLE] = key;
      return open();
    };
    const wrong: readonly (readonly [() => GithubStore, RegExp])[] = [
      [
        () => open({ privateKeyVariable: "GITHUB_TEST_NO_KEY" }),
        /^the environment variable GITHUB_TEST_NO_KEY has no private key$/,
      ],
      [() => withKey("canary-no-key"), /GITHUB_TEST_APP_KEY has no private key in PEM$/],
      [
        () => withKey(keys().privateKey),
        /gives the app 123456 no token for the installation \d+ \(HTTP 401\): its key or one of the numbers is wrong/,
      ],
      [() => open({ installationId: 1 }), /no token for the installation 1 \(HTTP 404\)/],
      [() => open({ appId: "9" }), /gives the app 9 no token/],
    ];
    for (const [make, message] of wrong) {
      const answer = await make().list(SCOPE);
      assert.equal(!answer.ok && answer.problem.kind, "unauthorized");
      assert.match(answer.ok ? "" : answer.problem.message, message);
      assert.ok(!JSON.stringify(answer).includes("canary"));
      process.env[VARIABLE] = privateKey;
    }
    github.trouble = { status: 503, body: "canary" };
    const answer = await store.list(SCOPE);
    assert.equal(!answer.ok && answer.problem.kind, "unavailable");
    assert.ok(!JSON.stringify(answer).includes("canary"));
  });

  it("takes its key on one line, too, as it stands in a file of variables", async () => {
    process.env[VARIABLE] = privateKey.replaceAll("\n", "\\n");
    ok(await store.list(SCOPE));
  });

  it("is named in a mapping by its numbers", async () => {
    const opened = (options: string, rest = "") =>
      openStores(
        parseMapping(
          `source: { store: truth, scope: us-west-2 }\nstores: { truth: { kind: aws-ssm }, hub: { kind: github, ${options} } }\nsecrets: { ${rest} }\n`,
          "secrets.yaml",
        ),
        "secrets.yaml",
      );
    assert.ok((await opened("appId: 1, installationId: 2")).get("hub") instanceof GithubStore);
    assert.ok((await opened("appId: Iv23abc, installationId: 2, privateKeyVariable: KEY")).get("hub"));
    const wrong: readonly (readonly [string, RegExp])[] = [
      ["appId: 1", /has stores\.hub\.installationId as nothing: write the number at the end/],
      ["installationId: 2", /has stores\.hub\.appId as nothing: write a text/],
      ["appId: 1, installationId: two", /has stores\.hub\.installationId as "two": write the number/],
      ["appId: 1, installationId: 2, tokenVariable: X", /has stores\.hub\.tokenVariable beside an app's keys/],
      ["appId: 1, installationId: 2, privateKey: X", /unknown key stores\.hub\.privateKey/],
    ];
    for (const [options, message] of wrong)
      await assert.rejects(opened(options), (error) => error instanceof InvalidMapping && message.test(error.message));
  });
});

describe("names that a store cannot have", () => {
  const open = (kind: string, scope: string, name: string, property = "a.b") =>
    openStores(
      parseMapping(
        `
source: { store: truth, scope: acme/shop/prod }
stores: { truth: { kind: pulumi-esc }, there: { kind: ${kind} } }
secrets: { key: { property: ${JSON.stringify(property)}, places: [{ store: there, scope: ${JSON.stringify(scope)}, name: ${JSON.stringify(name)} }] } }
`,
        "secrets.yaml",
      ),
      "secrets.yaml",
    );
  const names: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ["github", "org:acme", ["KEY", "_KEY_2"], ["key", "2KEY", "GITHUB_KEY", "A-B"]],
    ["kubernetes", "shop", ["database#password", "a.b#tls.crt"], ["database", "Database#x", "a#b/c", "#x"]],
    ["aws-secrets-manager", "us-west-2", ["prod/db", "a+b=c.d@e-f_g"], ["a b", "a:b", "x".repeat(513)]],
    [
      "aws-ssm",
      "us-west-2",
      ["database", "/prod/database", `${"/a".repeat(15)}`],
      ["prod/database", "/prod/", "a b", "aws.key", "/ssm/key", "/", "/a".repeat(16)],
    ],
  ];
  for (const [kind, scope, right, wrong] of names) {
    it(`are refused when the mapping is read: ${kind}`, async () => {
      for (const name of right) await open(kind, scope, name);
      for (const name of wrong)
        await assert.rejects(
          open(kind, scope, name),
          (error) =>
            error instanceof InvalidMapping &&
            error.message.startsWith(`secrets.yaml has secrets.key.places[0].name as ${JSON.stringify(name)}, which`) &&
            / the store there cannot have: write /.test(error.message),
          name,
        );
    });
  }

  it("are refused of the source, too", async () => {
    await assert.rejects(
      open("github", "org:acme", "KEY", "a..b"),
      /has secrets\.key\.property as "a\.\.b", which the store truth cannot have: write a property path/,
    );
  });
});
