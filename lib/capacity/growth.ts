import type { View } from "./view.ts";
import { growthOf, requestsPerSecond } from "./assumptions.ts";
import type { Part } from "./parts.ts";
import type { PodGroup } from "./pods.ts";

/** How the demand on a stack grows from month to month. */
export class Growth {
  readonly #view: View;
  readonly #partOf: ReadonlyMap<PodGroup, Part>;

  constructor(view: View, parts: readonly Part[]) {
    this.#view = view;
    // what all systems share has a part with each of them, and grows with none alone
    const own = parts.flatMap((part): [PodGroup, Part][] =>
      part.group !== undefined && part.group.system === part.system ? [[part.group, part]] : [],
    );
    this.#partOf = new Map(own);
  }

  /** How many times today's demand there is after so many months. */
  factor(system: string, month: number): number {
    return (1 + growthOf(this.#view.assumptions, system) / 100) ** month;
  }

  /** A second, of requests or tracks; `undefined` where nobody stated any. */
  demand(system: string, flow: Part["flow"], month: number): number | undefined {
    const { demand } = this.#view.assumptions;
    const own = Object.hasOwn(demand, system) ? demand[system] : undefined;
    const today = flow === "requests" ? requestsPerSecond(own) : own?.tracksPerHour && own.tracksPerHour / 3600;
    return today === undefined ? undefined : today * this.factor(system, month);
  }

  /** GiB of a system's data; `undefined` where nobody stated any. */
  storage(system: string, month: number): number | undefined {
    const { demand } = this.#view.assumptions;
    const own = Object.hasOwn(demand, system) ? demand[system] : undefined;
    if (own?.storageGiB === undefined && own?.storageGrowthGiB === undefined) return undefined;
    let total = own.storageGiB ?? 0;
    for (let past = 0; past < month; past++) total += (own.storageGrowthGiB ?? 0) * this.factor(system, past);
    return total;
  }

  /** Replicas that a part needs, were it allowed to have them; never fewer than it has at the least. */
  replicas(part: Part, month: number): number {
    const demand = this.demand(part.system, part.flow, month);
    if (demand === undefined) return part.replicas.min;
    return Math.max(part.replicas.min, ceiling(demand / part.eachPerSecond));
  }

  /** As {@link replicas}, of any pods. */
  count(group: PodGroup, month: number): number {
    const part = this.#partOf.get(group);
    return part === undefined ? group.replicas.min : this.replicas(part, month);
  }
}

/** A hair above a whole number is what sums of tenths make of it. */
export function ceiling(value: number): number {
  return Math.ceil(value - 1e-9);
}
