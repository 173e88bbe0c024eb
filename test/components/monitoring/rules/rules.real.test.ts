import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { EVERYTHING, ruleGroups } from "../../../../components/monitoring/rules/groups.ts";
import { renderRules, renderRuleTests } from "../../../../components/monitoring/rules/render.ts";
import type { RuleGroup } from "../../../../components/monitoring/rules/rule.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { freePort, program, started } from "../../../helpers/server.ts";

const run = promisify(execFile);
const RUNBOOKS = { base: "https://git.example.org/docs/runbooks" };
const promtool = (...args: readonly string[]) => run(program("promtool", "prometheus"), [...args]);

/** What promtool says of a group and its cases; an Error when it is not satisfied. */
async function verdict(group: RuleGroup, change: (text: string) => string = (text) => text): Promise<string> {
  const folder = temporaryFolder({ "rules.yml": change(renderRules([group], RUNBOOKS)) });
  const cases = join(folder, "cases.yml");
  writeFileSync(cases, renderRuleTests(group, "rules.yml", RUNBOOKS));
  return (await promtool("test", "rules", cases)).stdout;
}

describe("a real promtool", () => {
  it("accepts all rules", async () => {
    const file = join(temporaryFolder({ "rules.yml": renderRules(ruleGroups(EVERYTHING), RUNBOOKS) }), "rules.yml");
    const { stdout } = await promtool("check", "rules", file);
    const rules = ruleGroups(EVERYTHING).flatMap(({ alerts, recordings }) => [...alerts, ...recordings]);
    assert.match(stdout, new RegExp(`SUCCESS: ${rules.length} rules found`));
  });

  for (const group of ruleGroups(EVERYTHING)) {
    it(`sees each alert of ${group.name} fire in one case and stay silent in the other`, async () => {
      assert.match(await verdict(group), /SUCCESS/);
    });
  }

  it("would have noticed a wrong threshold", async () => {
    const group = ruleGroups(EVERYTHING).find(({ name }) => name === "availability");
    assert.ok(group);
    await assert.rejects(
      verdict(group, (text) => text.replace("expr: up == 0", "expr: up == 2")),
      /ServiceDown fires/,
    );
  });
});

/** Names of the metrics that the rules of a group ask for. */
function metricsOf(group: RuleGroup, prefix: string): Set<string> {
  const expressions = [...group.alerts, ...group.recordings].map(({ expr }) => expr).join(" ");
  return new Set(expressions.match(new RegExp(`(?<![\\w:])${prefix}_\\w+`, "g")));
}

/** Exporters say that they are ready a moment before they are. */
async function scraped(port: number, tries = 100): Promise<string> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
    (response) => response.text(),
    () => undefined,
  );
  if (text !== undefined) return text;
  assert.ok(tries > 0, `nothing listens on ${port}`);
  await setTimeout(50);
  return scraped(port, tries - 1);
}

/** Not on every machine: no disk may be real there, or its kernel may tell less. */
const MACHINE_DEPENDENT = /^node_(filesystem|disk)_/;

describe("real exporters", () => {
  it("node_exporter gives what the rules of the host ask for", async () => {
    const port = await freePort();
    const exporter = program("prometheus-node-exporter", "prometheus-node-exporter");
    await using _server = await started(exporter, [`--web.listen-address=127.0.0.1:${port}`], /Listening on/);
    const text = await scraped(port);
    const asked = ruleGroups(EVERYTHING)
      .filter(({ name }) => ["host", "capacity"].includes(name))
      .flatMap((group) => [...metricsOf(group, "node")]);
    const missing = asked.filter((name) => !MACHINE_DEPENDENT.test(name) && !text.includes(`\n${name}`));
    assert.ok(asked.length > 10);
    assert.deepEqual(missing, []);
  });

  it("redis_exporter gives what the rules of Redis ask for", async () => {
    const [clustered, replica] = [await freePort(), await freePort()];
    const bus = ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())];
    await using _clustered = await redisServer(clustered, bus);
    await using _replica = await redisServer(replica, ["--replicaof", `127.0.0.1 ${clustered}`]);
    const found = (await redisMetrics(clustered)) + (await redisMetrics(replica));
    const asked = ruleGroups(EVERYTHING)
      .filter(({ name }) => name.startsWith("redis"))
      .flatMap((group) => [...metricsOf(group, "redis")]);
    assert.ok(asked.length > 10);
    assert.deepEqual(
      asked.filter((name) => !found.includes(`\n${name}`)),
      [],
    );
  });
});

function redisServer(port: number, options: readonly string[]) {
  const own = ["--port", String(port), "--save", "", "--dir", temporaryFolder()];
  return started(program("redis-server", "redis-server"), [...own, ...options], /Ready to accept connections/);
}

async function redisMetrics(redis: number): Promise<string> {
  const port = await freePort();
  await using _exporter = await started(
    program("prometheus-redis-exporter", "prometheus-redis-exporter"),
    ["-redis.addr", `redis://127.0.0.1:${redis}`, "-web.listen-address", `127.0.0.1:${port}`],
    /Providing metrics/,
  );
  return await scraped(port);
}
