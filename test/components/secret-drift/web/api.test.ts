import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { COOL_DOWN } from "../../../../components/secret-drift/checker/healing/healer.ts";
import { startWeb } from "../../../../components/secret-drift/checker/web/index.ts";
import { MINUTE, type World, drifted, remember, world } from "./world.ts";

const PAGE = readFileSync(join(import.meta.dirname, "../../../../docs/secret-drift-api.md"), "utf8");
const PATHS = ["findings", "matrix", "proposals", "history", "latency"];

/** The schemas of the page, by the path that they stand under. */
function schemas(): Ajv {
  const ajv = new Ajv({ allErrors: true });
  for (const section of PAGE.split(/^## /m)) {
    const schema = /```json\n([\s\S]*?)```/.exec(section)?.[1];
    if (schema === undefined) continue;
    const path = /^GET (\S+)/.exec(section)?.[1];
    const parsed = JSON.parse(schema) as object;
    ajv.addSchema(
      path === undefined ? parsed : { ...parsed, $id: `https://groundwork.invalid/${path.split("/").at(-1) ?? ""}` },
    );
  }
  return ajv;
}

interface Matrix {
  readonly total: number;
  readonly page: number;
  readonly pages: number;
  readonly rows: readonly {
    readonly secret: string;
    readonly state: string;
    readonly source: Cell | null;
    readonly places: readonly Cell[];
  }[];
  readonly unasked: readonly { readonly store: string; readonly problem: string }[];
  readonly failure: string | null;
}

interface Cell {
  readonly store: string;
  readonly scope: string;
  readonly state: string;
  readonly fresh: boolean;
}

interface Proposals {
  readonly proposals: readonly {
    readonly id: string;
    readonly secret: string;
    readonly approve: string | null;
    readonly approvals: readonly { readonly approver: string }[];
  }[];
}

const states = ({ rows }: Matrix) =>
  Object.fromEntries(
    rows.map(({ secret, source, places }) => [secret, [source, ...places].map((cell) => cell?.state)]),
  );

describe("the checker's API", () => {
  const ajv = schemas();

  /** The references of a document are relative to where all of them live. */
  async function assertDocumented({ json }: World): Promise<void> {
    for (const path of PATHS) {
      const document = await json<object>(`/api/v1/${path}`);
      const valid = ajv.validate(`https://groundwork.invalid/${path}`, document);
      assert.ok(valid, `${path}: ${ajv.errorsText()} ${JSON.stringify(document).slice(0, 400)}`);
    }
  }

  it("answers by the documented schemas, before the first round, in step and with drift", async () => {
    await assertDocumented(await world());
    const made = await drifted({}, remember);
    await assertDocumented(made);
    made.stores.aws.down = "rate-limited";
    await made.round();
    await assertDocumented(made);
  });

  it("tells every place of every secret, drift first", async () => {
    const { json } = await drifted();
    const matrix = await json<Matrix>("/api/v1/matrix");
    assert.deepEqual(states(matrix), {
      "database-password": ["in-step", "changed-there", "in-step", "in-step"],
      "api-key": ["in-step", "renamed", "in-step"],
      "signing-key": ["in-step", "changed-here"],
      stranger: [undefined, "extra"],
      "mail-password": ["in-step", "in-step", "in-step"],
    });
    assert.deepEqual(
      matrix.rows.map(({ state }) => state),
      ["drift", "drift", "drift", "drift", "in-step"],
    );
    assert.ok(matrix.rows.every(({ places }) => places.every(({ fresh }) => fresh)));
  });

  it("is filtered by state, kind, risk and text", async () => {
    const { json } = await drifted();
    const secrets = async (query: string) =>
      (await json<Matrix>(`/api/v1/matrix?${query}`)).rows.map(({ secret }) => secret);
    assert.deepEqual(await secrets("state=in-step"), ["mail-password"]);
    assert.deepEqual(await secrets("state=renamed"), ["api-key"]);
    assert.deepEqual(await secrets("risk=high"), ["database-password"]);
    assert.deepEqual(await secrets("risk=none"), ["stranger"]);
    assert.deepEqual(await secrets("q=ON-CALL"), ["database-password"]);
    assert.deepEqual(await secrets("q=us-east&state=drift"), ["database-password", "signing-key"]);
    const { findings } = await json<{ findings: { kind: string }[] }>("/api/v1/findings?kind=extra");
    assert.deepEqual(
      findings.map(({ kind }) => kind),
      ["extra"],
    );
  });

  it("knows the same right after a restart, before the next round", async () => {
    const { checker, json } = await drifted();
    const before = await json<Matrix>("/api/v1/matrix");
    const again = await startWeb({ checker, port: 0 });
    const after = (await (await fetch(`${again.url}/api/v1/matrix`)).json()) as Matrix;
    assert.deepEqual(after, before);
    assert.equal((await fetch(`${again.url}/readyz`)).status, 200);
    await again.close();
  });

  it("tells what could not be asked, and that what is said of it is older", async () => {
    const { stores, round, json } = await drifted();
    stores.aws.down = "forbidden";
    await round();
    const matrix = await json<Matrix>("/api/v1/matrix");
    assert.deepEqual(
      new Set(matrix.unasked.map(({ store, problem }) => `${store} ${problem}`)),
      new Set(["aws forbidden"]),
    );
    const cells = matrix.rows.flatMap(({ places }) => places);
    for (const { store, fresh } of cells) assert.equal(fresh, store !== "aws", store);
    // of a secret that was in step there nobody can say now; drift that was found before still stands
    assert.deepEqual(
      matrix.rows.map(({ secret, state }) => [secret, state]),
      [
        ["database-password", "drift"],
        ["api-key", "drift"],
        ["signing-key", "drift"],
        ["stranger", "drift"],
        ["mail-password", "unknown"],
      ],
    );
  });

  it("knows nothing of any place while the source does not have the secret", async () => {
    const { stores, round, json } = await world();
    await round();
    stores.esc.remove("acme/shop/prod", "mail.password");
    await round();
    const matrix = await json<Matrix>("/api/v1/matrix?q=mail-password");
    assert.deepEqual(states(matrix), { "mail-password": ["missing", "in-step", "in-step"] });
    assert.deepEqual(
      matrix.rows[0]?.places.map(({ fresh }) => fresh),
      [false, false],
    );
  });

  it("gives the command that approves, to whom it is needed of, until it is approved and done", async () => {
    const { checker, json, clock, round } = await drifted();
    const { proposals } = await json<Proposals>("/api/v1/proposals");
    const high = proposals.find(({ secret }) => secret === "database-password");
    assert.ok(high !== undefined);
    assert.equal(high.approve, `groundwork secrets approve ${high.id}`);
    assert.equal(proposals.find(({ secret }) => secret === "api-key")?.approve, null);
    checker.history.journal.approve(high.id, "bob", clock.now);
    const approved = (await json<Proposals>("/api/v1/proposals")).proposals.find(({ id }) => id === high.id);
    assert.deepEqual([approved?.approve, approved?.approvals[0]?.approver], [null, "bob"]);
    clock.now += COOL_DOWN;
    await checker.heal("healer");
    await round();
    assert.deepEqual((await json<Proposals>("/api/v1/proposals")).proposals, []);
    assert.deepEqual(
      (await json<Matrix>("/api/v1/matrix?state=drift")).rows.map(({ secret }) => secret),
      [
        // nothing is ever deleted
        "stranger",
        "API_KEY_OLD",
      ],
    );
  });

  it("shows 10,000 secrets by the page, all of them once", async () => {
    const many = await world({}, mappingOf(10_000));
    await many.round();
    for (const number of [5, 77, 9_999]) many.stores.aws.remove("us-west-2", `NAME_${number}`);
    await many.round();
    const seen: string[] = [];
    for (let page = 1; page <= 10; page += 1) {
      const matrix = await many.json<Matrix>(`/api/v1/matrix?size=1000&page=${page}`);
      assert.deepEqual([matrix.total, matrix.pages], [10_000, 10]);
      seen.push(...matrix.rows.map(({ secret }) => secret));
    }
    assert.equal(new Set(seen).size, 10_000);
    assert.deepEqual(seen.slice(0, 3), ["secret-5", "secret-77", "secret-9999"]);
    const html = await (await many.get("/?page=999999")).text();
    assert.ok(html.length < 200_000, `the page has ${html.length} characters`);
    assert.ok(html.includes("Page 200 of 200"));
  }).timeout(60_000);

  it("refuses in one sentence what cannot be asked", async () => {
    const { get } = await world();
    const asked = {
      "/api/v1/matrix?colour=red": 'there is no parameter "colour": write one of state, risk, q, page, size',
      "/api/v1/matrix?state=red": /^state is "red": write one of drift, unknown, in-step, missing/,
      "/api/v1/matrix?size=1001": 'size is "1001": write a whole number from 1 to 1000',
      "/api/v1/history?days=31": 'days is "31": write a whole number from 1 to 30',
      "/api/v1/latency?hours=-1": 'hours is "-1": write a whole number from 1 to 720',
    };
    for (const [path, message] of Object.entries(asked)) {
      const response = await get(path);
      assert.equal(response.status, 400, path);
      const { error } = (await response.json()) as { error: string };
      if (typeof message === "string") assert.equal(error, message);
      else assert.match(error, message);
    }
    assert.equal((await get("/api/v1/secrets")).status, 404);
    assert.equal((await get("/?state=red")).status, 400);
  });
});

describe("the checker's health", () => {
  it("is ready once a round has compared, and well while rounds end", async () => {
    const { get, round, clock } = await world();
    const answers = async () => Promise.all(["/readyz", "/healthz"].map(async (path) => (await get(path)).status));
    assert.deepEqual(await answers(), [503, 200]);
    await round();
    assert.deepEqual(await answers(), [200, 200]);
    clock.now += 10 * MINUTE;
    assert.deepEqual(await answers(), [200, 503]);
    await round({ failure: "the source did not answer" });
    assert.deepEqual(await answers(), [200, 200]);
  });
});

function mappingOf(count: number): string {
  const secrets = Array.from(
    { length: count },
    (_, index) => `  secret-${index}:
    property: p${index}
    places: [{ store: aws, scope: us-west-2, name: NAME_${index} }, { store: github, scope: r, name: NAME_${index} }]`,
  );
  const stores = ["esc", "aws", "github", "cluster"].map((name) => `${name}: { kind: file }`).join(", ");
  return `source: { store: esc, scope: acme/shop/prod }\nstores: { ${stores} }\nsecrets:\n${secrets.join("\n")}\n`;
}
