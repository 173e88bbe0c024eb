import type { Projection, ReachedLimit } from "@groundwork/lib/capacity-report";
import type { DiffReport, QuotaDiff } from "@groundwork/lib/diff-report";
import type { QuotaReport, ViolationReport } from "@groundwork/lib/rehearsal-report";
import { isMandatory, isOver, overQuota, policyText, reachedKey } from "./facts.ts";
import { NOTHING, measureText, nameOf, number, plain, plural } from "./format.ts";
import { type Row, type Section, type Tone, change, code, fresh, left, right, row, text } from "./tables.ts";

const LONGEST_SENTENCE = 400;

/** New violations first, then what only the update decides, then what was there before, then what is mended. */
export function policy(report: DiffReport): Section {
  const { added, fixed, remaining, undecided, pack } = report.policy;
  const rows = [
    ...added.map((one) => violationRow("new", one, isMandatory(one) ? "bad" : "warn")),
    ...undecided.map((one) => violationRow("undecided", one)),
    ...fixed.map((one) => violationRow("fixed", one, "good")),
    ...remaining.map((one) => ({ ...violationRow("remaining", one), changed: false })),
  ];
  const columns = [left(""), left("level"), left("policy"), left("resource")];
  return {
    id: "policy",
    title: "Policy",
    summary: pack === null ? policyText(report) : `${plain(pack)}, ${policyText(report)}`,
    tables:
      rows.length === 0
        ? []
        : [{ title: "Violations", columns, rows, detailsHead: "what is wrong, and what to write" }],
    lines: undecided.length > 0 ? ["Undecided: a value is not known yet; the update decides it"] : [],
  };
}

function violationRow(what: string, { level, policy: name, urn, message }: ViolationReport, tone?: Tone): Row {
  const cells = [text(what, tone), text(plain(level)), code(plain(name)), code(nameOf(urn))];
  return { ...fresh(...cells), details: [plain(message, LONGEST_SENTENCE)] };
}

export function quotas(report: DiffReport): Section {
  const sorted = [...report.quotas].sort((a, b) => share(b) - share(a) || a.scope.localeCompare(b.scope));
  const rows = sorted.map(quotaRow);
  const columns = [left("quota"), left("code"), left("where"), right("used"), right("may grow to"), right("limit")];
  const table = { title: "Use of quotas", columns: [...columns, right("left")], rows };
  return {
    id: "quotas",
    title: "Quotas",
    summary: quotasText(report),
    tables: rows.length === 0 ? [] : [table],
    lines: [],
  };
}

function quotasText(report: DiffReport): string {
  const fresh = overQuota(report).length;
  const all = report.quotas.filter((quota) => isOver(quota, "after")).length;
  if (fresh > 0) return `${plural(fresh, "quota")} exceeded that ${fresh === 1 ? "was" : "were"} not before`;
  if (all > 0) return `${plural(all, "quota")} exceeded, as before`;
  return `the fullest one at ${number(Math.max(0, ...report.quotas.map(share)) * 100)} %`;
}

function share({ after, before, limit }: QuotaDiff): number {
  const use = after ?? before;
  return Math.max(use?.used ?? 0, use?.ceiling ?? 0) / Math.max(use?.limit ?? limit, 1);
}

function quotaRow(quota: QuotaDiff): Row {
  const { quota: name, code: id, scope, before, after, limit } = quota;
  const used = (use: QuotaReport | undefined): string => number(use?.used ?? 0);
  const ceiling = (use: QuotaReport | undefined): string => number(Math.max(use?.used ?? 0, use?.ceiling ?? 0));
  const limitOf = (use: QuotaReport | undefined): string => number(use?.limit ?? limit);
  const room = (after?.limit ?? limit) - Math.max(after?.used ?? 0, after?.ceiling ?? 0);
  const isExceeded = isOver(quota, "after");
  return row(
    text(plain(name)),
    code(plain(id)),
    text(plain(scope)),
    change(used(before), used(after)),
    change(ceiling(before), ceiling(after)),
    change(limitOf(before), limitOf(after)),
    isExceeded ? text(`${number(room)} !`, "bad") : text(number(room)),
  );
}

/** What runs out within the months looked at, compared with when it would have without the change. */
export function projection({ capacity: { before, after } }: DiffReport): Section {
  const { months, reached, series } = after.projection;
  const horizon = `later than ${plural(months, "month")}`;
  const whenBefore = monthsOf(before.projection, horizon);
  const whenAfter = monthsOf(after.projection, horizon);
  const gone = before.projection.reached.filter(
    (one) => !reached.some((other) => reachedKey(other) === reachedKey(one)),
  );
  const rows = [...reached, ...gone].map((one) => {
    const { system, region, measure, limit, month, advice } = one;
    const isGone = gone.includes(one);
    const tone = isGone ? "good" : month === 0 ? "bad" : "warn";
    const when = change(whenBefore(one), whenAfter(one), tone);
    const cells = [text(plain(system)), text(plain(region)), text(plain(measure)), text(number(limit, 1)), when];
    return { ...row(...cells), details: isGone || advice === "" ? [] : [plain(advice, LONGEST_SENTENCE)] };
  });
  const columns = [left("system"), left("region"), left("measure"), right("limit"), left("reached")];
  const none = `no limit is reached in ${plural(months, "month")}`;
  const table = { title: "Limits that are reached", columns, rows, detailsHead: "what to change" };
  return {
    id: "projection",
    title: "Projection",
    summary: reached[0] === undefined ? none : firstText(reached[0]),
    tables: rows.length === 0 ? [] : [table],
    lines: rows.length === 0 && series.length > 0 ? [`Over ${plural(months, "month")} no limit is reached`] : [],
  };
}

/** In which month a limit is reached; a measure that is not there has none. */
function monthsOf({ reached, series }: Projection, horizon: string): (one: ReachedLimit) => string {
  const months = new Map(reached.map((one) => [reachedKey(one), one.month]));
  const measured = new Set(series.map(reachedKey));
  return (one) => {
    const month = months.get(reachedKey(one));
    if (month === undefined) return measured.has(reachedKey(one)) ? horizon : NOTHING;
    return month === 0 ? "already" : `month ${month}`;
  };
}

function firstText(one: ReachedLimit): string {
  const when = one.month === 0 ? "is short already" : `first, in month ${one.month}`;
  return `${measureText(one)} ${when}`;
}
