import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { buildDashboard, renderDashboard } from "../../../../components/monitoring/dashboards/build.ts";
import type { DashboardSpec } from "../../../../components/monitoring/dashboards/dashboard.ts";
import { pipelineDashboard } from "../../../../components/monitoring/dashboards/pipeline.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { every } from "./every.ts";

const integer = { type: "integer", minimum: 0 };
const source = {
  type: "object",
  required: ["type", "uid"],
  properties: { type: { const: "prometheus" }, uid: { const: "prometheus" } },
};

/**
 * What Grafana's documentation of the dashboard model and its schema demand of what is written here. Grafana itself
 * cannot be had on this machine. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/,
 * https://github.com/grafana/grafana/blob/main/kinds/dashboard/dashboard_kind.cue
 */
const SCHEMA = {
  type: "object",
  required: ["uid", "title", "schemaVersion", "panels", "time", "refresh", "templating", "annotations"],
  properties: {
    uid: { type: "string", pattern: "^[A-Za-z0-9_-]{8,40}$" },
    title: { type: "string", minLength: 1, maxLength: 189 },
    tags: { type: "array", items: { type: "string" }, uniqueItems: true },
    editable: { const: false },
    schemaVersion: { type: "integer", minimum: 36 },
    graphTooltip: { enum: [0, 1, 2] },
    time: { type: "object", required: ["from", "to"] },
    refresh: { type: "string", pattern: "^\\d+[smh]$" },
    panels: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["id", "type", "title", "description", "gridPos", "targets", "datasource", "fieldConfig", "options"],
        properties: {
          id: { type: "integer", minimum: 1 },
          type: { enum: ["timeseries", "stat", "gauge"] },
          title: { type: "string", minLength: 1 },
          datasource: source,
          gridPos: {
            type: "object",
            required: ["h", "w", "x", "y"],
            properties: {
              h: { type: "integer", minimum: 1 },
              w: { type: "integer", minimum: 1, maximum: 24 },
              x: { ...integer, maximum: 23 },
              y: integer,
            },
          },
          fieldConfig: {
            type: "object",
            required: ["defaults", "overrides"],
            properties: {
              defaults: {
                type: "object",
                required: ["unit", "thresholds"],
                properties: {
                  thresholds: {
                    type: "object",
                    required: ["mode", "steps"],
                    properties: {
                      mode: { enum: ["absolute", "percentage"] },
                      steps: {
                        type: "array",
                        minItems: 1,
                        items: {
                          type: "object",
                          required: ["value", "color"],
                          properties: { value: { type: ["number", "null"] }, color: { type: "string" } },
                        },
                      },
                    },
                  },
                },
              },
            },
          },
          targets: {
            type: "array",
            minItems: 1,
            items: {
              type: "object",
              required: ["refId", "expr", "legendFormat", "datasource"],
              properties: {
                refId: { type: "string", pattern: "^[A-Z]$" },
                expr: { type: "string" },
                datasource: source,
              },
            },
          },
        },
      },
    },
  },
};

describe("dashboards", () => {
  const valid = new Ajv({ allErrors: true, strict: false }).compile(SCHEMA);

  for (const spec of every) {
    it(`${spec.uid} keeps to Grafana's model, and its panels lie beside each other`, () => {
      const dashboard = JSON.parse(renderDashboard(spec)) as {
        panels: { id: number; gridPos: Record<string, number> }[];
      };
      assert.ok(valid(dashboard), JSON.stringify(valid.errors));
      assert.equal(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
      const cells = dashboard.panels.flatMap(({ gridPos: { x = 0, y = 0, w = 0, h = 0 } }) => {
        assert.ok(x + w <= 24);
        return Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`);
      });
      assert.equal(new Set(cells).size, cells.length, "two panels cover the same place");
    });

    it(`${spec.uid} asks for its own system only, and tells what each panel means`, () => {
      const [system] = spec.tags;
      for (const { title, description, queries } of spec.panels) {
        assert.ok(description.length > 15, title);
        for (const { expr } of queries) {
          for (const [, named] of expr.matchAll(/system="([^"]+)"/g)) assert.equal(named, system, title);
          assert.ok(expr.includes('system="'), `${title}: ${expr} would show every system`);
        }
      }
      const titles = spec.panels.map(({ title }) => title);
      assert.equal(new Set(titles).size, titles.length, "a title stands twice");
    });
  }

  it("have uids of their own", () => {
    const uids = every.map(({ uid }) => uid);
    assert.equal(new Set(uids).size, uids.length);
    const titles = every.map(({ title }) => title);
    assert.equal(new Set(titles).size, titles.length);
  });

  it("give tracks ten panels, with its business numbers first", () => {
    const { panels } = pipelineDashboard({ system: "tracks", items: "tracks", goal: 20_000 });
    assert.equal(panels.length, 10);
    assert.deepEqual(
      panels.slice(0, 4).map(({ title }) => title),
      ["Tracks an hour", "Produced and processed", "Queue depth", "Validation rate"],
    );
    assert.deepEqual(panels[0]?.thresholds, [{ from: 20_000, color: "green" }]);
  });

  it("are the same bytes each time, so that no Grafana is replaced for nothing", () => {
    for (const spec of every) assert.equal(renderDashboard(spec), renderDashboard(structuredClone(spec)));
  });

  it("refuse a uid that Grafana would, a panel that is too wide and one that asks nothing", async () => {
    const [first] = every;
    assert.ok(first !== undefined);
    const panel = first.panels[0];
    assert.ok(panel !== undefined);
    const changed = (change: Partial<DashboardSpec>) => () => buildDashboard({ ...first, ...change });
    await assertBadInput(changed({ uid: "a b" }), "uid", "a b");
    await assertBadInput(changed({ panels: [{ ...panel, width: 25 }] }), "width", "25");
    await assertBadInput(changed({ panels: [{ ...panel, queries: [] }] }), panel.title, "no query");
  });
});
