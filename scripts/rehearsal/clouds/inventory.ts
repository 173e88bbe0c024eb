import { URN_LABEL, URN_TAG } from "@groundwork/lib/identity";
import type { Address, Entry, Journal, Transaction } from "./journal.ts";
import { Shelf } from "./shelf.ts";
import type { Place, Properties, Thing } from "./table.ts";
import { toProperties } from "./values.ts";

/** A thing with what only the engine needs to know of it. */
export class Item implements Thing {
  readonly entry: Entry;
  #properties: Properties | undefined;
  #inputs: Properties | undefined;

  constructor(entry: Entry) {
    this.entry = entry;
  }

  get token(): string {
    return this.entry.token;
  }
  get id(): string {
    return this.entry.id;
  }
  get place(): Place {
    return this.entry.place;
  }
  get urn(): string {
    return this.entry.urn;
  }
  get broughtBy(): string | undefined {
    return this.entry.broughtBy;
  }
  get retained(): string | undefined {
    return this.entry.retained;
  }
  get properties(): Properties {
    return (this.#properties ??= toProperties(this.entry.properties));
  }
  get inputs(): Properties {
    return (this.#inputs ??= toProperties(this.entry.inputs));
  }
}

/** Told of each thing that comes and goes, to keep indexes of its own. */
export interface Watcher {
  added(item: Item): void;
  removed(item: Item): void;
}

/** What exists in the simulated clouds. It is written down before anything is answered, and read again at start. */
export class Inventory {
  /** What exists and was not deleted. */
  readonly shelf = new Shelf();
  readonly #items = new Map<string, Item>();
  readonly #byId = new Map<string, Set<Item>>();
  readonly #byTag = new Map<string, Set<Item>>();
  readonly #byUrn = new Map<string, Set<Item>>();
  readonly #byKey = new Map<string, Set<Item>>();
  readonly #broughtBy = new Map<string, Set<Item>>();
  readonly #made = new Map<string, number>();
  readonly #journal: Journal;
  readonly #watchers: Watcher[] = [];

  constructor(journal: Journal) {
    this.#journal = journal;
    for (const transaction of journal.read()) this.#apply(transaction);
    journal.compact({ put: [...this.#items.values()].map(({ entry }) => entry), made: [...this.#made] });
  }

  watch(watcher: Watcher): void {
    this.#watchers.push(watcher);
    for (const item of this.#items.values()) watcher.added(item);
  }

  commit(transaction: Transaction): void {
    this.#journal.append(transaction);
    this.#apply(transaction);
  }

  close(): void {
    this.#journal.close();
  }

  /** Everything, what is retained after its deletion included. */
  all(): readonly Item[] {
    return [...this.#items.values()];
  }

  at(place: Place, token: string, id: string): Item | undefined {
    const item = this.#items.get(addressOf([place, token, id]));
    return item?.retained === undefined ? item : undefined;
  }

  /** Things of a type with this id, in whatever place. */
  byId(token: string, id: string): readonly Item[] {
    return existing(this.#byId.get(`${token}\n${id}`));
  }

  /** Things that carry this URN in their tags, labels or annotations. */
  taggedWith(urnTagValue: string): readonly Item[] {
    return existing(this.#byTag.get(urnTagValue));
  }

  byUrn(urn: string): readonly Item[] {
    return existing(this.#byUrn.get(urn));
  }

  /** Things that hold a unique key, what is retained included. */
  byKey(place: Place, token: string, key: string): readonly Item[] {
    return [...(this.#byKey.get(`${place}\n${token}\n${key}`) ?? [])];
  }

  broughtBy(id: string): readonly Item[] {
    return existing(this.#broughtBy.get(id));
  }

  /** What stays by design though it was deleted. */
  retained(): readonly Item[] {
    return this.all().filter((item) => item.retained !== undefined);
  }

  /** What exists but is neither in the engine's state nor brought along by something else. */
  orphans(state: Iterable<{ readonly type: string; readonly id?: string | undefined }>): readonly Item[] {
    const known = new Set([...state].map(({ type, id }) => `${type}\n${id ?? ""}`));
    return this.all().filter(
      (item) => item.retained === undefined && item.broughtBy === undefined && !known.has(`${item.token}\n${item.id}`),
    );
  }

  /** How many things this URN has made so far. */
  made(urn: string): number {
    return this.#made.get(urn) ?? 0;
  }

  /** Every place in which something exists. */
  places(): readonly Place[] {
    return [...new Set(this.all().map(({ place }) => place))];
  }

  #apply({ put = [], gone = [], made = [] }: Transaction): void {
    for (const address of gone) this.#remove(addressOf(address));
    for (const entry of put) {
      this.#remove(addressOf([entry.place, entry.token, entry.id]));
      this.#add(new Item(entry));
    }
    for (const [urn, count] of made) this.#made.set(urn, count);
  }

  #add(item: Item): void {
    this.#items.set(addressOf([item.place, item.token, item.id]), item);
    for (const [index, key] of this.#indexes(item)) {
      const items = index.get(key);
      if (items === undefined) index.set(key, new Set([item]));
      else items.add(item);
    }
    if (item.retained === undefined) this.shelf.add(item);
    for (const watcher of this.#watchers) watcher.added(item);
  }

  #remove(address: string): void {
    const item = this.#items.get(address);
    if (item === undefined) return;
    this.#items.delete(address);
    for (const [index, key] of this.#indexes(item)) index.get(key)?.delete(item);
    if (item.retained === undefined) this.shelf.remove(item);
    for (const watcher of this.#watchers) watcher.removed(item);
  }

  *#indexes(item: Item): Generator<[Map<string, Set<Item>>, string]> {
    yield [this.#byId, `${item.token}\n${item.id}`];
    yield [this.#byUrn, item.urn];
    const tag = urnTag(item.properties);
    if (tag !== undefined) yield [this.#byTag, tag];
    if (item.entry.key !== undefined) yield [this.#byKey, `${item.place}\n${item.token}\n${item.entry.key}`];
    if (item.broughtBy !== undefined) yield [this.#broughtBy, item.broughtBy];
  }
}

function addressOf(address: Address): string {
  return address.join("\n");
}

function existing(items: ReadonlySet<Item> | undefined): readonly Item[] {
  return [...(items ?? [])].filter((item) => item.retained === undefined);
}

/** The URN that a thing carries: AWS in `tags`, Docker in `labels` (a map or a list), Kubernetes in annotations. */
export function urnTag(properties: Properties): string | undefined {
  const { tags, labels, metadata } = properties as Record<string, unknown>;
  const annotations = isRecord(metadata) ? metadata["annotations"] : undefined;
  for (const holder of [tags, labels, annotations]) {
    if (Array.isArray(holder)) {
      const label = (holder as unknown[]).find((one) => isRecord(one) && one["label"] === URN_LABEL);
      if (isRecord(label) && typeof label["value"] === "string") return label["value"];
    } else if (isRecord(holder)) {
      const value = holder[URN_TAG] ?? holder[URN_LABEL];
      if (typeof value === "string") return value;
    }
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
