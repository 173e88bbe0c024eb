import { BadInput } from "@groundwork/lib/errors";
import { type PriceTable, ageInDays } from "@groundwork/lib/pricing/table";

/** Whether old prices are taken. */
export interface PriceFlags {
  readonly maxPriceAge: string;
  readonly allowOldPrices?: boolean;
}

/** Days after which prices are too old to tell anybody. */
export const MAX_PRICE_AGE = "180";

/**
 * Prices change a few times a year, and a sum with old ones looks just as exact.
 * @throws BadInput when the table is too old
 */
export function requireFresh(table: PriceTable, { maxPriceAge, allowOldPrices = false }: PriceFlags): void {
  const most = Number(maxPriceAge);
  if (!/^\d+$/.test(maxPriceAge)) {
    throw new BadInput(`--max-price-age is ${maxPriceAge}; write a number of days, such as ${MAX_PRICE_AGE}`);
  }
  const age = ageInDays(table, new Date());
  if (age > most && !allowOldPrices) {
    throw new BadInput(
      `the prices are of ${table.date}, ${age} days old and above the ${maxPriceAge} of --max-price-age; run \`groundwork cost --refresh\`, or take them as they are with --allow-old-prices`,
    );
  }
}
