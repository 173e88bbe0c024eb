import type { Change, DiffReport, PropertyChange, ResourceChange } from "@groundwork/lib/diff-report";
import { SYMBOLS, countsText, dataText, propertyText } from "./facts.ts";
import { plain, plural, typeName } from "./format.ts";
import { type Cell, type Row, type Section, code, fresh, left, text } from "./tables.ts";

const MOST_PROPERTIES = 6;
const COLUMNS = [left("change"), left("resource"), left("type"), left("system"), left("region")];
const WORDS: Readonly<Record<Change, string>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
};

export function resources(report: DiffReport): Section {
  const { changes, counts, noise } = report.resources;
  const rows = changes.map(resourceRow);
  const lines = [
    ...(changes.some(({ certain }) => !certain)
      ? ["? no table says for certain whether the provider updates or replaces it"]
      : []),
    ...(noise > 0
      ? [
          `${plural(noise, "update")} left out that mean nothing (order, automatic names) or only follow from what is listed`,
        ]
      : []),
  ];
  const tables =
    rows.length === 0 ? [] : [{ title: "Resources that change", columns: COLUMNS, rows, detailsHead: "properties" }];
  return {
    id: "resources",
    title: "Resources",
    summary: `${countsText(report)}, ${plural(counts.same, "stays the same", "stay the same")}`,
    tables,
    lines,
  };
}

function resourceRow(resource: ResourceChange): Row {
  const { name, type, system, region, properties } = resource;
  const cells = [what(resource), code(plain(name)), code(typeName(type)), text(plain(system)), text(plain(region))];
  return { ...fresh(...cells), details: propertyLines(properties) };
}

function what(resource: ResourceChange): Cell {
  const { change, stateful, certain } = resource;
  const isGrave = stateful && (change === "replace" || change === "delete");
  const told = `${SYMBOLS[change]} ${WORDS[change]}${certain ? "" : "?"}`;
  if (isGrave) return text(`${told} (${dataText(resource)})`, "bad");
  return text(told, change === "delete" || change === "replace" ? "warn" : undefined);
}

function propertyLines(properties: readonly PropertyChange[]): readonly string[] {
  // what forces a replacement is what a reader looks for
  const sorted = [...properties].sort((a, b) => Number(b.replaces) - Number(a.replaces));
  const shown = sorted
    .slice(0, MOST_PROPERTIES)
    .map((property) => `${propertyText(property)}${property.replaces ? " (forces replacement)" : ""}`);
  const rest = sorted.length - shown.length;
  return [...shown, ...(rest > 0 ? [`${rest} more`] : [])];
}
