import { DRIFT_KINDS, type DriftKind } from "../finding.ts";
import type { MappedSecret, Place } from "../mapping.ts";
import { ROW_STATES, type Row, type RowState, SHOWN_RISKS, type ShownRisk } from "./board.ts";
import type { Query } from "./query.ts";

/** Of rows: their own state, or a kind of drift that one of their places has. */
export const STATES: readonly (RowState | DriftKind)[] = [...ROW_STATES, ...DRIFT_KINDS];

export const FILTERS = ["state", "risk", "q"] as const;

export interface Filter {
  readonly state?: RowState | DriftKind;
  readonly risk?: ShownRisk;
  /** Text that an id, a property, an owner or a place has, whatever its case. */
  readonly q: string;
}

export function filterOf(query: Query): Filter {
  const state = query.oneOf("state", STATES);
  const risk = query.oneOf("risk", SHOWN_RISKS);
  return { ...(state && { state }), ...(risk && { risk }), q: query.text("q") };
}

export function chosen(rows: readonly Row[], { state, risk, q }: Filter): readonly Row[] {
  const isIn = (row: Row) => state === undefined || row.state === state || cellsOf(row).some((kind) => kind === state);
  return rows.filter(
    (row) =>
      isIn(row) &&
      hasRisk(row.mapped, risk) &&
      has(
        q,
        row.secret,
        row.mapped,
        row.places.map(({ place }) => place),
      ),
  );
}

export function hasRisk(mapped: MappedSecret | undefined, risk: ShownRisk | undefined): boolean {
  return risk === undefined || (mapped?.risk ?? "none") === risk;
}

export function has(q: string, secret: string, mapped: MappedSecret | undefined, places: readonly Place[]): boolean {
  if (q === "") return true;
  const wanted = q.toLowerCase();
  const texts = [secret, mapped?.property ?? "", ...(mapped?.owners ?? [])];
  const ofPlaces = places.flatMap(({ store, scope, name }) => [store, scope, name]);
  return [...texts, ...ofPlaces].some((text) => text.toLowerCase().includes(wanted));
}

function cellsOf({ source, places }: Row): readonly DriftKind[] {
  return [source, ...places].flatMap((cell) => cell?.findings.map(({ kind }) => kind) ?? []);
}
