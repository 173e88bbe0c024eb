import { formatCpu, formatMemory } from "@groundwork/lib/quantity";

/** `500m`, `1.5 cores`. */
export function cores(value: number): string {
  if (value < 1) return formatCpu(value);
  return value === 1 ? "1 core" : `${Math.round(value * 1000) / 1000} cores`;
}

/** `512Mi`, `1.5Gi`: sums seldom fill a whole unit, and nobody reads nine digits of KiB. */
export function memoryText(value: number): string {
  const gib = value / 2 ** 30;
  if (gib >= 1 && !Number.isInteger(gib)) return `${Math.round(gib * 100) / 100}Gi`;
  return value < 2 ** 10 ? `${Math.ceil(value)} bytes` : formatMemory(Math.ceil(value));
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}
