import { textAt, unknownAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";

export interface Pair {
  /** Types of the resources that something belongs to, e.g. buckets. */
  readonly owners: readonly string[];
  /** Inputs in which an owner's own name may be written. */
  readonly names: readonly string[];
  /** Types of what belongs to them, e.g. public access blocks. */
  readonly companions: readonly string[];
  /** The companion's input that says whose it is. */
  readonly property: string;
}

/** Whose companion each resource is: as the graph of the stack says, else by a name that is written out. */
export class Companions {
  readonly owners: readonly Resource[];
  readonly #of = new Map<string, Resource[]>();
  /** What belongs to something that is not known yet, and might be anybody's. */
  readonly floating: { readonly resource: Resource; readonly path: string } | undefined;

  constructor(stack: Stack, { owners, names, companions, property }: Pair) {
    this.owners = stack.ofType(...owners);
    const named = new Map<string, string>();
    for (const owner of this.owners) {
      for (const name of names) {
        const text = textAt(owner.inputs, name);
        if (text !== undefined) named.set(text, owner.urn);
      }
    }
    // asked for a type that nothing has, the graph is searched to its end
    const types = [...new Set(this.owners.map(({ type }) => type))];
    for (const companion of stack.ofType(...companions)) {
      const found = types.flatMap((type) => stack.nearest(companion.urn, type, property));
      const urns = found.length > 0 ? found : byName(textAt(companion.inputs, property), named);
      for (const urn of urns) this.#of.set(urn, [...(this.#of.get(urn) ?? []), companion]);
      const path = urns.length > 0 ? undefined : unknownAt(companion.unknown, property);
      if (path !== undefined) this.floating ??= { resource: companion, path };
    }
  }

  of(owner: Resource): readonly Resource[] {
    return this.#of.get(owner.urn) ?? [];
  }
}

/** ARNs and URLs end with the name. */
function byName(text: string | undefined, named: ReadonlyMap<string, string>): string[] {
  if (text === undefined) return [];
  const ends = [text, text.slice(text.lastIndexOf(":") + 1), text.slice(text.lastIndexOf("/") + 1)];
  const found = ends.flatMap((end) => named.get(end) ?? []);
  return found.slice(0, 1);
}
