import { Graph } from "../capacity/graph.ts";
import { EKS_CLUSTER } from "../capacity/kinds.ts";
import type { DesiredResource } from "../desired-state.ts";

/** Who is made from whom, and what else there is of a type: what pricing asks of the environment. */
export class ResourceGraph {
  readonly #graph: Graph;
  readonly #byType: ReadonlyMap<string, readonly DesiredResource[]>;

  constructor(resources: readonly DesiredResource[]) {
    this.#graph = new Graph(resources);
    // by URN, so that what is paid once is paid by the same one whatever the order
    this.#byType = Map.groupBy(resources.toSorted(byUrn), ({ type }) => type);
  }

  ofType(type: string): readonly DesiredResource[] {
    return this.#byType.get(type) ?? [];
  }

  /** All resources of a provider's package, by URN. */
  ofPackage(name: string): readonly DesiredResource[] {
    return [...this.#byType]
      .filter(([type]) => type.startsWith(`${name}:`))
      .flatMap(([, resources]) => resources)
      .sort(byUrn);
  }

  /** The EKS cluster that an object, or an add-on, is in; without one, its provider stands for it. */
  clusterOf({ urn, type, provider = "" }: DesiredResource): string {
    const made = type.startsWith("aws:") ? urn : provider;
    return this.#graph.nearest(made, EKS_CLUSTER)?.urn ?? provider;
  }

  /** The nearest resource of a type that one is made from. */
  nearest(from: DesiredResource, type: string): DesiredResource | undefined {
    return this.#graph.nearest(from.urn, type);
  }
}

function byUrn(a: DesiredResource, b: DesiredResource): number {
  return a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0;
}
