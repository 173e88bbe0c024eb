import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { EVERYTHING, ruleGroups } from "./groups.ts";
import type { AlertRule, RuleGroup } from "./rule.ts";

/** Pages by file name: one for each alert, and a list of them. */
export function runbookPages(groups: readonly RuleGroup[]): ReadonlyMap<string, string> {
  const alerts = groups.flatMap((group) => group.alerts.map((alert) => ({ alert, group })));
  return new Map([
    ["README.md", index(groups)],
    ...alerts.map(({ alert, group }) => [`${alert.name}.md`, page(alert, group)] as const),
  ]);
}

function page(alert: AlertRule, group: RuleGroup): string {
  return `# ${alert.name}

${sentence(plain(alert.summary))} ${plain(alert.description)}

- Severity: ${alert.severity}
- Subject: ${group.name}
- Fires: ${alert.for === "0m" ? "at once" : `after ${alert.for}`}

## What it means

${plain(alert.impact)}

## What to do

${alert.actions.map((action, index) => `${index + 1}. ${plain(action)}`).join("\n")}

## The rule

\`\`\`promql
${alert.expr}
\`\`\`

Source: ${link(alert.source)}.
`;
}

function index(groups: readonly RuleGroup[]): string {
  const lists = groups.map(
    ({ name, alerts }) =>
      `## ${name}\n\n${alerts.map((alert) => `- [${alert.name}](${alert.name}.md) (${alert.severity}): ${plain(alert.summary)}`).join("\n")}\n`,
  );
  return `# Runbooks\n\nOne page for each alert, generated from \`components/monitoring/rules\` by \`node components/monitoring/rules/runbooks.ts\`.\n\n${lists.join("\n")}`;
}

/** `{{ $labels.part }}` becomes `<part>`, and `{{ $value | humanize }}` an ellipsis: a page is about all of them. */
function plain(text: string): string {
  return text
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, "`<$1>`")
    .replaceAll(/\{\{ \$value[^}]*\}\}/g, "…")
    .split("`")
    .map((part, index) => (index % 2 === 0 ? nameCode(part) : part))
    .join("`");
}

/** Settings such as max_connections are code; Markdown would take their underscores for emphasis. */
function nameCode(prose: string): string {
  return prose.replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, "`$&`");
}

function sentence(text: string): string {
  return text.endsWith(".") ? text : `${text}.`;
}

function link(source: string): string {
  return source.startsWith("https://") ? `<${source}>` : source;
}

/** Writes the pages and removes those of alerts that are no more. */
function write(folder: string): void {
  const pages = runbookPages(ruleGroups(EVERYTHING));
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) if (!pages.has(file)) rmSync(join(folder, file));
  for (const [file, text] of pages) writeFileSync(join(folder, file), text);
}

if (import.meta.main) write(resolve(import.meta.dirname, "../../../docs/runbooks"));
