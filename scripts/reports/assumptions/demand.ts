import type { Demand } from "@groundwork/lib/capacity/assumptions";
import { BadInput } from "@groundwork/lib/errors";
import { FILE, numbers, optional } from "./checks.ts";

const amount = (example: string) => ({ least: 0, example });

const DEMAND = {
  requestsPerSecond: amount("400"),
  users: amount("10000"),
  requestsPerUserPerMinute: { least: 0, above: true, example: "6" },
  tracksPerHour: amount("20000"),
  storageGiB: amount("100"),
  storageGrowthGiB: amount("10"),
} as const;

/** What each system has to carry. */
export function parseDemand(section: unknown, where: string): Readonly<Record<string, Demand>> {
  const systems = optional(section, where, "systems with amounts such as requestsPerSecond: 400");
  return Object.fromEntries(
    Object.entries(systems).map(([system, value]) => {
      const found: Demand = numbers(value, DEMAND, `${where}.${system}`);
      if (found.requestsPerSecond !== undefined && found.users !== undefined) {
        throw new BadInput(
          `${FILE}: ${where}.${system} has requestsPerSecond ${found.requestsPerSecond} and users ${found.users}, which say the same; write one of them`,
        );
      }
      return [system, found];
    }),
  );
}
