import type { HostAssumption } from "@groundwork/lib/capacity/assumptions";
import { FILE, number, numbers, optional } from "./checks.ts";
import { BadInput } from "@groundwork/lib/errors";

/** Twenty times in a month, and more than halved: beyond it there is a zero too many. */
const GROWTH = { least: -50, most: 2000, example: "5" };

/** Percent a month, by system or `default`. */
export function parseGrowth(section: unknown, where: string): Readonly<Record<string, number>> {
  const systems = optional(section, where, "systems, or default, with percent a month such as 5");
  return Object.fromEntries(
    Object.entries(systems).map(([system, value]) => [system, number(value, `${where}.${system}`, GROWTH)]),
  );
}

const HOST = {
  cpus: { least: 0, above: true, example: "4" },
  memoryGiB: { least: 0, above: true, example: "16" },
};

export function parseHost(section: unknown, where: string): HostAssumption {
  const { cpus, memoryGiB } = numbers(section, HOST, where);
  if (cpus !== undefined && memoryGiB !== undefined) return { cpus, memoryGiB };
  throw new BadInput(
    `${FILE}: ${where} has no ${cpus === undefined ? "cpus" : "memoryGiB"}; write both, such as cpus: 4 and memoryGiB: 16`,
  );
}
