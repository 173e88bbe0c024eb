import type { Range } from "@groundwork/lib/capacity-report";

/** At most one decimal: what is planned with is never known better. */
export function amount(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 1 });
}

/** Whole numbers, with separators. */
export function scaled(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
}

export function gib(bytes: number): string {
  return amount(bytes / 2 ** 30);
}

/** One number where nothing scales by itself. */
export function range({ min, max }: Range): string {
  return min === max ? (min === 0 ? "" : amount(min)) : `${amount(min)}-${amount(max)}`;
}
