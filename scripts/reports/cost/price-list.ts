import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse } from "csv-parse";
import pRetry, { AbortError } from "p-retry";

/** One on-demand price of an offer, by the names of its columns in lower case and letters only. */
export type PriceRow = (column: string) => string | undefined;

/** Takes one price after the other. */
export interface Reader {
  see(row: PriceRow): void;
}

export interface PriceListOptions {
  /** Where AWS's public price list is, or what stands for it in a test. */
  readonly base: string;
  readonly signal?: AbortSignal;
  /** Times that a download is tried again. */
  readonly retries: number;
  /** Milliseconds before the first retry; each further one waits twice as long. */
  readonly wait: number;
}

/** https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/using-the-aws-price-list-bulk-api-fetching-price-list-files-manually.html */
export const PRICE_LIST = "https://pricing.us-east-1.amazonaws.com";

/**
 * Reads every on-demand price in US dollars that one offer has in one region, row by row: EC2's file has hundreds of
 * megabytes. Tells the day on which it was published. A download that is cut is started again, with a new reader; a file
 * that is not there is not.
 */
export async function readOffer<R extends Reader>(
  offer: string,
  region: string,
  options: PriceListOptions,
  newReader: () => R,
): Promise<{ readonly published: string; readonly reader: R }> {
  const { retries, wait, signal } = options;
  return pRetry(
    async () => {
      const reader = newReader();
      const published = await download(
        `${options.base}/offers/v1.0/aws/${offer}/current/${region}/index.csv`,
        signal,
        reader,
      );
      return { published, reader };
    },
    { retries, minTimeout: wait, randomize: false, ...(signal === undefined ? {} : { signal }) },
  );
}

async function download(url: string, signal: AbortSignal | undefined, reader: Reader): Promise<string> {
  const response = await fetch(url, signal === undefined ? {} : { signal });
  if (response.status === 403 || response.status === 404) throw new AbortError(`${url} does not exist`);
  if (!response.ok || response.body === null) throw new Error(`${url} answers ${response.status}`);
  const records = parse({ relax_column_count: true });
  // a connection that ends early must end the reading, too
  const [published] = await Promise.all([
    readRecords(records as AsyncIterable<readonly string[]>, reader),
    pipeline(Readable.fromWeb(response.body), records),
  ]);
  if (published === undefined) throw new AbortError(`${url} is not a price list`);
  return published;
}

/** Five lines about the file stand before the line of the columns' names. */
async function readRecords(records: AsyncIterable<readonly string[]>, reader: Reader): Promise<string | undefined> {
  let published: string | undefined;
  let columns: ReadonlyMap<string, number> | undefined;
  for await (const record of records) {
    if (columns !== undefined) see(record, columns, reader);
    else if (record[0] === "SKU") columns = new Map(record.map((name, index) => [columnName(name), index]));
    else if (record[0] === "Publication Date") published = /^\d{4}-\d{2}-\d{2}/.exec(record[1] ?? "")?.[0];
  }
  return columns === undefined ? undefined : published;
}

function see(record: readonly string[], columns: ReadonlyMap<string, number>, reader: Reader): void {
  const row: PriceRow = (column) => record[columns.get(column) ?? -1];
  if (row("termtype") === "OnDemand" && row("currency") === "USD") reader.see(row);
}

/** `Pre Installed S/W` is what the JSON lists call `preInstalledSw`. */
export function columnName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}
