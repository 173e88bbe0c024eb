import type { DiffReport } from "@groundwork/lib/diff-report";

export { renderMarkdown } from "./markdown.ts";
export { type TerminalOptions, renderTerminal } from "./terminal.ts";

/** One self-contained file with charts. */
export async function renderHtml(reports: readonly DiffReport[]): Promise<string> {
  // the chart library takes a while to load, and only this format needs it
  const { renderPage } = await import("./html/index.ts");
  return renderPage(reports);
}
