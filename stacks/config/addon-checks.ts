import { BadInput } from "@groundwork/lib/errors";
import { chooseAddons } from "../../components/cluster/addons/choose.ts";
import type { AddonToggles, ChosenAddon } from "../../components/cluster/addons/choose.ts";
import type { AddonName } from "../../components/cluster/addons/names.ts";
import { neededAddons, requiredAddons } from "../systems/addons.ts";
import type { AddonNeeds } from "../systems/addons.ts";
import type { System } from "../systems/system.ts";

/** What the systems need, and what the stack switches on or off beside that. */
export function addonsOf(
  key: string,
  toggles: AddonToggles,
  systems: readonly System[],
  needs: AddonNeeds,
): readonly ChosenAddon[] {
  const required = requiredAddons(systems, needs);
  const chosen = chooseAddons(toggles, neededAddons(systems, needs));
  for (const [name, why] of Object.entries(required))
    if (toggles[name as AddonName] === false)
      throw new BadInput(`${key}.${name} is false, and ${why}; remove the line, or what asks for it.`);
  return chosen;
}
