import type { DiffReport } from "@groundwork/lib/diff-report";
import { prodDiff } from "./fixtures.ts";

/** What somebody might write into a name, a tag or a message to break out of a report, or to be called by it. */
export const ATTACKS: readonly string[] = [
  "</details><script>alert(1)</script>",
  "a | b | c",
  "`code` ``` ~~~",
  "line one\n\n# heading\r\n| cell |\n---\n",
  "@octocat @org/team #1 GH-1 org/repo#7",
  "[link](https://evil.example/?q=1) ![image](https://evil.example/i.png) <https://evil.example>",
  "https://evil.example www.evil.example",
  "<!-- groundwork-diff other/prod --> --> <!--",
  "*bold* _it_ $a^2$ $$x$$ \\| \\",
  '"><img src=x onerror=alert(1)> &lt;b&gt; &amp;',
  "\u001b[31mred\u001b[0m\u0007\u202Eevil\u2066 \u0000",
  "url(https://evil.example/a.png) var(--x) </style></svg>",
];

/** Strings that are words of the format itself. */
const OWN = new Set(["change", "currency", "target"]);

/** The report with every text in it changed. */
export function withTexts(report: DiffReport, change: (text: string) => string): DiffReport {
  return mapTexts(report, change) as DiffReport;
}

export function hostileDiff(attack: string): DiffReport {
  return withTexts(prodDiff(), (text) => `${text}${attack}`);
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, OWN.has(key) ? (each as unknown) : mapTexts(each, change)]),
  );
}
