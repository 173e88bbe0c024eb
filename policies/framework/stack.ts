import type { PolicyResource } from "@pulumi/policy";
import type { Resource } from "./policy.ts";

/** Several policies follow the same ways through one stack: hundreds of objects have one provider. */
const walked = new WeakMap<object, Map<string, readonly string[]>>();

/** The resources of a stack that a policy looks at, sorted by URN, so that results come in the same order each run. */
export class Stack {
  readonly resources: readonly Resource[];
  readonly #graph: ReadonlyMap<string, PolicyResource>;
  readonly #found: Map<string, readonly string[]>;

  constructor(resources: readonly Resource[], graph: ReadonlyMap<string, PolicyResource>) {
    this.resources = resources.toSorted((a, b) => (a.urn < b.urn ? -1 : a.urn > b.urn ? 1 : 0));
    this.#graph = graph;
    this.#found = walked.get(graph) ?? new Map<string, readonly string[]>();
    walked.set(graph, this.#found);
  }

  ofType(...types: readonly (string | RegExp)[]): readonly Resource[] {
    return this.resources.filter(({ type }) => matches(type, types));
  }

  /**
   * The nearest resources of a type that a resource depends on, itself not among them: breadth first, and not beyond the
   * first level on which there is one. Through one property only where `property` names it.
   */
  nearest(urn: string, type: string, property?: string): readonly string[] {
    const key = `${urn}\n${type}\n${property ?? ""}`;
    const before = this.#found.get(key);
    if (before) return before;
    const found = this.#walk(urn, type, property);
    this.#found.set(key, found);
    return found;
  }

  #walk(urn: string, type: string, property?: string): readonly string[] {
    const start = this.#graph.get(urn);
    if (!start) return [];
    let level = property === undefined ? dependencies(start) : (start.propertyDependencies[property] ?? []);
    const visited = new Set([urn]);
    while (level.length > 0) {
      const found = level.filter((resource) => resource.type === type);
      if (found.length > 0) return [...new Set(found.map((resource) => resource.urn))].sort();
      for (const resource of level) visited.add(resource.urn);
      level = level.flatMap(dependencies).filter((resource) => !visited.has(resource.urn));
      level = [...new Set(level)];
    }
    return [];
  }
}

function dependencies(resource: PolicyResource): PolicyResource[] {
  return [...resource.dependencies, ...Object.values(resource.propertyDependencies).flat()];
}

export function matches(type: string, types: readonly (string | RegExp)[]): boolean {
  return types.some((wanted) => (typeof wanted === "string" ? wanted === type : wanted.test(type)));
}
