import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { systemRules } from "../../../../components/monitoring/kubernetes.ts";
import { EVERYTHING, ruleGroups } from "../../../../components/monitoring/rules/groups.ts";
import type { MonitoredSystem, Watcher } from "../../../../components/monitoring/rules/groups.ts";
import { renderRules, renderRuleTests } from "../../../../components/monitoring/rules/render.ts";
import type { RuleGroup } from "../../../../components/monitoring/rules/rule.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { program } from "../../../helpers/server.ts";

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

/** Containers are seen by one of two watchers, whose recorded series have the same names. */
const without = (watcher: Watcher): MonitoredSystem => ({
  ...EVERYTHING,
  watchers: EVERYTHING.watchers.filter((each) => each !== watcher),
});

describe("a real promtool", () => {
  for (const absent of ["pods", "containers"] as const)
    it(`accepts all rules of a system without ${absent}`, async () => {
      const groups = ruleGroups(without(absent));
      const file = join(temporaryFolder({ "rules.yml": renderRules(groups, RUNBOOKS) }), "rules.yml");
      const { stdout } = await promtool("check", "rules", file);
      const rules = groups.flatMap(({ alerts, recordings }) => [...alerts, ...recordings]);
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

  it("has one Prometheus tell several systems apart", async () => {
    const systems = ["shop", "bank"];
    const rules = without("containers");
    const rulesOf = (system: string) => systemRules({ system, rules, runbooks: RUNBOOKS });
    const groups = systems.flatMap((system) => rulesOf(system)?.groups ?? []);
    const series = (system: string) => `up{job="api",part="api",system="${system}",instance="1"}`;
    const firing = {
      ...{ alertname: "ServiceDown", alertstate: "firing", severity: "critical", subject: "availability" },
      ...{ job: "api", part: "api", instance: "1", system: "shop", namespace: "shop" },
    };
    const labels = Object.entries(firing).map(([key, value]) => `${key}="${value}"`);
    const cases = {
      rule_files: ["rules.yml"],
      tests: [
        {
          interval: "1m",
          input_series: [
            { series: series("shop"), values: "0x60" },
            { series: series("bank"), values: "1x60" },
          ],
          promql_expr_test: [
            {
              expr: 'ALERTS{alertname="ServiceDown", alertstate="firing"}',
              eval_time: "30m",
              exp_samples: [{ labels: `ALERTS{${labels.join(",")}}`, value: 1 }],
            },
          ],
        },
      ],
    };
    const folder = temporaryFolder({ "rules.yml": stringify({ groups }), "cases.yml": stringify(cases) });
    assert.match((await promtool("check", "rules", join(folder, "rules.yml"))).stdout, /SUCCESS/);
    assert.match((await promtool("test", "rules", join(folder, "cases.yml"))).stdout, /SUCCESS/);
  });

  it("has pods of a system's tiers told to the system, and those of others not", async () => {
    const rules = { ...without("containers"), parts: [] };
    const args = { system: "shop", rules, runbooks: RUNBOOKS, tierNamespaces: ["shop-rabbitmq"] };
    const { groups = [] } = systemRules(args) ?? {};
    const of = (namespace: string, used: number) => {
      const labels = `namespace="${namespace}",pod="p-0",container="server"`;
      return [
        { series: `container_memory_working_set_bytes{${labels},id="/x",image="i"}`, values: `${used}x60` },
        { series: `kube_pod_container_resource_limits{${labels},resource="memory",unit="byte"}`, values: "100x60" },
      ];
    };
    const firing = {
      ...{ alertname: "PodMemoryCritical", alertstate: "firing", severity: "critical", subject: "pods" },
      ...{ system: "shop", namespace: "shop", part: "server", pod: "p-0", container: "server" },
      place: "shop-rabbitmq",
    };
    const labels = Object.entries(firing).map(([key, value]) => `${key}="${value}"`);
    const cases = {
      rule_files: ["rules.yml"],
      tests: [
        {
          interval: "1m",
          input_series: [...of("shop-rabbitmq", 95), ...of("bank", 99), ...of("shop", 50)],
          promql_expr_test: [
            {
              expr: 'ALERTS{alertname="PodMemoryCritical", alertstate="firing"}',
              eval_time: "30m",
              exp_samples: [{ labels: `ALERTS{${labels.join(",")}}`, value: 1 }],
            },
          ],
        },
      ],
    };
    const folder = temporaryFolder({ "rules.yml": stringify({ groups }), "cases.yml": stringify(cases) });
    assert.match((await promtool("test", "rules", join(folder, "cases.yml"))).stdout, /SUCCESS/);
  });
});
