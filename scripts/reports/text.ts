import Table from "cli-table3";

/** A title with indented lines below it; nothing where there are none. */
export function list(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

/** Columns without lines; one with a width wraps its text. */
export function plainTable(
  head: readonly string[],
  colAligns: readonly string[],
  widths: readonly (number | null)[] = [],
): Table.Table {
  const sides = ["top", "bottom", "left", "right"].flatMap((side) => [side, `${side}-mid`]);
  const none = [...sides, "top-left", "top-right", "bottom-left", "bottom-right", "mid", "mid-mid"];
  return new Table({
    head: [...head],
    colAligns: colAligns as Table.HorizontalAlignment[],
    colWidths: [...widths],
    wordWrap: widths.length > 0,
    chars: { ...Object.fromEntries(none.map((name) => [name, ""])), middle: "  " },
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0, compact: true },
  });
}
