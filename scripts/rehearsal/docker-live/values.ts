import type { Properties } from "../clouds/table.ts";
import { secondsOf, shortDuration } from "../clouds/tables/docker/durations.ts";

const NANO = 1e9;

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A list of objects; of anything else none. */
export function objects(value: unknown): Properties[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

export function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Go's notation as nanoseconds. */
export function nanosecondsOf(written: unknown): number {
  return Math.round(secondsOf(String(written)) * NANO);
}

/** Nanoseconds as the provider writes them. */
export function readable(nanoseconds: number): string {
  return shortDuration(`${nanoseconds / 1e6}ms`);
}

/** Go's notation as milliseconds. */
export function millisecondsOf(written: unknown, otherwise: number): number {
  return typeof written === "string" ? secondsOf(written) * 1000 : otherwise;
}
