/**
 * Quantities as the Kubernetes API server reads them. It takes more than a person should write in a config file
 * (quantity.ts): bare bytes, exponents, zero, a sign, nano to exbi.
 * https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E))?$/;

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** The amount in base units (cores, bytes, pieces); `undefined` where the value is missing or is no quantity. */
export function kubernetesQuantity(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  const match = typeof value === "string" ? QUANTITY.exec(value) : null;
  if (!match) return undefined;
  const [, amount, exponent, suffix] = match;
  // 100m must be exactly 0.1, so divide by a whole number instead of multiplying with a fraction
  const factor = suffix === undefined ? 1 : (FACTORS[suffix] ?? 1);
  const whole = Number(`${amount}${exponent ?? ""}`);
  return factor < 1 ? whole / Math.round(1 / factor) : whole * factor;
}
