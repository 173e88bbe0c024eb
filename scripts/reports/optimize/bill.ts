import { readFileSync } from "node:fs";
import { BadInput } from "@groundwork/lib/errors";
import { parse } from "yaml";
import type { Area } from "./proposal.ts";
import { share } from "./proposal.ts";
import { RATES, type Rate } from "./rates.ts";

/** What somebody pays a month for each area, in US cents, and what it should cost. */
export interface Bill {
  readonly areas: Readonly<Partial<Record<Area, number>>>;
  /** US cents a month in all; without it, monitoring stays as it is. */
  readonly target?: number;
}

export interface BillLine {
  readonly area: Area;
  readonly beforeCents: number;
  readonly afterCents: number;
  readonly how: string;
  readonly source: string;
}

interface Measure {
  readonly rate: Rate;
  readonly how: string;
}

/** The same rates as those of the rules for a stack, each for the whole of its area. */
const MEASURES: Readonly<Record<Exclude<Area, "monitoring">, Measure>> = {
  compute: { rate: RATES.compute, how: "reserved capacity for what always runs" },
  database: { rate: RATES.database, how: "managed services, reserved for a year" },
  storage: { rate: RATES.tiering, how: "what is seldom read moves to a cheaper class" },
  network: { rate: RATES.endpoints, how: "VPC endpoints in place of NAT gateways' traffic" },
};

const AREAS: readonly Area[] = ["compute", "database", "storage", "network", "monitoring"];

/** What a bill comes down to. Monitoring takes what the others leave: metrics and logs are kept as long as the target allows. */
export function optimizeBill({ areas, target }: Bill): readonly BillLine[] {
  const lines = AREAS.flatMap((area): BillLine[] => {
    const beforeCents = areas[area];
    if (beforeCents === undefined || area === "monitoring") return [];
    const { rate, how } = MEASURES[area];
    return [{ area, beforeCents, afterCents: beforeCents - share(beforeCents, rate.share), how, source: rate.source }];
  });
  const monitoring = areas.monitoring;
  if (monitoring === undefined) return lines;
  const left = (target ?? Infinity) - lines.reduce((sum, { afterCents }) => sum + afterCents, 0);
  const afterCents = Math.min(monitoring, Math.max(0, left));
  return [
    ...lines,
    {
      area: "monitoring",
      beforeCents: monitoring,
      afterCents,
      how: "shorter retention of metrics and logs",
      source: "https://aws.amazon.com/cloudwatch/pricing/",
    },
  ];
}

/** @throws BadInput when the file is no bill */
export function readBill(path: string): Bill {
  let written: unknown;
  try {
    written = parse(readFileSync(path, "utf8"));
  } catch {
    throw new BadInput(`--bill ${path} cannot be read as YAML; write a line for each area, such as compute: 1333`);
  }
  if (typeof written !== "object" || written === null || Array.isArray(written))
    throw new BadInput(`--bill ${path} has no areas; write a line for each, such as compute: 1333`);
  const amounts = Object.entries(written).map(([key, value]): [string, number] => {
    if (key !== "target" && !AREAS.some((area) => area === key))
      throw new BadInput(`--bill ${path} has ${key}; write ${AREAS.join(", ")} or target`);
    if (typeof value !== "number" || !(value >= 0) || !Number.isFinite(value))
      throw new BadInput(`--bill ${path} has ${key}: ${JSON.stringify(value)}; write US dollars a month, such as 1333`);
    return [key, Math.round(value * 100)];
  });
  const { target, ...areas } = Object.fromEntries(amounts) as { target?: number } & Partial<Record<Area, number>>;
  return target === undefined ? { areas } : { areas, target };
}
