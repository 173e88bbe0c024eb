import pLimit from "p-limit";
import {
  type Comparison,
  type Observations,
  type Seen,
  type SeenScope,
  compare,
  isUnasked,
  scopeKey,
} from "./compare.ts";
import type { Agreement, Unasked } from "./finding.ts";
import type { Fingerprints } from "./fingerprint.ts";
import type { Changes, History, RoundRecord } from "./history.ts";
import type { Call } from "./latency.ts";
import { type Mapping, placeKey } from "./mapping.ts";
import { type Asked, type Listed, MISSING, type Missing, type Store, type StoreProblem, answered } from "./store.ts";
import { Records, newest } from "./records.ts";
import type { SecretValue } from "./secret-value.ts";

export interface RoundOptions {
  readonly mapping: Mapping;
  /** By their names in the mapping. */
  readonly stores: ReadonlyMap<string, Store>;
  readonly fingerprints: Fingerprints;
  readonly history: History;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface Round extends Comparison, Changes {
  /** What it rests on: healing proposes from it. */
  readonly seen: Observations;
  /** When it began, in milliseconds since 1970. */
  readonly at: number;
  /** How long it took, but for remembering it. */
  readonly milliseconds: number;
}

/** Scopes of one store that are asked at a time: some count requests that run together against us. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
const AT_A_TIME = 8;

/** Asks every store what it has, tells how it differs from the mapping, and remembers both. Changes nothing anywhere. */
export async function checkRound(options: RoundOptions): Promise<Round> {
  const { mapping, history, now } = options;
  const began = performance.now();
  const asker = new Asker(options);
  const [asked, records] = await Promise.all([asker.everything(), recordsOf(options)]);
  const seen = records.ok ? asked : withoutRecords(asked, records.problem);
  const before = history.memory();
  const agreements = newest(records.ok ? records.value : new Map(), before.agreements);
  const comparison = compare(mapping, seen, { ...before, agreements }, now);
  const milliseconds = performance.now() - began;
  const changes = history.record({
    before,
    at: now,
    milliseconds,
    ...comparison,
    source: sourceValues(mapping, seen),
    calls: asker.calls,
    mapped: mappedKeys(mapping),
  });
  return { ...comparison, ...changes, seen, at: now, milliseconds };
}

/** Only stores that never give values back need them. */
async function recordsOf({ mapping, stores }: RoundOptions): Promise<Asked<ReadonlyMap<string, Agreement>>> {
  const { store, scope } = mapping.source;
  const source = stores.get(store);
  const unreadable = mapping.stores.some(({ name }) => stores.get(name)?.readable === false);
  return source === undefined || !unreadable ? answered(new Map()) : new Records(source, scope).load();
}

/** Where only the records tell what was written last, nothing is known while they cannot be read. */
function withoutRecords({ source, scopes }: Observations, { kind, message, ...rest }: StoreProblem): Observations {
  const problem = { kind, message: `what was written there last is not known: ${message}`, ...rest };
  const known = (seen: SeenScope | Unasked): SeenScope | Unasked =>
    isUnasked(seen) || seen.readable ? seen : { store: seen.store, scope: seen.scope, problem };
  return { source, scopes: new Map([...scopes].map(([key, seen]) => [key, known(seen)])) };
}

function mappedKeys({ secrets }: Mapping): RoundRecord["mapped"] {
  return {
    secrets: new Set(secrets.map(({ id }) => id)),
    places: new Set(secrets.flatMap(({ places }) => places.map(placeKey))),
  };
}

function sourceValues({ secrets }: Mapping, { source }: Observations) {
  if (isUnasked(source)) return new Map();
  return new Map(
    secrets.flatMap(({ id, property }) => {
      const { fingerprint, updatedAt } = source.names.get(property) ?? {};
      return fingerprint === undefined
        ? []
        : [[id, { fingerprint, ...(updatedAt !== undefined && { at: updatedAt }) }]];
    }),
  );
}

/** What is to be asked of one scope. */
interface Wanted {
  readonly store: string;
  readonly scope: string;
  /** Names whose values are compared. */
  readonly names: Set<string>;
  /** Also the values of names that the mapping does not know: one of them may be a renamed secret. */
  strangersToo: boolean;
  /** Also names that are not listed: a source may import or compute a property that it does not list as its own. */
  readonly unlistedToo: boolean;
}

class Asker {
  readonly calls: Call[] = [];
  readonly #options: RoundOptions;
  readonly #limits = new Map<string, ReturnType<typeof pLimit>>();

  constructor(options: RoundOptions) {
    this.#options = options;
  }

  async everything(): Promise<Observations> {
    const { mapping } = this.#options;
    const properties = mapping.secrets.map(({ property }) => property);
    const source = { ...mapping.source, names: new Set(properties), strangersToo: false, unlistedToo: true };
    const wanted = [source, ...wantedScopes(mapping)];
    const [truth, ...places] = await Promise.all(
      wanted.map((each) => this.#limit(each.store)(() => this.#scope(each))),
    );
    if (truth === undefined) throw new Error("the source was not asked");
    const missing = this.#missing(places);
    const scopes = await Promise.all(
      places.map(async (place) =>
        isUnasked(place)
          ? place
          : this.#limit(place.store)(() => this.#withNamesakes(place, missing.get(place.store) ?? new Set())),
      ),
    );
    return { source: truth, scopes: new Map(scopes.map((place) => [scopeKey(place), place])) };
  }

  /** Names that some scope of a store should have and has not, by store. */
  #missing(scopes: readonly (SeenScope | Unasked)[]): ReadonlyMap<string, ReadonlySet<string>> {
    const seen = new Map(scopes.flatMap((each) => (isUnasked(each) ? [] : [[scopeKey(each), each] as const])));
    const missing = new Map<string, Set<string>>();
    for (const place of this.#options.mapping.secrets.flatMap(({ places }) => places)) {
      if (seen.get(scopeKey(place))?.names.has(place.name) !== false) continue;
      missing.set(place.store, (missing.get(place.store) ?? new Set()).add(place.name));
    }
    return missing;
  }

  /** With the values of strangers that bear the name of what another scope misses: only they tell whether it is there instead. */
  async #withNamesakes(scope: SeenScope, missing: ReadonlySet<string>): Promise<SeenScope> {
    const client = this.#options.stores.get(scope.store);
    const namesakes = [...scope.names.values()].filter(
      ({ name, fingerprint, problem }) => missing.has(name) && fingerprint === undefined && problem === undefined,
    );
    if (client?.readable !== true || namesakes.length === 0) return scope;
    const asked = namesakes.map(({ name }) => name);
    const read = await this.#timed(scope.store, () => client.read(scope.scope, asked));
    // they are nobody's places, so what is known of the scope stays as it was
    if (!read.ok) return scope;
    const found = namesakes.flatMap((each) => this.#seen(each, read.value.get(each.name)));
    return { ...scope, names: new Map([...scope.names, ...found.map((each) => [each.name, each] as const)]) };
  }

  #limit(store: string): ReturnType<typeof pLimit> {
    const known = this.#limits.get(store) ?? pLimit(AT_A_TIME);
    this.#limits.set(store, known);
    return known;
  }

  async #scope({ store, scope, names, strangersToo, unlistedToo }: Wanted): Promise<SeenScope | Unasked> {
    const client = this.#options.stores.get(store);
    if (client === undefined) throw new Error(`the store ${store} has no client`);
    const listed = await this.#timed(store, () => client.list(scope));
    if (!listed.ok) return { store, scope, problem: listed.problem };
    const known = new Set(listed.value.map(({ name }) => name));
    const unlisted = unlistedToo ? [...names].filter((name) => !known.has(name)).map((name) => ({ name })) : [];
    const wanted = [...listed.value.filter(({ name }) => strangersToo || names.has(name)), ...unlisted];
    const seen = (found: readonly Seen[]): SeenScope => ({
      store,
      scope,
      readable: client.readable,
      names: new Map(found.map((each) => [each.name, each])),
    });
    if (!client.readable || wanted.length === 0) return seen(listed.value);
    const asked = wanted.map(({ name }) => name);
    const read = await this.#timed(store, () => client.read(scope, asked));
    if (!read.ok) return { store, scope, problem: read.problem };
    const all = [...listed.value, ...unlisted];
    return seen(all.flatMap((each) => this.#seen(each, read.value.get(each.name))));
  }

  /** What was deleted between the two questions is not there. */
  #seen(listed: Listed, answer: Asked<SecretValue | Missing> | undefined): Seen[] {
    if (answer === undefined) return [listed];
    if (!answer.ok) return [{ ...listed, problem: answer.problem }];
    if (answer.value === MISSING) return [];
    return [{ ...listed, fingerprint: this.#options.fingerprints.of(answer.value) }];
  }

  async #timed<T>(store: string, ask: () => Promise<Asked<T>>): Promise<Asked<T>> {
    const began = performance.now();
    const answer = await ask();
    this.calls.push({
      at: this.#options.now,
      store,
      milliseconds: performance.now() - began,
      outcome: answer.ok ? "ok" : answer.problem.kind,
    });
    return answer;
  }
}

function wantedScopes({ secrets, managed }: Mapping): Wanted[] {
  const wanted = new Map<string, Wanted>();
  const of = (place: { readonly store: string; readonly scope: string }): Wanted => {
    const key = scopeKey(place);
    const known = wanted.get(key) ?? {
      store: place.store,
      scope: place.scope,
      names: new Set(),
      strangersToo: false,
      unlistedToo: false,
    };
    wanted.set(key, known);
    return known;
  };
  for (const place of secrets.flatMap(({ places }) => places)) of(place).names.add(place.name);
  for (const scope of managed) of(scope).strangersToo = true;
  return [...wanted.values()];
}
