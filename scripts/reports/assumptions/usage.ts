import { CLOUDFLARE_PLANS, type CloudflarePlan } from "@groundwork/lib/cloudflare-plans";
import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import { USAGE_KEYS, type UsageAssumptions, type UsageKey, type UsageValues } from "@groundwork/lib/pricing/usage";

const PLAN = "cloudflarePlan";
const KEYS: readonly string[] = [...USAGE_KEYS, PLAN];

/**
 * A stack's section `usage` of capacity.yaml: amounts by system, or `default` for all of them. What is left out has its
 * default in lib/pricing/usage.ts.
 * @throws BadInput for a key that does not exist or a value of the wrong shape
 */
export function parseUsage(section: unknown, where = "usage"): UsageAssumptions {
  if (section === undefined || section === null) return {};
  const systems = object(section, where, "systems, or default, each with amounts such as natGb: 200");
  return Object.fromEntries(
    Object.entries(systems).map(([system, values]) => [system, parseValues(values, `${where}.${system}`)]),
  );
}

function parseValues(values: unknown, where: string): UsageValues {
  const entries = Object.entries(object(values, where, "amounts such as natGb: 200"));
  return Object.fromEntries(
    entries.map(([key, value]) => [
      known(key, where),
      key === PLAN ? plan(value, where) : amount(value, `${where}.${key}`),
    ]),
  );
}

function known(key: string, where: string): UsageKey | typeof PLAN {
  if (KEYS.includes(key)) return key as UsageKey;
  throw new BadInput(`capacity.yaml: ${where} has no key ${key}; ${choices(key, KEYS)}`);
}

function amount(value: unknown, where: string): number {
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw new BadInput(`capacity.yaml: ${where} is ${JSON.stringify(value)}; write a number from 0, such as 200`);
}

function plan(value: unknown, where: string): CloudflarePlan {
  const found = CLOUDFLARE_PLANS.find((name) => name === value);
  if (found !== undefined) return found;
  throw new BadInput(
    `capacity.yaml: ${where}.${PLAN} is ${JSON.stringify(value)}; write one of ${CLOUDFLARE_PLANS.join(", ")}`,
  );
}

function object(value: unknown, where: string, instead: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new BadInput(`capacity.yaml: ${where} is ${JSON.stringify(value)}; write ${instead}`);
}
