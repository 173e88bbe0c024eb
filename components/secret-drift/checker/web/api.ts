import { DRIFT_KINDS } from "../finding.ts";
import type { JournalEntry } from "../healing/journal.ts";
import { type Finding, RETENTION_DAYS } from "../history.ts";
import type { MappedSecret } from "../mapping.ts";
import { type Board, type Cell, type Row, SHOWN_RISKS } from "./board.ts";
import { FILTERS, chosen, filterOf, has, hasRisk } from "./filter.ts";
import { type Paged, Query } from "./query.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;
/** Rounds are every few minutes, so that less than a day is shown by the hour. */
const FINE = 2 * DAY;

type Answer = (board: Board, parameters: URLSearchParams) => object;

/** What each path answers; docs/secret-drift-api.md has the schemas. */
export const DOCUMENTS: ReadonlyMap<string, Answer> = new Map<string, Answer>([
  ["/api/v1/findings", findings],
  ["/api/v1/matrix", matrix],
  ["/api/v1/proposals", proposals],
  ["/api/v1/history", history],
  ["/api/v1/latency", latency],
]);

function findings(board: Board, parameters: URLSearchParams): object {
  const query = new Query(parameters, ["kind", "risk", "q", "page", "size"]);
  const kind = query.oneOf("kind", DRIFT_KINDS);
  const risk = query.oneOf("risk", SHOWN_RISKS);
  const q = query.text("q");
  const all = board.snapshot().findings.filter((finding) => {
    const mapped = board.mapped(finding);
    const isKind = kind === undefined || finding.kind === kind;
    return isKind && hasRisk(mapped, risk) && has(q, finding.secret, mapped, [finding.place]);
  });
  const shown = listed("findings", query.paged(all), (finding) => asFinding(finding, board.mapped(finding)));
  return { ...status(board), ...shown };
}

function matrix(board: Board, parameters: URLSearchParams): object {
  const query = new Query(parameters, [...FILTERS, "page", "size"]);
  const rows = chosen(board.snapshot().rows, filterOf(query));
  return { ...status(board), ...listed("rows", query.paged(rows), asRow) };
}

function proposals(board: Board, parameters: URLSearchParams): object {
  const query = new Query(parameters, ["page", "size"]);
  return {
    ...status(board),
    ...listed("proposals", query.paged(board.waiting()), (entry) => asProposal(entry, board.approving(entry))),
  };
}

function history(board: Board, parameters: URLSearchParams): object {
  const query = new Query(parameters, ["days", "page", "size"]);
  const from = board.now() - query.whole("days", RETENTION_DAYS, 1, RETENTION_DAYS) * DAY;
  const rounds = board.history.trends.rounds(from, spanOf(board.now() - from));
  const page = query.paged(board.history.findings(from));
  return {
    from: date(from),
    ...listed("findings", page, (finding) => ({
      ...asFinding(finding, board.mapped(finding)),
      resolvedAt: dateOrNull(finding.resolvedAt),
    })),
    rounds: rounds.map(({ at, ...rest }) => ({ from: date(at), ...rest })),
  };
}

function latency(board: Board, parameters: URLSearchParams): object {
  const query = new Query(parameters, ["hours"]);
  const from = board.now() - query.whole("hours", 24, 1, RETENTION_DAYS * 24) * HOUR;
  const trend = board.history.trends.latency(from, spanOf(board.now() - from));
  return {
    from: date(from),
    stores: board.history.latency(from),
    trend: trend.map(({ at, ...rest }) => ({ from: date(at), ...rest })),
  };
}

/** Long enough that a month is no more than a few hundred points. */
function spanOf(milliseconds: number): number {
  return milliseconds <= FINE ? HOUR : 6 * HOUR;
}

function status(board: Board): object {
  const { last, mapping, interval } = board;
  return {
    checkedAt: dateOrNull(board.snapshot().checkedAt),
    intervalSeconds: interval / 1000,
    secrets: mapping.secrets.length,
    failure: last?.failure ?? null,
    unasked: (last?.unasked ?? []).map(({ store, scope, problem: { kind, message } }) => ({
      store,
      scope,
      problem: kind,
      message,
    })),
  };
}

function asFinding({ kind, secret, place, evidence, firstSeen, lastSeen }: Finding, mapped?: MappedSecret): object {
  return {
    kind,
    secret,
    risk: mapped?.risk ?? "none",
    owners: mapped?.owners ?? [],
    place: asPlace(place),
    evidence,
    firstSeen: date(firstSeen),
    lastSeen: date(lastSeen),
  };
}

function asRow({ secret, mapped, state, source, places }: Row): object {
  return {
    secret,
    property: mapped?.property ?? null,
    risk: mapped?.risk ?? "none",
    owners: mapped?.owners ?? [],
    state,
    source: source === undefined ? null : asCell(source),
    places: places.map(asCell),
  };
}

function asCell({ place, state, isFresh, findings: own }: Cell): object {
  return {
    ...asPlace(place),
    state,
    fresh: isFresh,
    drifts: own.map(({ kind, evidence, firstSeen }) => ({ kind, evidence, firstSeen: date(firstSeen) })),
  };
}

/** Fingerprints are for machines that hold the key; here they would only tell who has which value in common. */
function asProposal(entry: JournalEntry, approve: string | undefined): object {
  const { id, secret, risk, state, proposer, proposedAt, targets } = entry;
  return {
    id,
    secret,
    risk,
    state,
    proposer,
    proposedAt: date(proposedAt),
    places: targets.map(({ place }) => asPlace(place)),
    approvals: approvalsOf(entry).map(({ approver, at }) => ({ approver, at: date(at) })),
    approve: approve ?? null,
  };
}

/** Those of the command line, and those that were signed. */
export function approvalsOf({ approvals, signatures }: JournalEntry): readonly JournalEntry["approvals"][number][] {
  return [...approvals, ...signatures.map(({ signer, at }) => ({ approver: signer, at }))];
}

function asPlace({ store, scope, name }: Finding["place"]): object {
  return { store, scope, name };
}

function listed<T>(name: string, { items, ...rest }: Paged<T>, show: (item: T) => object): object {
  return { ...rest, [name]: items.map(show) };
}

function date(at: number): string {
  return new Date(at).toISOString();
}

function dateOrNull(at: number | undefined): string | null {
  return at === undefined ? null : date(at);
}
