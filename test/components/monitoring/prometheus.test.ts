import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import type { ScrapeTarget } from "../../../components/monitoring/prometheus.ts";
import { prometheusFlags, renderPrometheus } from "../../../components/monitoring/prometheus.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const api: ScrapeTarget = { part: "api", hosts: ["s-api-1", "s-api-2"], port: 8000 };
const base = { system: "s", ruleFile: "/etc/prometheus/rules.yml", targets: [api] };

interface Rendered {
  readonly global: Readonly<Record<string, unknown>>;
  readonly alerting?: unknown;
  readonly scrape_configs: readonly Readonly<Record<string, unknown>>[];
}
const rendered = (...args: Parameters<typeof renderPrometheus>) => parse(renderPrometheus(...args)) as Rendered;
const jobOf = (target: ScrapeTarget) => rendered({ ...base, targets: [target] }).scrape_configs[0] ?? {};

describe("prometheus.yml", () => {
  it("makes each part a job with system, part and tier as labels", () => {
    assert.deepEqual(jobOf({ ...api, tier: "redis" }), {
      job_name: "api",
      static_configs: [
        { targets: ["s-api-1:8000", "s-api-2:8000"], labels: { system: "s", part: "api", tier: "redis" } },
      ],
    });
  });

  it("finds parts whose number changes by DNS", () => {
    const job = jobOf({ ...api, hosts: ["worker"], discovery: "dns" });
    assert.deepEqual(job["dns_sd_configs"], [{ names: ["worker"], type: "A", port: 8000, refresh_interval: "15s" }]);
    assert.ok(JSON.stringify(job["relabel_configs"]).includes('{"target_label":"part","replacement":"api"}'));
  });

  it("asks an exporter for each server", () => {
    const job = jobOf({
      ...api,
      through: { host: "exporter", port: 9121, path: "/scrape", scheme: "redis://", parameters: { module: "m" } },
    });
    assert.equal(job["metrics_path"], "/scrape");
    assert.deepEqual(job["params"], { module: ["m"] });
    assert.ok(JSON.stringify(job["static_configs"]).includes("redis://s-api-2:8000"));
    assert.ok(JSON.stringify(job["relabel_configs"]).includes('"replacement":"exporter:9121"'));
  });

  it("keeps the containers of its own system only", () => {
    const rules = jobOf({ ...api, ofContainers: true })["metric_relabel_configs"];
    assert.ok(JSON.stringify(rules).includes('"regex":"s","action":"keep"'));
  });

  it("names no Alertmanager where there is none, and the system in every alert", () => {
    const { alerting, global } = rendered(base);
    assert.equal(alerting, undefined);
    assert.deepEqual(global["external_labels"], { system: "s" });
    assert.equal(global["scrape_interval"], "15s");
    assert.ok(JSON.stringify(rendered({ ...base, alertmanager: "a:9093" }).alerting).includes("a:9093"));
  });

  it("bounds what is kept by time and by size", () => {
    const flags = prometheusFlags("/c.yml", { folder: "/prometheus", days: 15, size: 2048 }, ":9090");
    assert.ok(flags.includes("--storage.tsdb.retention.time=15d"));
    assert.ok(flags.includes("--storage.tsdb.retention.size=2048MB"));
  });

  it("has one job for each target, whatever they are", () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9]{0,10}$/);
    const target = fc.record({
      part: label,
      hosts: fc.array(label, { minLength: 1, maxLength: 4 }),
      port: fc.integer({ min: 1, max: 65_535 }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(target, { selector: ({ part }) => part }), (targets) => {
        const jobs = rendered({ ...base, targets }).scrape_configs;
        assert.deepEqual(
          jobs.map((job) => job["job_name"]),
          targets.map(({ part }) => part),
        );
      }),
    );
  });

  it("refuses what no Prometheus could scrape", async () => {
    const refuse = (change: Partial<ScrapeTarget>, ...named: readonly string[]) =>
      assertBadInput(() => renderPrometheus({ ...base, targets: [{ ...api, ...change }] }), ...named);
    await refuse({ part: "A b" }, "targets.part", "A b");
    await refuse({ hosts: [] }, "targets.api.hosts", "at least one");
    await refuse({ hosts: ["a b"] }, "a b");
    await refuse({ port: 70_000 }, "70000");
    await assertBadInput(() => renderPrometheus({ ...base, targets: [api, api] }), "api", "each part once");
    await assertBadInput(() => renderPrometheus({ ...base, interval: 0 }), "interval", "0");
  });
});
