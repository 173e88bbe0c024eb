import { plainAt } from "./paths.ts";
import type { Place, Thing } from "./table.ts";

/** Every place at once. */
export const EVERYWHERE = "*";

interface Bucket {
  readonly things: Set<Thing>;
  list: readonly Thing[] | undefined;
  readonly indexes: Map<string, Map<unknown, Set<Thing>>>;
}

/** Things by type and place, with an index for each property that has been asked for: no look-up scans. */
export class Shelf {
  readonly #buckets = new Map<string, Map<Place, Bucket>>();

  add(thing: Thing): void {
    for (const place of [thing.place, EVERYWHERE]) {
      const bucket = this.#bucket(thing.token, place);
      bucket.things.add(thing);
      bucket.list = undefined;
      for (const [property, index] of bucket.indexes) enter(index, valueOf(thing, property), thing);
    }
  }

  remove(thing: Thing): void {
    for (const place of [thing.place, EVERYWHERE]) {
      const bucket = this.#bucket(thing.token, place);
      bucket.things.delete(thing);
      bucket.list = undefined;
      for (const [property, index] of bucket.indexes) index.get(valueOf(thing, property))?.delete(thing);
    }
  }

  /** A place that ends in `*` names all that start so. */
  list(token: string, place: Place): readonly Thing[] {
    const prefix = prefixOf(place);
    if (prefix !== undefined) return this.list(token, EVERYWHERE).filter((thing) => thing.place.startsWith(prefix));
    const bucket = this.#buckets.get(token)?.get(place);
    if (bucket === undefined) return [];
    bucket.list ??= [...bucket.things];
    return bucket.list;
  }

  find(token: string, place: Place, property: string, value: unknown): Iterable<Thing> {
    const prefix = prefixOf(place);
    if (prefix !== undefined) {
      const found = [...this.find(token, EVERYWHERE, property, value)];
      return found.filter((thing) => thing.place.startsWith(prefix));
    }
    const bucket = this.#buckets.get(token)?.get(place);
    if (bucket === undefined) return [];
    let index = bucket.indexes.get(property);
    if (index === undefined) {
      index = new Map();
      for (const thing of bucket.things) enter(index, valueOf(thing, property), thing);
      bucket.indexes.set(property, index);
    }
    return index.get(value) ?? [];
  }

  #bucket(token: string, place: Place): Bucket {
    const places = this.#buckets.get(token) ?? new Map<Place, Bucket>();
    this.#buckets.set(token, places);
    const bucket: Bucket = places.get(place) ?? { things: new Set(), list: undefined, indexes: new Map() };
    places.set(place, bucket);
    return bucket;
  }
}

function prefixOf(place: Place): string | undefined {
  return place !== EVERYWHERE && place.endsWith(EVERYWHERE) ? place.slice(0, -EVERYWHERE.length) : undefined;
}

export function valueOf(thing: Thing, property: string): unknown {
  return property === "id" ? thing.id : plainAt(thing.properties, property);
}

function enter(index: Map<unknown, Set<Thing>>, value: unknown, thing: Thing): void {
  if (value === undefined) return;
  const things = index.get(value);
  if (things === undefined) index.set(value, new Set([thing]));
  else things.add(thing);
}
