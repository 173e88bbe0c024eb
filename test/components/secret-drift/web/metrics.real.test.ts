import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { leaksOf } from "../../../helpers/leaks.ts";
import { program } from "../../../helpers/server.ts";
import { IN_CLUSTER } from "../../monitoring/rules/cluster-metrics.ts";
import { askedFor, assertGiven } from "../../monitoring/rules/metrics.ts";
import { every } from "../../monitoring/dashboards/every.ts";
import { CANARY, MINUTE, type World, drifted, remember, world } from "./world.ts";

const text = async ({ get }: World): Promise<string> => (await get("/metrics")).text();

/** The value of a series, and whether there is one. */
function valueOf(metrics: string, series: string): number | undefined {
  const line = metrics.split("\n").find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length));
}

describe("the checker's metrics", () => {
  it("are what Prometheus takes, to a real promtool", async () => {
    for (const made of [await world(), await drifted({}, remember)]) {
      const { status, stderr, stdout } = spawnSync(program("promtool", "prometheus"), ["check", "metrics"], {
        input: await text(made),
        encoding: "utf8",
      });
      assert.deepEqual([status, stdout, stderr], [0, "", ""]);
    }
  });

  it("are those that rules and dashboard ask for", async () => {
    const metrics = await text(await drifted({}, remember));
    assertGiven(metrics, askedFor(["secret-drift"], "secret_drift"));
    const panels = every.filter(({ uid }) => uid.endsWith("-secret-drift")).flatMap((dashboard) => dashboard.panels);
    const asked = panels.flatMap(({ queries }) => queries.flatMap(({ expr }) => expr.match(/secret_drift_\w+/g) ?? []));
    assertGiven(metrics, [...new Set(asked)]);
    assertGiven(metrics, IN_CLUSTER["the secret-drift checker"]?.metrics ?? []);
  });

  it("say nothing of what is not known yet", async () => {
    const metrics = await text(await world());
    for (const name of ["secrets", "last_check_timestamp_seconds", "last_round_success", "exposed_secrets"])
      assert.equal(valueOf(metrics, `secret_drift_${name}`), undefined, name);
    assert.equal(valueOf(metrics, "secret_drift_managed_secrets"), 4);
    assert.equal(valueOf(metrics, "secret_drift_check_interval_seconds"), 300);
    assert.equal(valueOf(metrics, 'secret_drift_rounds_total{result="ok"}'), 0);
  });

  it("count what the rounds have found and done", async () => {
    const made = await drifted({}, remember);
    const done = { id: "1", secret: "api-key", reason: "" };
    await made.round({
      healed: [
        { ...done, result: "done" },
        { ...done, result: "failed" },
        { ...done, result: "waits" },
        { ...done, result: "withdrawn" },
      ],
    });
    const metrics = await text(made);
    const expected = {
      secret_drift_secrets: 4,
      'secret_drift_findings{kind="changed-there",risk="high"}': 1,
      'secret_drift_findings{kind="extra",risk="none"}': 1,
      'secret_drift_findings{kind="missing",risk="low"}': 0,
      'secret_drift_rounds_total{result="ok"}': 4,
      'secret_drift_healings_total{result="success"}': 1,
      'secret_drift_healings_total{result="failure"}': 1,
      'secret_drift_proposals{risk="high"}': 1,
      'secret_drift_proposals{risk="low"}': 2,
      secret_drift_last_round_success: 1,
      secret_drift_exposed_secrets: 1,
      secret_drift_round_duration_seconds_sum: 4 * 1.234,
      secret_drift_last_check_timestamp_seconds: (made.clock.now - 5 * MINUTE) / 1_000,
    };
    for (const [series, value] of Object.entries(expected)) assert.equal(valueOf(metrics, series), value, series);
  });

  it("tell of rounds that compared nothing or not all, and keep when one last did", async () => {
    const made = await drifted();
    made.stores.aws.down = "unavailable";
    await made.round();
    const before = await text(made);
    assert.equal(valueOf(before, 'secret_drift_unasked_scopes{store="aws"}'), 2);
    assert.equal(valueOf(before, 'secret_drift_unasked_scopes{store="github"}'), 0);
    assert.equal(valueOf(before, 'secret_drift_rounds_total{result="partial"}'), 1);
    const last = valueOf(before, "secret_drift_last_check_timestamp_seconds");
    const { listener } = made.web;
    const none = { opened: [], resolved: [], open: [], unasked: [], healed: [], latency: [] };
    await listener.heard({ at: made.clock.now, milliseconds: 5, secrets: 4, failure: "it did not answer", ...none });
    const after = await text(made);
    assert.equal(valueOf(after, "secret_drift_last_round_success"), 0);
    assert.equal(valueOf(after, 'secret_drift_rounds_total{result="failed"}'), 1);
    assert.equal(valueOf(after, "secret_drift_last_check_timestamp_seconds"), last);
    assert.equal(valueOf(after, "secret_drift_secrets"), 4);
  });

  it("have no secret, scope or place as a label, however many there are", async () => {
    const made = await drifted({}, remember);
    const metrics = await text(made);
    const names = made.checker.mapping.secrets.flatMap(({ id, property, places }) => [
      ...[id, property],
      ...places.flatMap(({ scope, name }) => [scope, name]),
    ]);
    for (const name of [...names, "stranger"]) assert.ok(!metrics.includes(`"${name}"`), name);
    assert.ok(metrics.split("\n").length < 150);
  });
});

describe("no value is in anything that the checker serves", () => {
  it("plain, in base64, for a URL or in JSON", async () => {
    const made = await drifted({}, remember);
    made.stores.aws.down = "forbidden";
    await made.round();
    const paths = ["findings", "matrix", "proposals", "history", "latency"].map((name) => `/api/v1/${name}?`);
    const asked = ["/?", "/metrics?", "/healthz?", "/readyz?", "/nowhere?", ...paths];
    const served = await Promise.all(
      asked.flatMap((path) =>
        ["", "q=api", "page=0"].map(async (query) => {
          const response = await made.get(path + query);
          return `${JSON.stringify([...response.headers])}\n${await response.text()}`;
        }),
      ),
    );
    const hidden = [...new Set(Object.values(made.stores).flatMap((store) => store.values()))];
    assert.ok(hidden.filter((value) => value.startsWith(CANARY)).length > 5);
    const leaks = leaksOf(
      hidden.map((value, index) => ({ name: `value ${index}`, value })),
      { folders: [], texts: Object.fromEntries(served.map((each, index) => [String(index), each])) },
    );
    assert.deepEqual(leaks, []);
  });
});
