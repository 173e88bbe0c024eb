import { createHash } from "node:crypto";
import { type Observations, isUnasked, scopeKey } from "../compare.ts";
import type { Drift, DriftKind } from "../finding.ts";
import type { Fingerprint } from "../fingerprint.ts";
import { type MappedSecret, type Mapping, type Place, RISKS, type Risk, placeKey } from "../mapping.ts";

/** One place that is to be given the source's value, and what was found there when that was proposed. */
export interface Target {
  readonly place: Place;
  readonly found: Found;
}

/** What tells whether anybody has been there since. */
export interface Found {
  /** False where there was nothing. */
  readonly exists: boolean;
  readonly fingerprint?: Fingerprint;
  readonly updatedAt?: number;
  readonly version?: string;
}

/** That the source's present value be written to some places. It holds for that value and what was found there only. */
export interface Proposal {
  /**
   * Made of what it proposes, so that the next round does not propose the same again, and of the risk: what was agreed to at a
   * smaller one is another proposal.
   */
  readonly id: string;
  readonly secret: string;
  readonly risk: Risk;
  /** Of the value that is to be written. */
  readonly fingerprint: Fingerprint;
  readonly targets: readonly Target[];
}

/**
 * What writing the source's value mends. Nothing is ever deleted, so a stranger stays; an old value needs a new one, and what
 * we are not let in to see we have no business to write.
 */
const HEALED: ReadonlySet<DriftKind> = new Set(["missing", "changed-here", "changed-there", "renamed", "wrong-scope"]);

/** What one round proposes, in the order of the mapping. */
export function propose(mapping: Mapping, seen: Observations, drifts: readonly Drift[]): Proposal[] {
  if (isUnasked(seen.source)) return [];
  const { source } = seen;
  const bySecret = Map.groupBy(drifts, ({ secret }) => secret);
  return mapping.secrets.flatMap((secret) => {
    const truth = source.names.get(secret.property)?.fingerprint;
    const mine = bySecret.get(secret.id) ?? [];
    const targets = secret.places.flatMap((place) => target(place, seen, mine));
    if (truth === undefined || targets.length === 0) return [];
    return [proposal(secret, truth, targets, mine)];
  });
}

function target(place: Place, seen: Observations, drifts: readonly Drift[]): Target[] {
  const key = placeKey(place);
  const scope = seen.scopes.get(scopeKey(place));
  if (scope === undefined || isUnasked(scope)) return [];
  const there = scope.names.get(place.name);
  const here = drifts.filter((drift) => placeKey(drift.place) === key);
  // a store that never gives values back has to be written once before anything can be known of it
  const isUnrecorded =
    !scope.readable && here.some(({ kind }) => kind === "unreadable") && there?.problem === undefined;
  if (!isUnrecorded && !here.some(({ kind }) => HEALED.has(kind))) return [];
  if (there === undefined) return [{ place, found: { exists: false } }];
  const { fingerprint, updatedAt, version } = there;
  return [
    {
      place,
      found: {
        exists: true,
        ...(fingerprint !== undefined && { fingerprint }),
        ...(updatedAt !== undefined && { updatedAt }),
        ...(version !== undefined && { version }),
      },
    },
  ];
}

function proposal(
  { id: secret, risk }: MappedSecret,
  fingerprint: Fingerprint,
  targets: readonly Target[],
  drifts: readonly Drift[],
): Proposal {
  // what somebody has written where nobody can read it would be gone for good
  const irretrievable = targets.some(({ found }) => found.exists && found.fingerprint === undefined);
  const overwritten = drifts.some(({ kind }) => kind === "changed-there" || kind === "unreadable");
  const careful = irretrievable && overwritten ? atLeast(risk, "medium") : risk;
  const id = createHash("sha256")
    .update(JSON.stringify([secret, careful, fingerprint, targets]))
    .digest("hex")
    .slice(0, 12);
  return { id, secret, risk: careful, fingerprint, targets };
}

/** The higher of the risk that it was proposed with and the one that the mapping gives its secret now. */
export function presentRisk(
  { secret, risk }: Pick<Proposal, "secret" | "risk">,
  { secrets }: Pick<Mapping, "secrets">,
): Risk {
  return atLeast(risk, secrets.find(({ id }) => id === secret)?.risk ?? risk);
}

function atLeast(risk: Risk, least: Risk): Risk {
  return RISKS.indexOf(risk) < RISKS.indexOf(least) ? least : risk;
}
