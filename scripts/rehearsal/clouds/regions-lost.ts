import type { Item } from "./inventory.ts";

/** The AWS regions that nobody reaches at the moment, except by AWS's control API. */
export class LostRegions {
  readonly #names = new Set<string>();
  readonly #left = new Map<string, Item>();

  get names(): readonly string[] {
    return [...this.#names].sort();
  }

  has(region: string): boolean {
    return this.#names.has(region);
  }

  lose(region: string): void {
    this.#names.add(region);
  }

  giveBack(region: string): void {
    this.#names.delete(region);
  }

  /** Objects that were dropped from the state while nobody could delete them. */
  get left(): readonly Item[] {
    return [...this.#left.values()];
  }

  leave(item: Item): void {
    this.#left.set(`${item.place}\n${item.token}\n${item.id}`, item);
  }
}

/** `aws/<account>/<region>` */
export function regionOf(place: string): string {
  return place.split("/")[2] ?? "";
}
