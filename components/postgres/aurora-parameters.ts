import { parseMemory } from "@groundwork/lib/quantity";
import type { PostgresSpec } from "./spec.ts";

/**
 * Bytes in the unit of the parameters that are sizes: where `postgresql.conf` takes "4MB", RDS takes the bare number.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Reference.ParameterGroups.html
 */
const UNITS: Readonly<Record<string, number>> = {
  work_mem: 1024,
  maintenance_work_mem: 1024,
  autovacuum_work_mem: 1024,
  logical_decoding_work_mem: 1024,
  shared_buffers: 8192,
  effective_cache_size: 8192,
  temp_buffers: 8192,
};

/** `64MB` as PostgreSQL writes it. https://www.postgresql.org/docs/17/config-setting.html#CONFIG-SETTING-NAMES-VALUES */
const SIZE = /^(\d+)(kB|MB|GB|TB)$/;
const BINARY: Readonly<Record<string, string>> = { kB: "Ki", MB: "Mi", GB: "Gi", TB: "Ti" };

/** The settings that an Aurora cluster gets from what a system asks of its PostgreSQL. */
export function auroraParameters({ maxConnections, parameters = {} }: PostgresSpec): Readonly<Record<string, string>> {
  const own = Object.entries(parameters).map(([name, value]) => [name, inUnits(name, value)]);
  return {
    "rds.force_ssl": "1",
    ...(maxConnections === undefined ? {} : { max_connections: String(maxConnections) }),
    ...(Object.fromEntries(own) as Record<string, string>),
  };
}

function inUnits(name: string, value: string): string {
  const unit = UNITS[name];
  const [, amount, suffix = ""] = SIZE.exec(value) ?? [];
  if (unit === undefined || amount === undefined) return value;
  return String(Math.round(parseMemory(`${amount}${BINARY[suffix] ?? ""}`, name) / unit));
}
