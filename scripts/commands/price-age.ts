import { BadInput } from "@groundwork/lib/errors";
import { type PriceTable, ageInDays, oldestPrice } from "@groundwork/lib/pricing/table";

/** Whether old prices are taken. */
export interface PriceFlags {
  readonly maxPriceAge: string;
  readonly allowOldPrices?: boolean;
}

/** Days after which prices are too old to tell anybody. */
export const MAX_PRICE_AGE = "180";

/** A price that no refresh finds is read by hand, and may be older by as much. */
const BY_HAND = 2;

/**
 * Prices change a few times a year, and a sum with old ones looks just as exact.
 * @throws BadInput when the table is too old
 */
export function requireFresh(table: PriceTable, { maxPriceAge, allowOldPrices = false }: PriceFlags): void {
  const most = Number(maxPriceAge);
  if (!/^\d+$/.test(maxPriceAge)) {
    throw new BadInput(`--max-price-age is ${maxPriceAge}; write a number of days, such as ${MAX_PRICE_AGE}`);
  }
  if (allowOldPrices) return;
  const age = ageInDays(table, new Date());
  if (age > most) {
    throw new BadInput(
      `the prices are of ${table.date}, ${age} days old and above the ${maxPriceAge} of --max-price-age; run \`groundwork cost --refresh\`, or take them as they are with --allow-old-prices`,
    );
  }
  const { id, on } = oldestPrice(table);
  const days = ageInDays({ date: on }, new Date());
  if (days > BY_HAND * most) {
    throw new BadInput(
      `the price of ${id} was last read on ${on}, ${days} days ago and above twice the ${maxPriceAge} of --max-price-age, and no refresh has found it since; look it up on the page that its entry names and write it with a reading of that day, or take it as it is with --allow-old-prices`,
    );
  }
}
