import { BadInput } from "@groundwork/lib/errors";

interface Ordered {
  readonly name: string;
  readonly needs: readonly string[];
  /** Comes after these where they are there. */
  readonly after?: readonly string[];
}

/**
 * The add-ons so that each comes after all that it needs; those that need nothing of each other keep their order.
 * A need that is not among them, or that leads back to itself, is refused.
 */
export function inOrder<A extends Ordered>(addons: readonly A[]): readonly A[] {
  const byName = new Map(addons.map((addon) => [addon.name, addon]));
  const ordered = new Set<A>();
  const visit = (addon: A, path: readonly string[]): void => {
    if (ordered.has(addon)) return;
    if (path.includes(addon.name)) throw circular([...path.slice(path.indexOf(addon.name)), addon.name]);
    for (const need of addon.needs) {
      const needed = byName.get(need);
      if (needed === undefined) throw missing(addon.name, need);
      visit(needed, [...path, addon.name]);
    }
    for (const earlier of addon.after ?? []) {
      const present = byName.get(earlier);
      if (present !== undefined) visit(present, [...path, addon.name]);
    }
    ordered.add(addon);
  };
  for (const addon of addons) visit(addon, []);
  return [...ordered];
}

function missing(addon: string, need: string): BadInput {
  return new BadInput(
    `addons: ${addon} needs ${need}, which is not installed; write ${need}: true, or ${addon}: false.`,
  );
}

function circular(path: readonly string[]): BadInput {
  return new BadInput(`addons: ${path.join(" needs ")}; remove one of these needs.`);
}
