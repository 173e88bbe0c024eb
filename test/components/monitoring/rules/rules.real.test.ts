import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { systemRules } from "../../../../components/monitoring/kubernetes.ts";
import { EVERYTHING, ruleGroups } from "../../../../components/monitoring/rules/groups.ts";
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

  it("has one Prometheus tell several systems apart", async () => {
    const systems = ["shop", "bank"];
    const rulesOf = (system: string) => systemRules({ system, rules: EVERYTHING, runbooks: RUNBOOKS });
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
});
