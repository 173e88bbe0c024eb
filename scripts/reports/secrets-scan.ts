import { counted } from "@groundwork/lib/counted";
import { plainTable } from "./text.ts";

/** What the report needs of an exposure; the checker's own type has more. */
export interface ExposureLine {
  readonly rule: string;
  readonly secret?: string;
  readonly encoding: string;
  readonly where: string;
  readonly path: string;
  readonly lines: readonly number[];
  readonly commit?: string;
  readonly date?: string;
  readonly versions?: number;
  readonly resource?: string;
  readonly property?: string;
  readonly mark: string;
}

export interface ExceptionLine {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
  readonly until?: string;
}

export interface ScanLine {
  readonly exposures: readonly ExposureLine[];
  readonly excepted: number;
  readonly expired: readonly ExceptionLine[];
  readonly unused: readonly ExceptionLine[];
  readonly counts: {
    readonly files: number;
    readonly remembered: number;
    readonly binaries: number;
    readonly bytes: number;
    readonly commits: number;
  };
  readonly notes: readonly string[];
}

/** Which of the managed values were looked for. */
export interface SearchedValues {
  readonly count: number;
  readonly notSearched: readonly { readonly secret: string; readonly reason: string }[];
  /** What could not be asked, in one sentence. */
  readonly unasked?: string;
  /** Why there are none, in one sentence. */
  readonly without?: string;
}

const WIDTHS = [70, 50, 13, null];
const SHOWN_LINES = 3;
const ABBREVIATED = 10;

/** What a scan has found: the verdict first, then where, then what was not looked at. */
export function renderScan(report: ScanLine, searched: SearchedValues): string {
  const { exposures, excepted, expired, unused, counts, notes } = report;
  const verdict = exposures.length === 0 ? "No secret found" : `${counted(exposures.length, "secret")} found`;
  const versions = counts.commits > 0 ? ` and versions of files, ${counted(counts.commits, "commit")}` : "";
  const looked = counts.commits > 0 ? `${counts.files} files${versions}` : counted(counts.files, "file");
  const before = counts.remembered === 0 ? "" : `; ${counts.remembered} of them were looked at before`;
  const left = excepted === 0 ? "" : ` ${counted(excepted, "finding")} left out by exceptions.`;
  return [
    `${verdict} in ${looked}${before}.${left}`,
    ...table(exposures),
    ...(exposures.length === 0
      ? []
      : ["", "Whoever could read it may have it: change the value first, then take it out of there."]),
    ...asNotes([
      ...(searched.unasked === undefined ? [] : [searched.unasked]),
      ...(searched.without === undefined ? [] : [searched.without]),
      ...searched.notSearched.map(({ secret, reason }) => `${secret} was not looked for: ${reason}`),
      ...binariesOf(counts.binaries, searched.count),
      ...notes,
      ...expired.map(({ path, rule, until }) => `the exception for ${rule} in ${path} ended on ${until}`),
      ...unused.map(({ path, rule }) => `the exception for ${rule} in ${path} is of no use: take it out`),
    ]),
  ].join("\n");
}

function table(exposures: readonly ExposureLine[]): string[] {
  if (exposures.length === 0) return [];
  const rows = plainTable(["where", "what", "encoded", "since"], ["left", "left", "left", "left"], WIDTHS);
  for (const exposure of exposures)
    rows.push([placeOf(exposure), whatOf(exposure), exposure.encoding, sinceOf(exposure)]);
  return ["", rows.toString()];
}

function placeOf({ where, path, lines, resource, property }: ExposureLine): string {
  const shown = lines.slice(0, SHOWN_LINES).join(",");
  const more = lines.length > SHOWN_LINES ? ",…" : "";
  const at = lines.length === 0 ? path : `${path}:${shown}${more}`;
  const past = where === "history" ? " (earlier version)" : "";
  return [`${at}${past}`, ...[resource, property].filter((part) => part !== undefined)].join("\n");
}

function whatOf({ rule, secret }: ExposureLine): string {
  return secret === undefined ? rule : `the value of ${secret}`;
}

function sinceOf({ commit, date, where }: ExposureLine): string {
  if (commit !== undefined) return `${commit.slice(0, ABBREVIATED)} ${date?.slice(0, 10) ?? ""}`;
  return where === "work-tree" ? "not committed, or not looked at" : "";
}

function binariesOf(count: number, values: number): string[] {
  if (count === 0) return [];
  const are = `${counted(count, "file")} ${count === 1 ? "is" : "are"} no text`;
  return [values === 0 ? `${are}: no rule reads that` : `${are}: only managed values were looked for`];
}

function asNotes(notes: readonly string[]): string[] {
  return notes.length === 0 ? [] : ["", ...notes.map((note) => `${note.charAt(0).toUpperCase()}${note.slice(1)}.`)];
}

/** As code scanning takes it. https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html */
export function sarifOf(exposures: readonly ExposureLine[]): object {
  const rules = [...new Set(exposures.map(({ rule }) => rule))].sort();
  const results = exposures.map((exposure) => {
    const { rule, path, lines, commit, resource, property, mark } = exposure;
    const text = [whatOf(exposure), resource, property, commit && `since commit ${commit}`].filter(Boolean).join(", ");
    return {
      ruleId: rule,
      ruleIndex: rules.indexOf(rule),
      level: "error",
      message: { text },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: path.split("/").map(encodeURIComponent).join("/") },
            region: { startLine: lines[0] ?? 1 },
          },
        },
      ],
      // https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning#fingerprint-object
      partialFingerprints: { "exposure/v1": `${rule} ${path} ${mark}` },
    };
  });
  const driver = {
    name: "groundwork secrets scan",
    rules: rules.map((id) => ({ id, shortDescription: { text: `A secret where it should not be: ${id}` } })),
  };
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [{ tool: { driver }, results }],
  };
}
