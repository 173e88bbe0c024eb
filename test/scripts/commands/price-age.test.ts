import { ownPrices, type PriceTable } from "@groundwork/lib/pricing/table";
import { requireFresh } from "../../../scripts/commands/price-age.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const FLAGS = { maxPriceAge: "180" };

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** A table of some age, with one price that was read on a day of its own. */
function tableOf(days: number, own: number): PriceTable {
  const { table } = ownPrices();
  const reading = { asOf: daysAgo(own), how: "By hand." };
  const [first, second] = table.prices;
  const read = (entry: typeof first, how: string) => [
    { ...(entry as NonNullable<typeof first>), in: { "us-east-1": { usd: 1, read: how } } },
  ];
  return {
    ...table,
    date: daysAgo(days),
    readings: { list: { ...reading, on: daysAgo(days) }, hand: { ...reading, on: daysAgo(own) } },
    prices: [...read(first, "list"), ...read(second, "hand")],
  };
}

describe("the age of prices", () => {
  it("is that of the list, and twice as much for a single price that no refresh finds", async () => {
    requireFresh(tableOf(180, 180), FLAGS);
    requireFresh(tableOf(0, 360), FLAGS);
    await assertBadInput(() => requireFresh(tableOf(182, 0), FLAGS), /above the 180 of --max-price-age/);
    const stale = tableOf(0, 362);
    const id = stale.prices[1]?.id ?? "";
    await assertBadInput(() => requireFresh(stale, FLAGS), new RegExp(`price of ${id} was last read .* 362 days ago`));
  });

  it("does not matter where old prices are allowed", () => {
    requireFresh(tableOf(999, 999), { ...FLAGS, allowOldPrices: true });
  });
});
