import type { Listing, PriceEntry, PriceTable, Reading, RegionPrice } from "@groundwork/lib/pricing/table";
import { type PriceListOptions, type PriceRow, columnName, readOffer } from "./price-list.ts";

export interface RefreshOptions extends PriceListOptions {
  readonly table: PriceTable;
  /** Regions to have prices of, beside those that the table has. */
  readonly regions: readonly string[];
  readonly today: string;
  readonly progress: (line: string) => void;
}

export interface Refreshed {
  readonly table: PriceTable;
  readonly changed: readonly {
    readonly id: string;
    readonly region: string;
    readonly before?: number;
    readonly after: number;
  }[];
  /** Prices that stay as they were, and why. */
  readonly kept: readonly { readonly id: string; readonly region: string; readonly why: string }[];
  /** Whether every file could be read and told a price of each listing; the table keeps its date otherwise. */
  readonly complete: boolean;
}

/** A price that is looked for in one file. */
interface Wanted {
  readonly entry: PriceEntry;
  readonly region: string;
  readonly listing: Listing;
}

/** What one file told of its prices, or why it could not be read. */
interface Told {
  readonly published?: string;
  readonly found: ReadonlyMap<Wanted, ReadonlySet<number>>;
  readonly failed?: string;
}

/** Prices of the tables' regions as AWS's public list has them today; what it does not tell stays as it was, and is named. */
export async function refresh(options: RefreshOptions): Promise<Refreshed> {
  const prices = new Map(options.table.prices.map((entry) => [entry.id, { ...entry.in }]));
  const readings: Record<string, Reading> = { ...options.table.readings };
  const changed: Refreshed["changed"][number][] = [];
  const kept: Refreshed["kept"][number][] = [];
  let complete = true;
  for (const [file, wanted] of filesOf(options)) {
    options.progress(`reading ${file}`);
    const told = await tell(wanted, options);
    const lost = lostListings(wanted, told);
    if (told.failed !== undefined || lost.size > 0) complete = false;
    const read = `list of ${options.today}, published ${told.published ?? ""}`;
    for (const one of wanted) {
      const { entry, region } = one;
      const before = entry.in[region];
      const [after, ...others] = told.found.get(one) ?? [];
      if (after === undefined || others.length > 0) {
        if (before !== undefined)
          kept.push({
            id: entry.id,
            region,
            why: told.failed ?? whyKept(entry, after, lost),
          });
        continue;
      }
      readings[read] = {
        on: options.today,
        asOf: told.published ?? options.today,
        how: "AWS's bulk price list, by `groundwork cost --refresh`.",
      };
      const regions = prices.get(entry.id) as Record<string, RegionPrice>;
      regions[region] = { usd: after, read };
      if (before?.usd !== after)
        changed.push({ id: entry.id, region, after, ...(before === undefined ? {} : { before: before.usd }) });
    }
  }
  const table = {
    ...options.table,
    readings,
    prices: options.table.prices.map((entry) => ({ ...entry, in: sorted(prices.get(entry.id) ?? entry.in) })),
  };
  return { table: tidy(complete ? { ...table, date: options.today } : table), changed, kept, complete };
}

/** Each file once: an offer in a region. */
function filesOf({ table, regions }: RefreshOptions): ReadonlyMap<string, readonly Wanted[]> {
  const wanted = table.prices.flatMap((entry): Wanted[] => {
    const listing = entry.list === undefined ? undefined : table.lists[entry.list];
    if (listing === undefined) return [];
    const all = [...new Set([...Object.keys(entry.in), ...regions])].filter((region) => region !== "*");
    return all.map((region) => ({ entry, region, listing }));
  });
  return Map.groupBy(wanted, ({ listing, region }) => `${listing.offer} ${region}`);
}

async function tell(wanted: readonly Wanted[], options: RefreshOptions): Promise<Told> {
  const [{ listing, region }] = wanted as readonly [Wanted];
  try {
    const { published, reader } = await readOffer(listing.offer, region, options, () => new Finder(wanted));
    return { published, found: reader.found };
  } catch (error) {
    options.signal?.throwIfAborted();
    return { found: new Map(), failed: error instanceof Error ? error.message : String(error) };
  }
}

/** Listings that had prices in this region and have none now: what AWS has renamed, and not what it has stopped to sell. */
function lostListings(wanted: readonly Wanted[], { found }: Told): ReadonlySet<string | undefined> {
  const known = wanted.filter(({ entry, region }) => entry.in[region] !== undefined);
  const told = new Set(wanted.filter((one) => found.get(one)?.size === 1).map(({ entry }) => entry.list));
  return new Set(known.map(({ entry }) => entry.list).filter((name) => !told.has(name)));
}

function whyKept({ list = "" }: PriceEntry, found: number | undefined, lost: ReadonlySet<string | undefined>): string {
  const why = found === undefined ? "the list has no such price" : "the list has several prices";
  return lost.has(list)
    ? `${why}, and none for anything else by the attributes of lists.${list}: compare them with the file`
    : why;
}

/** Finds the wanted prices among the rows of a file, without a look at each of them for every row. */
class Finder {
  readonly found = new Map<Wanted, Set<number>>();
  readonly #groups: readonly {
    readonly columns: readonly string[];
    readonly byKey: ReadonlyMap<string, readonly Wanted[]>;
  }[];

  constructor(wanted: readonly Wanted[]) {
    const byColumns = Map.groupBy(wanted, ({ listing }) => Object.keys(listing.attributes).join(" "));
    this.#groups = [...byColumns.values()].map((group) => {
      const columns = Object.keys((group[0] as Wanted).listing.attributes).map(columnName);
      return { columns, byKey: Map.groupBy(group, (one) => columns.map((column) => valueOf(one, column)).join("|")) };
    });
  }

  see(row: PriceRow): void {
    for (const { columns, byKey } of this.#groups) {
      const values = columns.map((column) => (column === "usagetype" ? usageType(row) : (row(column) ?? "")));
      for (const one of byKey.get(values.join("|")) ?? []) this.#take(one, row);
    }
  }

  #take(one: Wanted, row: PriceRow): void {
    const usd = Number(row("priceperunit")) * (one.listing.factor ?? 1);
    // the first amounts of some services are free, and tiers of their own
    if (!(usd > 0) || row("startingrange") !== (one.listing.from ?? "0")) return;
    this.found.set(one, (this.found.get(one) ?? new Set()).add(rounded(usd)));
  }
}

function valueOf({ entry, listing }: Wanted, column: string): string {
  const [, value = ""] = Object.entries(listing.attributes).find(([name]) => columnName(name) === column) ?? [];
  return value.replaceAll("{name}", entry.id.slice(entry.id.indexOf("/") + 1));
}

/** Usage types begin with the region in short, `USW2-`, with its name, or in us-east-1 with nothing. */
function usageType(row: PriceRow): string {
  const value = row("usagetype") ?? "";
  const region = row("regioncode") ?? "";
  return region !== "" && value.startsWith(`${region}-`)
    ? value.slice(region.length + 1)
    : value.replace(/^(?:[A-Z]{2,4}\d|EU)-/, "");
}

/** Factors leave binary fractions over. */
function rounded(usd: number): number {
  return Number(usd.toFixed(10));
}

function sorted(regions: Readonly<Record<string, RegionPrice>>): Record<string, RegionPrice> {
  return Object.fromEntries(Object.entries(regions).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without readings that no price is from any more. */
function tidy(table: PriceTable): PriceTable {
  const used = new Set(table.prices.flatMap((entry) => Object.values(entry.in).map(({ read }) => read)));
  return { ...table, readings: Object.fromEntries(Object.entries(table.readings).filter(([name]) => used.has(name))) };
}
