import type { Agreement, Drift, DriftKind, Unasked } from "./finding.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { type ManagedScope, type MappedSecret, type Mapping, type Place, placeKey } from "./mapping.ts";
import type { Listed, StoreProblem } from "./store.ts";

/** One name of one scope, as it was found. */
export interface Seen extends Listed {
  /** Of its value; absent where nobody can read it. */
  readonly fingerprint?: Fingerprint;
  /** Why this one could not be read, where the store itself answers. */
  readonly problem?: StoreProblem;
}

/** Everything that was found in one scope. */
export interface SeenScope {
  readonly store: string;
  readonly scope: string;
  /** Whether the store gives values back at all. */
  readonly readable: boolean;
  readonly names: ReadonlyMap<string, Seen>;
}

/** What one round has found, before anything is made of it. */
export interface Observations {
  /** Of the source, by property. */
  readonly source: SeenScope | Unasked;
  /** By {@link scopeKey}. */
  readonly scopes: ReadonlyMap<string, SeenScope | Unasked>;
}

/** What earlier rounds have left. */
export interface Memory {
  /** When each place and the source last agreed, by place key. */
  readonly agreements: ReadonlyMap<string, Agreement>;
  /** Since when the source has had its present value, in milliseconds since 1970, by secret. */
  readonly since: ReadonlyMap<string, { readonly fingerprint: Fingerprint; readonly at: number }>;
}

export interface Comparison {
  readonly drifts: readonly Drift[];
  /** Places that agree with the source now, with what to remember of it. */
  readonly agreed: ReadonlyMap<string, Agreement>;
  readonly unasked: readonly Unasked[];
  /** Keys of scopes and places of which nothing can be said, because somebody did not answer. */
  readonly undecided: ReadonlySet<string>;
  /** How many secrets nothing wrong was found with that were not seen in all their places. */
  readonly unknown: number;
}

const DAY = 24 * 60 * 60 * 1000;

export function scopeKey({ store, scope }: { readonly store: string; readonly scope: string }): string {
  return JSON.stringify([store, scope]);
}

/** Decides from what was found, what was known and the time, and from nothing else. */
export function compare(mapping: Mapping, seen: Observations, memory: Memory, now: number): Comparison {
  const scopes = [...seen.scopes.values()];
  const unasked = [seen.source, ...scopes].filter(isUnasked);
  const { source } = seen;
  if (isUnasked(source)) {
    const undecided = new Set([source, ...scopes].map(scopeKey));
    return { drifts: [], agreed: new Map(), unasked, undecided, unknown: unknown(mapping, [], undecided) };
  }
  const comparer = new Comparer(mapping, source, scopes.filter((each) => !isUnasked(each)) as SeenScope[], memory, now);
  const { drifts, agreed, undecided: places } = comparer.run();
  const undecided = new Set([...places, ...unasked.map(scopeKey)]);
  return { drifts, agreed, unasked, undecided, unknown: unknown(mapping, drifts, undecided) };
}

function unknown({ secrets }: Mapping, drifts: readonly Drift[], undecided: ReadonlySet<string>): number {
  // the name of a stranger may be the id of a secret
  const drifted = new Set(drifts.filter(({ kind }) => kind !== "extra").map(({ secret }) => secret));
  const isUndecided = (place: Place) => undecided.has(scopeKey(place)) || undecided.has(placeKey(place));
  return secrets.filter(({ id, places }) => !drifted.has(id) && places.some(isUndecided)).length;
}

export function isUnasked(scope: SeenScope | Unasked): scope is Unasked {
  return "problem" in scope;
}

/** Names of a scope that no secret of the mapping claims. */
interface Strangers {
  readonly byName: ReadonlyMap<string, Seen>;
  readonly byValue: ReadonlyMap<Fingerprint, Seen>;
}

class Comparer {
  readonly #mapping: Mapping;
  readonly #source: SeenScope;
  readonly #scopes: ReadonlyMap<string, SeenScope>;
  readonly #memory: Memory;
  readonly #now: number;
  readonly #mapped: ReadonlySet<string>;
  readonly #drifts: Drift[] = [];
  readonly #agreed = new Map<string, Agreement>();
  readonly #undecided = new Set<string>();
  readonly #ofScope = new Map<string, Strangers>();
  /** Unmapped names that a missing secret explains: they are not extra as well. */
  readonly #explained = new Set<string>();

  constructor(mapping: Mapping, source: SeenScope, scopes: readonly SeenScope[], memory: Memory, now: number) {
    this.#mapping = mapping;
    this.#source = source;
    this.#scopes = new Map(scopes.map((scope) => [scopeKey(scope), scope]));
    this.#memory = memory;
    this.#now = now;
    this.#mapped = new Set(mapping.secrets.flatMap(({ places }) => places.map(placeKey)));
  }

  run(): Pick<Comparison, "drifts" | "agreed" | "undecided"> {
    for (const secret of this.#mapping.secrets) this.#secret(secret);
    for (const managed of this.#mapping.managed) this.#extras(managed);
    return { drifts: this.#drifts, agreed: this.#agreed, undecided: this.#undecided };
  }

  #secret(secret: MappedSecret): void {
    const here = { store: this.#source.store, scope: this.#source.scope, name: secret.property };
    const truth = this.#source.names.get(secret.property);
    if (truth?.fingerprint === undefined) for (const place of secret.places) this.#undecided.add(placeKey(place));
    if (truth === undefined) return this.#say("missing", secret.id, here, "the source has no such property");
    if (truth.fingerprint === undefined)
      return this.#say("unreadable", secret.id, here, truth.problem?.message ?? "the source does not give its value");
    this.#age(secret, here, truth.fingerprint);
    for (const place of secret.places) this.#place(secret, place, truth.fingerprint);
  }

  #age({ id, rotateAfterDays }: MappedSecret, here: Place, fingerprint: Fingerprint): void {
    const since = this.#memory.since.get(id);
    if (rotateAfterDays === undefined || !since || since.fingerprint !== fingerprint) return;
    const days = Math.floor((this.#now - since.at) / DAY);
    if (days >= rotateAfterDays)
      this.#say("stale", id, here, `it has had this value for ${days} days; ${rotateAfterDays} are allowed`);
  }

  #place(secret: MappedSecret, place: Place, truth: Fingerprint): void {
    const scope = this.#scopes.get(scopeKey(place));
    if (scope === undefined) return; // nobody could ask, which is told once for the scope
    const found = scope.names.get(place.name);
    if (found === undefined) this.#gone(secret, place, scope, truth);
    else if (found.problem !== undefined) this.#say("unreadable", secret.id, place, found.problem.message);
    else if (found.fingerprint !== undefined) this.#byValue(secret.id, place, found, found.fingerprint, truth);
    else this.#byRecord(secret.id, place, found, truth);
  }

  #byValue(id: string, place: Place, found: Seen, there: Fingerprint, truth: Fingerprint): void {
    if (there === truth) {
      this.#agreed.set(placeKey(place), agreement(truth, found));
      return;
    }
    const last = this.#memory.agreements.get(placeKey(place))?.fingerprint;
    if (last === undefined) {
      this.#say("changed-there", id, place, "it has another value than the source, and they never agreed before");
      return;
    }
    if (last !== truth) this.#say("changed-here", id, place, "the source has changed since they last agreed");
    if (last !== there) this.#say("changed-there", id, place, "it has changed since they last agreed");
  }

  /** The value cannot be read back: what we wrote last, and whether anybody has written since, has to tell. */
  #byRecord(id: string, place: Place, found: Seen, truth: Fingerprint): void {
    const last = this.#memory.agreements.get(placeKey(place));
    if (last === undefined) {
      this.#say("unreadable", id, place, "its value cannot be read, and nobody has recorded what was written last");
      return;
    }
    const touched = isLater(found, last);
    const moved = last.fingerprint !== truth;
    if (moved) this.#say("changed-here", id, place, "the source has changed since it was written there");
    if (touched) this.#say("changed-there", id, place, "somebody else has written it since");
    if (!moved && !touched) this.#agreed.set(placeKey(place), last);
  }

  #gone({ id }: MappedSecret, place: Place, scope: SeenScope, truth: Fingerprint): void {
    const known = [truth, this.#memory.agreements.get(placeKey(place))?.fingerprint];
    const strangers = this.#strangers(scope);
    const renamed = known.flatMap((each) => (each === undefined ? [] : (strangers.byValue.get(each) ?? [])))[0];
    if (renamed !== undefined) {
      this.#explained.add(placeKey({ ...place, name: renamed.name }));
      return this.#say("renamed", id, place, `its value is there under the name ${renamed.name}`);
    }
    let namesake = "";
    for (const other of this.#scopes.values()) {
      if (other.store !== place.store || other.scope === place.scope) continue;
      const stray = this.#strangers(other).byName.get(place.name);
      // one name can mean several things, so only the value tells that it is the same secret
      if (stray !== undefined && stray.fingerprint === undefined)
        namesake = `, but ${other.scope} has one whose value cannot be compared`;
      if (stray?.fingerprint === undefined || !known.includes(stray.fingerprint)) continue;
      this.#explained.add(placeKey({ ...place, scope: other.scope }));
      return this.#say("wrong-scope", id, place, `it is in ${other.scope} instead`);
    }
    this.#say("missing", id, place, `the store has no such name${namesake}`);
  }

  #extras({ store, scope, except }: ManagedScope): void {
    const seen = this.#scopes.get(scopeKey({ store, scope }));
    if (seen === undefined) return;
    for (const name of this.#strangers(seen).byName.keys()) {
      const place = { store, scope, name };
      if (this.#explained.has(placeKey(place)) || except.some((pattern) => fits(name, pattern))) continue;
      this.#say("extra", name, place, "the mapping does not name it");
    }
  }

  #strangers(scope: SeenScope): Strangers {
    const key = scopeKey(scope);
    const known = this.#ofScope.get(key);
    if (known !== undefined) return known;
    const { store, names } = scope;
    const seen = [...names.values()].filter(
      ({ name }) => !this.#mapped.has(placeKey({ store, scope: scope.scope, name })),
    );
    const strangers = {
      byName: new Map(seen.map((each) => [each.name, each])),
      byValue: new Map(seen.flatMap((each) => (each.fingerprint === undefined ? [] : [[each.fingerprint, each]]))),
    };
    this.#ofScope.set(key, strangers);
    return strangers;
  }

  #say(kind: DriftKind, secret: string, place: Place, evidence: string): void {
    this.#drifts.push({ kind, secret, place, evidence });
  }
}

export function agreement(fingerprint: Fingerprint, { updatedAt, version }: Listed): Agreement {
  return {
    fingerprint,
    ...(updatedAt !== undefined && { updatedAt }),
    ...(version !== undefined && { version }),
  };
}

/** By the version where there is one; dates are the store's own on both sides, so that no clock of ours comes into it. */
function isLater(found: Listed, last: Agreement): boolean {
  if (found.version !== undefined && last.version !== undefined) return found.version !== last.version;
  return found.updatedAt !== undefined && last.updatedAt !== undefined && found.updatedAt !== last.updatedAt;
}

function fits(name: string, pattern: string): boolean {
  const literal = (text: string) => text.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${pattern.split("*").map(literal).join(".*")}$`).test(name);
}
