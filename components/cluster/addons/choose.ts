import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import type { Addon } from "./addon.ts";
import { isManaged } from "./addon.ts";
import { CATALOG } from "./catalog.ts";
import type { AddonName } from "./names.ts";
import { inOrder } from "./order.ts";

/** Changes to an add-on of the catalog. */
export interface AddonOverrides {
  /** Pods of its controllers; default: the environment's. */
  readonly replicas?: number;
  /** Chart values, laid over ours: objects are merged, everything else replaces. */
  readonly values?: Readonly<Record<string, unknown>>;
}

/** The configuration's `addons`: on, off, or on with changes. */
export type AddonToggles = Readonly<Partial<Record<AddonName, boolean | AddonOverrides>>>;

export interface ChosenAddon {
  readonly addon: Addon;
  readonly overrides: AddonOverrides;
}

/**
 * The add-ons of an environment in the order in which they are installed: those that it needs by itself, what the
 * configuration switches on or off, and all that EKS manages, without which no pod runs.
 */
export function chooseAddons(
  toggles: AddonToggles,
  defaults: readonly AddonName[],
  catalog: readonly Addon[] = CATALOG,
): readonly ChosenAddon[] {
  const names = catalog.map(({ name }) => name);
  for (const [name, toggle] of Object.entries(toggles)) {
    if (!(names as readonly string[]).includes(name))
      throw new BadInput(`addons: ${name} is no add-on; ${choices(name, names)}.`);
    checkToggle(name, toggle);
  }
  const chosen = catalog.filter((addon) => {
    const toggle = toggles[addon.name];
    if (isManaged(addon)) {
      if (toggle === undefined || toggle === true) return true;
      throw new BadInput(
        `addons: ${addon.name} is ${JSON.stringify(toggle)}; remove the line, because every cluster needs it as it is.`,
      );
    }
    return toggle === undefined ? defaults.includes(addon.name) : toggle !== false;
  });
  return inOrder(chosen).map((addon) => {
    const toggle = toggles[addon.name];
    return { addon, overrides: typeof toggle === "object" ? toggle : {} };
  });
}

function checkToggle(name: string, toggle: unknown): void {
  if (typeof toggle === "boolean") return;
  if (typeof toggle !== "object" || toggle === null || Array.isArray(toggle))
    throw new BadInput(
      `addons: ${name} is ${JSON.stringify(toggle)}; write true, false, or changes such as { replicas: 3 }.`,
    );
  for (const key of Object.keys(toggle)) {
    if (key !== "replicas" && key !== "values")
      throw new BadInput(`addons: ${name}.${key} is no key; ${choices(key, ["replicas", "values"])}.`);
  }
  const { replicas, values } = toggle as Record<string, unknown>;
  if (replicas !== undefined && !(Number.isInteger(replicas) && Number(replicas) >= 1))
    throw new BadInput(`addons: ${name}.replicas is ${JSON.stringify(replicas)}; write a whole number from 1.`);
  if (values !== undefined && (typeof values !== "object" || values === null || Array.isArray(values)))
    throw new BadInput(`addons: ${name}.values is ${JSON.stringify(values)}; write the chart's values as a map.`);
}
