import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { stringify } from "yaml";
import type { DashboardSpec } from "../../../../components/monitoring/dashboards/dashboard.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import type { Running } from "../../../helpers/server.ts";
import { freePort, program, started } from "../../../helpers/server.ts";
import { every } from "./every.ts";
import { END, openMetrics } from "./series.ts";

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

/** A Prometheus that has what these systems report in ten quiet minutes. */
async function prometheusWith(systems: readonly string[]): Promise<Running & { port: number }> {
  const folder = temporaryFolder({ "metrics.txt": openMetrics(systems), "prometheus.yml": "scrape_configs: []\n" });
  const data = join(folder, "data");
  execFileSync(
    program("promtool", "prometheus"),
    ["tsdb", "create-blocks-from", "openmetrics", join(folder, "metrics.txt"), data],
    { stdio: "pipe" },
  );
  const port = await freePort();
  const running = await started(
    program("prometheus", "prometheus"),
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${data}`,
      "--storage.tsdb.retention.time=100y",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    /Server is ready to receive web requests/,
  );
  return Object.assign(running, { port });
}

interface Result {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

async function ask(port: number, expr: string): Promise<Result> {
  const query = new URLSearchParams({ query: expr.replaceAll("$__rate_interval", "1m"), time: String(END) });
  return (await (await fetch(`http://127.0.0.1:${port}/api/v1/query?${query.toString()}`)).json()) as Result;
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

  it("each find something, and a number, in what services and exporters of a quiet system report", async () => {
    await using prometheus = await prometheusWith([...new Set(every.flatMap(({ tags }) => tags.slice(0, 1)))]);
    for (const { uid, panels } of every) {
      for (const { title, queries } of panels) {
        for (const { expr } of queries) {
          const { status, error, data } = await ask(prometheus.port, expr);
          assert.equal(status, "success", `${uid}, ${title}: ${error}`);
          assert.ok(data !== undefined && data.result.length > 0, `${uid}, ${title} shows nothing: ${expr}`);
          for (const { value } of data.result)
            assert.ok(Number.isFinite(Number(value[1])), `${uid}, ${title}: ${value[1]}`);
        }
      }
    }
  });

  it("count tracks an hour as the pipeline does", async () => {
    await using prometheus = await prometheusWith(["tracks"]);
    const [hourly] = every[0]?.panels ?? [];
    const { data } = await ask(prometheus.port, hourly?.queries[0]?.expr ?? "");
    // 5.6 a second
    assert.equal(Math.round(Number(data?.result[0]?.value[1])), 20_160);
  });
});
