import { BadInput } from "./errors.ts";

/** CPU in the field's notation: cores as a number, or millicores as text. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-cpu */
export type Cpu = number | `${number}m` | `${number}`;

type BinaryUnit = "Ki" | "Mi" | "Gi" | "Ti" | "Pi";
type DecimalUnit = "k" | "M" | "G" | "T" | "P";

/** Memory in the field's notation. https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory */
export type Memory = `${number}${BinaryUnit | DecimalUnit}`;

/** What one replica of something may use. */
export interface Size {
  /** CPU cores, e.g. `1.5` or `"500m"`. */
  readonly cpu: Cpu;
  /** Memory, e.g. `"1.5Gi"`. */
  readonly memory: Memory;
}

const UNITS: Readonly<Record<BinaryUnit | DecimalUnit, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
};

const NUMBER = /^(\d+(?:\.\d+)?)\s*(.*)$/;

/** CPU cores. `key` names the setting in the error. */
export function parseCpu(text: unknown, key = "cpu"): number {
  if (typeof text === "number" && Number.isFinite(text) && text > 0) return text;
  const [, amount, unit] = (typeof text === "string" && NUMBER.exec(text)) || [];
  const cores = unit === "" ? Number(amount) : unit === "m" ? Number(amount) / 1000 : 0;
  if (cores > 0) return cores;
  throw new BadInput(
    `${key} is ${shown(text)}${strangeUnit(unit)}; write CPU cores as a positive number (1.5) or millicores ("500m").`,
  );
}

/** Bytes. `key` names the setting in the error. */
export function parseMemory(text: unknown, key = "memory"): number {
  const [, amount, unit] = (typeof text === "string" && NUMBER.exec(text)) || [];
  const factor = unit !== undefined && Object.hasOwn(UNITS, unit) ? UNITS[unit as keyof typeof UNITS] : 0;
  const bytes = Number(amount) * factor;
  if (bytes >= 1) return Math.ceil(bytes);
  throw new BadInput(`${key} is ${shown(text)}${strangeUnit(unit)}; write ${meant(amount, unit)}.`);
}

/** The shortest Kubernetes notation, e.g. `500m`, `2`, `1.5` becomes `1500m`. */
export function formatCpu(cores: number): `${number}m` | `${number}` {
  const millis = Math.round(cores * 1000);
  return millis % 1000 === 0 ? `${millis / 1000}` : `${millis}m`;
}

/** The largest binary unit that leaves a whole number, e.g. `1536Mi`, `2Gi`; bytes that fill no whole KiB are rounded up. */
export function formatMemory(bytes: number): Memory {
  const units: readonly BinaryUnit[] = ["Pi", "Ti", "Gi", "Mi"];
  const unit = units.find((candidate) => bytes > 0 && bytes % UNITS[candidate] === 0) ?? "Ki";
  return `${Math.ceil(bytes / UNITS[unit])}${unit}`;
}

/** Whole MiB, rounded up: what Docker's API and PostgreSQL's `MB` count in. */
export function toMebibytes(bytes: number): number {
  return Math.ceil(bytes / UNITS.Mi);
}

function shown(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}

function strangeUnit(unit: string | undefined): string {
  return unit && unit !== "m" && !Object.hasOwn(UNITS, unit) ? `, and "${unit}" is no unit` : "";
}

/** A suggestion in the reader's own number where the letter tells what was meant, e.g. `6GB` and `6g` mean `6Gi`. */
function meant(amount: string | undefined, unit: string | undefined): string {
  const letter = unit?.charAt(0).toUpperCase() ?? "";
  const binary = letter === "K" ? "Ki" : ["M", "G", "T", "P"].includes(letter) ? `${letter}i` : "Mi";
  return amount !== undefined && Number(amount) > 0
    ? `"${amount}${binary}" (Ki, Mi, Gi, Ti count in 1024; k, M, G, T in 1000)`
    : 'a positive amount with its unit, e.g. "512Mi" or "1.5Gi"';
}
