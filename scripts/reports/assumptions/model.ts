import type { ModelOverride } from "@groundwork/lib/capacity/assumptions";
import { PART_ROLES } from "@groundwork/lib/capacity/assumptions";
import { BadInput } from "@groundwork/lib/errors";
import { FILE, numbers, object, optional } from "./checks.ts";

const positive = (example: string) => ({ least: 0, above: true, example });

const FIGURES = {
  serviceSeconds: positive("0.045"),
  cpuSeconds: positive("0.004"),
  concurrency: positive("32"),
  utilisation: { least: 0, above: true, most: 1, example: "0.7" },
  share: positive("0.2"),
  delaySeconds: { least: 0, example: "0.8" },
  connections: { least: 0, example: "20" },
  threads: positive("2"),
  writeShare: { least: 0, above: true, most: 1, example: "0.2" },
} as const;

/** What the calibrated model says otherwise, by system or `default`, then by part. */
export function parseModel(
  section: unknown,
  where: string,
): Readonly<Record<string, Readonly<Record<string, ModelOverride>>>> {
  const systems = optional(section, where, "systems, or default, with parts such as backend");
  return Object.fromEntries(
    Object.entries(systems).map(([system, parts]) => {
      const entries = Object.entries(object(parts, `${where}.${system}`, "parts such as backend"));
      return [
        system,
        Object.fromEntries(entries.map(([part, value]) => [part, override(value, `${where}.${system}.${part}`)])),
      ];
    }),
  );
}

function override(value: unknown, where: string): ModelOverride {
  const { role, ...figures } = object(value, where, "figures such as cpuSeconds: 0.004");
  // a wrong key is told with all that there are
  const found = numbers(figures, FIGURES, where);
  if (role === undefined) return found;
  const known = PART_ROLES.find((one) => one === role);
  if (known !== undefined) return { role: known, ...found };
  throw new BadInput(`${FILE}: ${where}.role is ${JSON.stringify(role)}; write one of ${PART_ROLES.join(", ")}`);
}
