import { readFileSync } from "node:fs";
import { BadInput } from "../errors.ts";

/** How and when prices were read. */
export interface Reading {
  /** Day on which they were read, `2026-11-21`. */
  readonly on: string;
  /** Day of what was read, where that is older. */
  readonly asOf: string;
  /** From where, and how that was verified: a sentence. */
  readonly how: string;
}

/** US dollars for one unit in one region. */
export interface RegionPrice {
  readonly usd: number;
  /** Key of {@link PriceTable.readings}. */
  readonly read: string;
}

/** Where AWS's public price list has a price: an offer, and what its attributes are there. */
export interface Listing {
  /** Offer code, such as `AmazonEC2`. */
  readonly offer: string;
  /** `{name}` stands for what follows the first slash of the price's id; `usagetype` is without its region's prefix. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Where the tier begins, in the list's unit; default `0`. */
  readonly from?: string;
  /** One of our units in the list's unit; default 1. */
  readonly factor?: number;
}

export interface PriceEntry {
  /** Such as `ec2/m7i.xlarge`. */
  readonly id: string;
  /** As the bill calls it. */
  readonly service: string;
  readonly what: string;
  readonly unit: string;
  /** The page that tells the price to people. */
  readonly source: string;
  /** Key of {@link PriceTable.lists}; absent where no list has it, and `cost --refresh` leaves it as it is. */
  readonly list?: string;
  /** By region; `*` where it is the same everywhere. */
  readonly in: Readonly<Record<string, RegionPrice>>;
}

/** The dated table of prices in this folder. */
export interface PriceTable {
  readonly schema: 1;
  /** Day on which all that AWS lists was last read. */
  readonly date: string;
  readonly source: string;
  readonly readings: Readonly<Record<string, Reading>>;
  readonly lists: Readonly<Record<string, Listing>>;
  readonly prices: readonly PriceEntry[];
}

/** One price, for one region. */
export interface Price {
  readonly id: string;
  readonly service: string;
  readonly what: string;
  readonly unit: string;
  readonly usd: number;
  readonly source: string;
}

/** Hours of a month, as AWS's own calculator counts them. https://docs.aws.amazon.com/pricing-calculator/latest/userguide/what-is-pricing-calculator.html */
export const HOURS = 730;

/** The table of this repository. */
export const PRICES = new URL("./prices.json", import.meta.url);

/** A table of prices as it is asked: by id and region. */
export class PriceBook {
  readonly table: PriceTable;
  readonly #byId: ReadonlyMap<string, PriceEntry>;

  constructor(table: PriceTable) {
    this.table = table;
    this.#byId = new Map(table.prices.map((entry) => [entry.id, entry]));
  }

  find(id: string, region: string): Price | undefined {
    const entry = this.#byId.get(id);
    const price = entry?.in[region] ?? entry?.in["*"];
    if (entry === undefined || price === undefined) return undefined;
    const { service, what, unit, source } = entry;
    return { id, service, what, unit, source, usd: price.usd };
  }
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

let own: PriceBook | undefined;

/** The prices of this repository, read once. */
export function ownPrices(): PriceBook {
  own ??= new PriceBook(readPriceTable(PRICES));
  return own;
}

export function readPriceTable(path: string | URL): PriceTable {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new BadInput(
      `the price table ${String(path)} cannot be read; give the path of a file such as lib/pricing/prices.json`,
    );
  }
  return parsePriceTable(text, String(path));
}

/** A table that is not whole would price things at nothing. */
export function parsePriceTable(text: string, path: string): PriceTable {
  const table = parsed(text, path);
  const refuse = (what: string): never => {
    throw new BadInput(`the price table ${path} ${what}; take lib/pricing/prices.json of this project as the pattern`);
  };
  if (table.schema !== 1) refuse(`is of schema ${String(table.schema)}, not 1`);
  if (!DAY.test(table.date ?? "")) refuse(`has the date ${String(table.date)}, not one such as 2026-11-21`);
  if (!Array.isArray(table.prices) || table.prices.length === 0) refuse("has no prices");
  for (const entry of table.prices ?? []) checkEntry(entry, table, refuse);
  return table as PriceTable;
}

function checkEntry(entry: PriceEntry, table: Partial<PriceTable>, refuse: (what: string) => never): void {
  if (typeof entry.id !== "string" || !/^https:\/\//.test(entry.source))
    refuse(`has an entry without id or source: ${JSON.stringify(entry).slice(0, 80)}`);
  if (entry.list !== undefined && table.lists?.[entry.list] === undefined)
    refuse(`names the list ${entry.list} for ${entry.id}, which it does not have`);
  for (const [region, { usd, read }] of Object.entries(entry.in)) {
    if (!Number.isFinite(usd) || usd <= 0)
      refuse(`has ${String(usd)} for ${entry.id} in ${region}, not a price above 0`);
    const reading = table.readings?.[read];
    if (reading === undefined) refuse(`does not say how ${entry.id} in ${region} was read`);
    if (!DAY.test(reading?.on ?? ""))
      refuse(`says that ${entry.id} in ${region} was read on ${String(reading?.on)}, not on a day such as 2026-11-21`);
  }
}

function parsed(text: string, path: string): Partial<PriceTable> {
  try {
    return JSON.parse(text) as Partial<PriceTable>;
  } catch {
    throw new BadInput(
      `the price table ${path} is not JSON; restore it with git checkout, or run \`groundwork cost --refresh\``,
    );
  }
}

/** The price in the table that nobody has read for the longest time, and the day on which somebody did. */
export function oldestPrice(table: PriceTable): { readonly id: string; readonly on: string } {
  const read = table.prices.flatMap(({ id, in: regions }) =>
    Object.values(regions).map((price) => ({ id, on: table.readings[price.read]?.on ?? table.date })),
  );
  return read.reduce((oldest, each) => (each.on < oldest.on ? each : oldest));
}

/** Days from the table's date to a day. */
export function ageInDays({ date }: Pick<PriceTable, "date">, today: Date): number {
  return Math.floor((today.getTime() - Date.parse(`${date}T00:00:00Z`)) / 86_400_000);
}
