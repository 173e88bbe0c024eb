import assert from "node:assert/strict";
import { Fingerprints } from "../../../components/secret-drift/checker/fingerprint.ts";
import { heal } from "../../../components/secret-drift/checker/healing/healer.ts";
import { propose } from "../../../components/secret-drift/checker/healing/proposal.ts";
import { History } from "../../../components/secret-drift/checker/history.ts";
import { InvalidMapping, parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { checkRound } from "../../../components/secret-drift/checker/round.ts";
import { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import type { Asked, ProblemKind, Store } from "../../../components/secret-drift/checker/store.ts";
import {
  GithubStore,
  type GithubStoreOptions,
  POINTS_PER_MINUTE,
} from "../../../components/secret-drift/checker/stores/github.ts";
import { openStores } from "../../../components/secret-drift/checker/stores/index.ts";
import { MemoryStore } from "./memory-store.ts";
import { type FakeGithub, fakeGithub, refusal } from "./servers/github-server.ts";
import type { Trouble } from "./servers/server.ts";
import { describeStore } from "./store-contract.ts";

const TOKEN_ENV = "GITHUB_TEST_TOKEN";
const TOKEN = "canary-of-the-token";
const CANARY = 'canary/value "with" \n everything+';
const SCOPES = ["org:acme", "repo:acme/shop", "env:acme/shop/eu/production"];
const MINUTE = 60;

function storeAt(github: { readonly url: string }, options: Partial<GithubStoreOptions> = {}): GithubStore {
  return new GithubStore({
    ...{ name: "github", url: github.url, tokenVariable: TOKEN_ENV, pointsPerMinute: 1_000_000, pause: 10 },
    ...options,
  });
}

function ok<T>(asked: Asked<T>): T {
  assert.ok(asked.ok, asked.ok ? "" : asked.problem.message);
  return asked.value;
}

function kindOf(asked: Asked<unknown>): ProblemKind | "ok" {
  return asked.ok ? "ok" : asked.problem.kind;
}

/** As it is, and as it could come out of something that carries it. */
function forms(value: string): string[] {
  const base64 = Buffer.from(value).toString("base64");
  return [value, base64, base64.replace(/=+$/, ""), encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
}

describe("GitHub Actions secrets", function () {
  this.timeout(120_000);
  let github: FakeGithub;
  let store: GithubStore;
  before(() => {
    process.env[TOKEN_ENV] = TOKEN;
  });
  after(() => {
    Reflect.deleteProperty(process.env, TOKEN_ENV);
  });
  beforeEach(async () => {
    github = await fakeGithub();
    for (const scope of SCOPES) github.add(scope);
    store = storeAt(github);
  });

  for (const scope of SCOPES) {
    describe(`of ${scope}`, () => {
      describeStore(async () => {
        const server = await fakeGithub();
        server.add(scope);
        server.page = 3;
        return {
          ...{ store: storeAt(server), scope, server },
          held: (name) => server.get(scope, name)?.value,
          put: (name, value) => server.set(scope, name, value, scope.startsWith("org:") ? { visibility: "all" } : {}),
        };
      });
    });
  }

  describe("scopes", () => {
    it("are an organisation, a repository or an environment", () => {
      const right = [...SCOPES, "repo:a/b.c_d-e", "org:acme_corp", "repo:a/...", "env:a/b/with space"];
      const wrong = ["acme", "org:", "org:acme/shop", "org:-acme", "repo:acme", "repo:acme/..", "repo:acme/shop/x"];
      for (const scope of right) assert.equal(store.wrongScope(scope), undefined, scope);
      for (const scope of [...wrong, "env:acme/shop", "env:acme/shop/", "env:acme/./production", ""])
        assert.match(store.wrongScope(scope) ?? "", /^write org:acme for an organisation, /, scope);
    });

    it("are asked for by the whole name of an environment", async () => {
      github.set("env:acme/shop/eu/production", "KEY", CANARY);
      assert.deepEqual(
        ok(await store.list("env:acme/shop/eu/production")).map(({ name }) => name),
        ["KEY"],
      );
      assert.equal(github.asked[0]?.path.split("?")[0], "/repos/acme/shop/environments/eu%2Fproduction/secrets");
      assert.equal(github.asked[0]?.headers["x-github-api-version"], "2022-11-28");
    });
  });

  describe("settings", () => {
    const mapping = (settings: string, scope: string) =>
      parseMapping(
        `
source: { store: truth, scope: us-west-2 }
stores: { truth: { kind: aws-ssm }, hub: { kind: github, ${settings} } }
secrets: {}
managed: [{ store: hub, scope: "${scope}" }]
`,
        "secrets.yaml",
      );
    const open = (settings: string, scope = "org:acme") => openStores(mapping(settings, scope), "secrets.yaml");

    it("are an address and the name of a variable, and never a token", async () => {
      assert.ok(
        (await open("tokenVariable: OTHER_TOKEN, url: https://github.example/api/v3")).get("hub") instanceof
          GithubStore,
      );
      await assert.rejects(open("token: abc"), InvalidMapping);
      await assert.rejects(
        open("url: http://github.example"),
        /has stores.hub.url as .*: write an address that begins with https/,
      );
      await assert.rejects(open("", "acme"), /has "acme" as a scope of the store hub: write org:acme/);
    });

    it("without a token ask nothing", async () => {
      const asked = await storeAt(github, { tokenVariable: "GITHUB_TEST_NO_TOKEN" }).list("org:acme");
      assert.equal(kindOf(asked), "unauthorized");
      assert.match(asked.ok ? "" : asked.problem.message, /variable GITHUB_TEST_NO_TOKEN has no token/);
      assert.equal(github.asked.length, 0);
    });

    it("are tried without counting against the limit", async () => {
      assert.equal(kindOf(await store.health()), "ok");
      assert.equal(github.used, 0);
    });
  });

  describe("writing", () => {
    const write = (scope: string, name: string, value = CANARY) => store.write(scope, name, new SecretValue(value));

    it("leaves alone who sees an organisation's secret", async () => {
      const repositories = Array.from({ length: 7 }, (_, index) => 1_000_000_000 + index);
      github.page = 3;
      github.set("org:acme", "FEW", "old", { visibility: "selected", repositories });
      github.set("org:acme", "ALL", "old", { visibility: "all" });
      for (const name of ["FEW", "ALL", "NEW"]) ok(await write("org:acme", name));
      const access = (name: string) => {
        const { visibility, repositories: seenBy } = github.get("org:acme", name) ?? {};
        return { visibility, seenBy };
      };
      assert.deepEqual(access("FEW"), { visibility: "selected", seenBy: repositories });
      assert.deepEqual(access("ALL"), { visibility: "all", seenBy: undefined });
      assert.deepEqual(access("NEW"), { visibility: "private", seenBy: undefined });
      for (const name of ["FEW", "ALL", "NEW"]) assert.equal(github.get("org:acme", name)?.value, CANARY);
    });

    it("takes the key that is GitHub's now", async () => {
      ok(await write("repo:acme/shop", "KEY", "first"));
      github.rotateKey("repo:acme/shop");
      ok(await write("repo:acme/shop", "KEY", "second"));
      assert.equal(github.get("repo:acme/shop", "KEY")?.value, "second");
      github.meanwhile = ({ method }) => method === "PUT" && github.rotateKey("repo:acme/shop");
      assert.equal(kindOf(await write("repo:acme/shop", "KEY", "third")), "rejected");
      assert.equal(github.get("repo:acme/shop", "KEY")?.value, "second");
    });

    it("asks nothing about what GitHub would not take, or would store as something else", async () => {
      for (const name of ["lower", "GITHUB_KEY", "1ST", "A-B", "A B", "", "A/../B"])
        assert.equal(kindOf(await write("repo:acme/shop", name)), "rejected", name);
      assert.equal(kindOf(await write("repo:acme/shop", "LARGE", "x".repeat(48 * 1024 + 1))), "rejected");
      assert.equal(kindOf(await write("acme", "KEY")), "no-such-scope");
      assert.equal(github.asked.length, 0);
      ok(await write("repo:acme/shop", "LARGE", "x".repeat(48 * 1024)));
    });

    it("tells when it was written and could not be looked at afterwards", async () => {
      github.meanwhile = ({ method }) => {
        if (method === "PUT") github.trouble = { status: 403, body: CANARY };
      };
      const written = await write("repo:acme/shop", "KEY");
      assert.match(written.ok ? "" : written.problem.message, /^it was written, but then: /);
      assert.equal(github.get("repo:acme/shop", "KEY")?.value, CANARY);
    });

    it("takes nobody else's write for its own, however soon it comes", async () => {
      for (const scope of SCOPES) {
        let isPut = false;
        github.meanwhile = ({ method }) => {
          if (isPut) {
            github.meanwhile = undefined;
            github.clock += 1;
            github.set(scope, "KEY", "by a person");
          }
          isPut = method === "PUT";
        };
        const written = await write(scope, "KEY");
        assert.match(
          written.ok ? "" : written.problem.message,
          /^it was written, and then somebody else has written it/,
        );
        assert.equal(kindOf(written), "conflict");
        assert.equal(github.get(scope, "KEY")?.value, "by a person");
      }
    });

    it("deletes nothing, and sends a value in sealed boxes only", async () => {
      for (const scope of SCOPES) ok(await write(scope, "KEY"));
      assert.deepEqual([...new Set(github.asked.map(({ method }) => method))].sort(), ["GET", "PUT"]);
      const sent = JSON.stringify(github.asked.map(({ path, headers, body }) => [path, headers, body]));
      for (const form of forms(CANARY)) assert.ok(!sent.includes(JSON.stringify(form).slice(1, -1)), form);
      for (const scope of SCOPES) assert.equal(github.get(scope, "KEY")?.value, CANARY);
    });
  });

  describe("what GitHub answers", () => {
    const because = (status: number, message: string, headers: Record<string, string> = {}): Trouble => ({
      status,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(refusal(status, `${message} ${CANARY} ${TOKEN}`).body),
    });
    const answers: readonly (readonly [string, Trouble, ProblemKind])[] = [
      ["401", because(401, "Bad credentials"), "unauthorized"],
      ["403", because(403, "Resource not accessible by personal access token"), "forbidden"],
      ["404", because(404, "Not Found"), "no-such-scope"],
      ["409", because(409, "Conflict"), "conflict"],
      ["410", because(410, "Gone"), "rejected"],
      ["422", because(422, "Validation Failed"), "rejected"],
      ["429", because(429, "Too many requests", { "retry-after": "100" }), "rate-limited"],
      ["500", because(500, "Server Error"), "unavailable"],
      ["502 without JSON", { status: 502, body: `<html>${CANARY}` }, "unavailable"],
      ["a renamed repository", because(301, "Moved", { location: "/repositories/1/actions/secrets" }), "no-such-scope"],
      ["JSON of another shape", because(200, "What?"), "unavailable"],
      ["a list where one was not asked for", { ...because(200, ""), body: "[1]" }, "unavailable"],
      ["nothing", { status: 204 }, "unavailable"],
      ["a cut connection", { cut: true }, "unavailable"],
      ["too late", { delay: 400 }, "unavailable"],
    ];
    for (const [title, trouble, kind] of answers) {
      it(`${title}: ${kind}, in words of ours`, async () => {
        const options = trouble.delay === undefined ? {} : { timeout: 100 };
        store = storeAt(github, options);
        github.trouble = trouble;
        const asked = [await store.list("repo:acme/shop"), await store.list("org:acme")];
        asked.push((await storeAt(github, options).write("org:acme", "K", new SecretValue(CANARY))) as never);
        for (const answer of asked) {
          assert.equal(kindOf(answer), kind, JSON.stringify(answer));
          for (const form of [...forms(CANARY), ...forms(TOKEN)]) assert.ok(!JSON.stringify(answer).includes(form));
        }
      });
    }

    it("is forgotten where it was no answer", async () => {
      const whole = { headers: { "content-type": "application/json", etag: '"1"' } };
      github.trouble = { ...whole, status: 200, times: 1, body: '{"total_count": 1, "secrets": [' };
      assert.equal(kindOf(await store.list("org:acme")), "unavailable");
      assert.deepEqual(ok(await store.list("org:acme")), []);
      assert.equal(github.asked.at(-1)?.headers["if-none-match"], undefined);
    });

    it("is asked for again where that may help, and only there", async () => {
      github.trouble = { cut: true, times: 1 };
      ok(await store.list("org:acme"));
      github.trouble = { status: 503, times: 2 };
      ok(await store.list("org:acme"));
      assert.equal(github.asked.length, 5);
      github.trouble = because(422, "Validation Failed");
      await store.list("org:acme");
      assert.equal(github.asked.length, 6);
    });

    it("is not waited for without end where GitHub is down", async () => {
      github.trouble = { status: 503 };
      for (let each = 0; each < 10; each++) await store.list(`repo:acme/${each}`);
      const { length } = github.asked;
      const asked = await store.list("repo:acme/next");
      assert.equal(kindOf(asked), "unavailable");
      assert.equal(github.asked.length, length, "it is left alone for a while");
    });

    it("is whole, or no answer: nothing is missing because somebody deleted another one meanwhile", async () => {
      github.page = 2;
      for (const name of ["A", "B", "C", "D"]) github.set("repo:acme/shop", name, "x");
      github.meanwhile = ({ path }) => {
        if (!path.includes("page=2")) return;
        github.remove("repo:acme/shop", "A");
        github.meanwhile = undefined;
      };
      const found = ok(await store.list("repo:acme/shop"));
      assert.deepEqual(
        found.map(({ name }) => name),
        ["B", "C", "D"],
      );
    });
  });

  describe("limits", () => {
    const SECONDARY = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    const secondary = (seconds: string, times?: number): Trouble => ({
      status: 403,
      headers: { "content-type": "application/json", "retry-after": seconds },
      body: JSON.stringify(refusal(403, SECONDARY).body),
      ...(times !== undefined && { times }),
    });

    it("that end in a moment are waited for", async () => {
      github.trouble = secondary("1", 1);
      ok(await store.list("org:acme"));
      assert.equal(github.asked.length, 2);
    });

    it("that last are told with their time, and nothing more is asked until then", async () => {
      github.trouble = secondary("60");
      for (const scope of [...SCOPES, ...SCOPES]) {
        const asked = await store.list(scope);
        assert.ok(!asked.ok);
        assert.equal(asked.problem.kind, "rate-limited");
        assert.ok((asked.problem.retryAfter ?? 0) > 50 && (asked.problem.retryAfter ?? 0) <= 60);
      }
      assert.equal(github.asked.length, 1);
    });

    it("of the hour are reckoned by GitHub's clock, however wrong ours is", async () => {
      github.limit = 1;
      github.clock = Date.UTC(2031, 0, 1) / 1_000;
      ok(await store.list("org:acme"));
      const asked = await store.list("repo:acme/shop");
      assert.ok(!asked.ok);
      assert.deepEqual([asked.problem.kind, asked.problem.retryAfter], ["rate-limited", 1_801]);
    });

    it("without a time are waited for a minute, as GitHub asks", async () => {
      github.trouble = { ...secondary(""), headers: { "content-type": "application/json" } };
      const asked = await store.list("org:acme");
      assert.deepEqual(!asked.ok && [asked.problem.kind, asked.problem.retryAfter], ["rate-limited", 60]);
    });

    it("of a minute are kept by asking evenly", async () => {
      // 6 GET of 1 point each at 3,000 a minute: the last one begins after 5 times 20 ms
      store = storeAt(github, { pointsPerMinute: 3_000 });
      const began = performance.now();
      await Promise.all([...SCOPES, ...SCOPES].map((scope) => store.list(scope)));
      assert.ok(performance.now() - began >= 95);
    });
  });

  describe("a thousand repositories every 5 minutes", () => {
    const REPOSITORIES = 1_000;
    const ROUNDS_AN_HOUR = 12;
    const CHANGED = 10;
    /** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#primary-rate-limit-for-authenticated-users */
    const HOURLY = 5_000;

    it("stay within the hourly limit of a person, by arithmetic and by GitHub's counter", async () => {
      const names = Array.from({ length: REPOSITORIES }, (_, index) => `repo:acme/r${index}`);
      const place = (scope: string) => `      - { store: github, scope: "${scope}", name: KEY }`;
      const mapping = parseMapping(
        `
source: { store: source, scope: all }
stores: { source: { kind: memory }, github: { kind: github } }
secrets:
  key:
    property: key
    places:
${names.map(place).join("\n")}
`,
        "secrets.yaml",
      );
      for (const name of names) {
        github.add(name);
        github.set(name, "KEY", "x");
      }
      const source = new MemoryStore("source");
      source.set("all", "key", CANARY);
      const stores = new Map<string, Store>([
        ["source", source],
        ["github", store],
      ]);
      const history = new History(":memory:");
      const fingerprints = new Fingerprints(Buffer.alloc(32, 1));
      const counted: number[] = [];
      for (let round = 0; round < 3; round++) {
        for (const name of names.slice(0, round * CHANGED)) github.set(name, "KEY", `changed in ${round}`);
        const before = github.used;
        const { unasked } = await checkRound({ mapping, stores, history, fingerprints, now: Date.now() });
        assert.deepEqual(unasked, []);
        counted.push(github.used - before);
      }
      history.close();
      assert.deepEqual(counted, [REPOSITORIES, CHANGED, 2 * CHANGED], "after the first round only what has changed");
      assert.equal(github.asked.length, 3 * REPOSITORIES, "one request for each repository and round");

      const unconditional = ROUNDS_AN_HOUR * REPOSITORIES;
      assert.ok(unconditional > HOURLY, "without conditional requests it would not do");
      // the first round, and then what changes: even if one in ten did so in each round
      const conditional = REPOSITORIES + (ROUNDS_AN_HOUR - 1) * (REPOSITORIES / 10);
      assert.equal(conditional, 2_100);
      assert.ok(conditional < HOURLY);
      const seconds = (REPOSITORIES / POINTS_PER_MINUTE) * MINUTE;
      assert.ok(seconds <= 75 && seconds < 5 * MINUTE, "a round is over before the next, by the limit of a minute");
      assert.ok(POINTS_PER_MINUTE < 900);
    });
  });

  it("are healed, recorded and compared by date from then on", async () => {
    const mapping = parseMapping(
      `
source: { store: source, scope: all }
stores: { source: { kind: memory }, github: { kind: github } }
secrets: { key: { property: key, risk: low, places: [{ store: github, scope: "repo:acme/shop", name: KEY }] } }
`,
      "secrets.yaml",
    );
    const source = new MemoryStore("source");
    source.set("all", "key", CANARY);
    const stores = new Map<string, Store>([
      ["source", source],
      ["github", store],
    ]);
    const history = new History(":memory:");
    const fingerprints = new Fingerprints(Buffer.alloc(32, 1));
    const round = () => checkRound({ mapping, stores, history, fingerprints, now: Date.now() });
    const kinds = async () => (await round()).drifts.map(({ kind }) => kind);
    const { drifts, seen } = await round();
    assert.deepEqual(
      drifts.map(({ kind }) => kind),
      ["missing"],
    );
    history.journal.propose(propose(mapping, seen, drifts), "monitor", Date.now());
    const healed = await heal({ mapping, stores, history, fingerprints, now: Date.now, holder: "test" });
    assert.deepEqual(
      healed.map(({ result }) => result),
      ["done"],
    );
    assert.equal(github.get("repo:acme/shop", "KEY")?.value, CANARY);
    assert.deepEqual(await kinds(), []);
    github.set("repo:acme/shop", "KEY", "by a person");
    assert.deepEqual(await kinds(), ["changed-there"]);
    const told = JSON.stringify([healed, history.open(), github.asked]);
    for (const form of forms(CANARY)) assert.ok(!told.includes(JSON.stringify(form).slice(1, -1)));
    history.close();
  });
});
