import type { DesiredResource } from "../desired-state.ts";

/** Who is made from whom, as pricing asks it. */
export class ResourceGraph {
  readonly #byUrn: ReadonlyMap<string, DesiredResource>;
  readonly #byType: ReadonlyMap<string, readonly DesiredResource[]>;

  constructor(resources: readonly DesiredResource[]) {
    this.#byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    // by URN, so that what is paid once is paid by the same one whatever the order
    const sorted = resources.toSorted((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
    this.#byType = Map.groupBy(sorted, ({ type }) => type);
  }

  ofType(type: string): readonly DesiredResource[] {
    return this.#byType.get(type) ?? [];
  }

  /** All resources of a provider's package, by URN. */
  ofPackage(name: string): readonly DesiredResource[] {
    return [...this.#byType]
      .filter(([type]) => type.startsWith(`${name}:`))
      .flatMap(([, resources]) => resources)
      .sort((a, b) => (a.urn < b.urn ? -1 : 1));
  }

  /** The nearest resource of a type that one is made from, breadth first. */
  nearest(from: DesiredResource, type: string): DesiredResource | undefined {
    const visited = new Set([from.urn]);
    let level = [...from.dependencies];
    while (level.length > 0) {
      const here = level.flatMap((urn) => this.#byUrn.get(urn) ?? []);
      const found = here.find((resource) => resource.type === type);
      if (found !== undefined) return found;
      for (const urn of level) visited.add(urn);
      level = [...new Set(here.flatMap(({ dependencies }) => dependencies))].filter((urn) => !visited.has(urn));
    }
    return undefined;
  }
}
