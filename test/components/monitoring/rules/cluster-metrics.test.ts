import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createMetrics } from "../../../../components/reference/service/metrics.ts";
import { ruleGroups } from "../../../../components/monitoring/rules/groups.ts";
import { IN_CLUSTER, metricsIn, strangersIn } from "./cluster-metrics.ts";

const SERVICE = join(import.meta.dirname, "../../../../components/reference/service");
const metricsOf = (name: string): readonly string[] =>
  Object.entries(IN_CLUSTER).find(([source]) => source.startsWith(name))?.[1].metrics ?? assert.fail(name);

describe("metrics in a cluster", () => {
  it("are each written down where a source can be read", () => {
    for (const { source } of Object.values(IN_CLUSTER)) assert.match(source, /^(https:\/\/|components\/)/);
    const all = Object.values(IN_CLUSTER).flatMap(({ metrics }) => metrics);
    assert.equal(new Set(all).size, all.length);
  });

  it("are, of the reference service, what its source declares", () => {
    const source = globSync("**/*.ts", { cwd: SERVICE, exclude: (path) => path.startsWith("node_modules") })
      .map((file) => readFileSync(join(SERVICE, file), "utf8"))
      .join("\n");
    for (const name of metricsOf("the reference service"))
      assert.ok(source.includes(`name: "${name.replace(/_(bucket|count|sum)$/, "")}"`), name);
  });

  it("are, of prom-client, what a process of the service really reports", async () => {
    const text = await createMetrics().registry.metrics();
    for (const name of metricsOf("prom-client")) assert.match(text, new RegExp(`^${name}[{ ]`, "m"));
  });

  it("are found in expressions by a parser, not by their looks", () => {
    assert.deepEqual(
      metricsIn('sum by (up) (rate(a_total{b="c_total"}[5m])) / on (pod) group_left () d:e:f offset 5m'),
      ["a_total", "d:e:f"],
    );
    assert.deepEqual(metricsIn("rate(x[$__rate_interval])"), ["x"]);
    assert.throws(() => metricsIn("sum("), /no PromQL/);
    assert.throws(() => metricsIn('{__name__="a"}'), /without a metric's name/);
  });

  it("do not have what only Docker's exporters tell", () => {
    const exprs = ruleGroups({
      tiers: { postgres: "single", redis: "replicated" },
      parts: [],
      watchers: ["containers"],
    }).flatMap(({ alerts, recordings }) => [...alerts, ...recordings].map(({ expr }) => expr));
    const strangers = strangersIn(exprs, []);
    for (const name of ["pg_up", "redis_up", "container_spec_memory_limit_bytes", "container_last_seen"])
      assert.ok(strangers.includes(name), name);
  });
});
