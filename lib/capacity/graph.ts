import type { DesiredResource } from "../desired-state.ts";
import { plain, text } from "../expanders/read.ts";
import { NAMESPACE } from "./kinds.ts";

/** Resources by URN, and what they are made from. */
export class Graph {
  readonly #byUrn: ReadonlyMap<string, DesiredResource>;

  constructor(resources: readonly DesiredResource[]) {
    this.#byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  }

  find(urn: string | undefined): DesiredResource | undefined {
    return urn === undefined ? undefined : this.#byUrn.get(urn);
  }

  /** What a resource depends on itself, of one type. */
  direct(resource: DesiredResource, type: string): readonly DesiredResource[] {
    return resource.dependencies.flatMap((urn) => {
      const found = this.#byUrn.get(urn);
      return found?.type === type ? [found] : [];
    });
  }

  /** The nearest resource of a type that it depends on by any way; breadth first. */
  nearest(urn: string | undefined, type: string): DesiredResource | undefined {
    const visited = new Set<string>();
    let level = [...(this.find(urn)?.dependencies ?? [])];
    while (level.length > 0) {
      const found = level.map((each) => this.#byUrn.get(each)).find((resource) => resource?.type === type);
      if (found !== undefined) return found;
      for (const each of level) visited.add(each);
      level = [...new Set(level.flatMap((each) => this.#byUrn.get(each)?.dependencies ?? []))].filter(
        (each) => !visited.has(each),
      );
    }
    return undefined;
  }
}

/** The namespace of an object; while that is not known, the one that its metadata is made from. */
export function namespaceOf(graph: Graph, resource: DesiredResource, otherwise = "default"): string {
  const written = text(plain(resource.inputs["metadata"])["namespace"]);
  if (written !== "") return written;
  if (!resource.unknown.includes("metadata.namespace")) return otherwise;
  const [made] = graph.direct(resource, NAMESPACE);
  return text(plain(made?.inputs["metadata"])["name"], made?.urn ?? otherwise);
}
