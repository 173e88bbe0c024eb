import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { stringify } from "yaml";
import type { DashboardSpec } from "../../../../components/monitoring/dashboards/dashboard.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { program } from "../../../helpers/server.ts";
import { every } from "./every.ts";

/** Every query of the dashboards as a recording rule, for promtool to parse; Grafana fills the window in. */
function asRules(dashboards: readonly DashboardSpec[]): string {
  const groups = dashboards.map(({ uid, panels }) => ({
    name: uid,
    rules: panels.flatMap((panel, place) =>
      panel.queries.map(({ expr }, index) => ({
        record: `${uid.replaceAll("-", "_")}:panel_${place + 1}:query_${index + 1}`,
        expr: expr.replaceAll("$__rate_interval", "1m"),
      })),
    ),
  }));
  return stringify({ groups }, { lineWidth: 0 });
}

function promtool(dashboards: readonly DashboardSpec[]) {
  const folder = temporaryFolder({ "queries.yaml": asRules(dashboards) });
  return spawnSync(program("promtool", "prometheus"), ["check", "rules", join(folder, "queries.yaml")], {
    encoding: "utf8",
  });
}

describe("the dashboards' queries", () => {
  it("are all PromQL to a real promtool", () => {
    const { status, stdout, stderr } = promtool(every);
    assert.equal(status, 0, stderr);
    const queries = every.flatMap(({ panels }) => panels.flatMap((panel) => panel.queries));
    assert.match(stdout, new RegExp(`SUCCESS: ${queries.length} rules found`));
  });

  it("would not be if one were wrong", () => {
    const [first] = every;
    const panel = first?.panels[0];
    assert.ok(first !== undefined && panel !== undefined);
    const broken = { ...first, panels: [{ ...panel, queries: [{ expr: "sum(rate(up[5m])", legend: "" }] }] };
    assert.equal(promtool([broken]).status, 1);
  });
});
