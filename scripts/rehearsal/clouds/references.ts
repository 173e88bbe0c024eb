import type { Catalog } from "./catalog.ts";
import type { Scene } from "./context.ts";
import type { Item, Watcher } from "./inventory.ts";
import { formatPath, select } from "./paths.ts";
import { placeOfTarget } from "./places.ts";
import { EVERYWHERE, valueOf } from "./shelf.ts";
import type { Reference, Thing } from "./table.ts";
import type { CheckFailure } from "./validate.ts";
import { describeValue } from "./validate.ts";
import type { TreeObject } from "./values.ts";
import { Unknown } from "./values.ts";

/** One value of a thing that points to another thing. */
interface Pointer {
  readonly reference: Reference;
  readonly path: string;
  readonly value: string | number;
  readonly secret: boolean;
}

function targetsOf({ to }: Reference): readonly string[] {
  return typeof to === "string" ? [to] : to;
}

function propertiesOf({ by = "id" }: Reference): readonly string[] {
  return typeof by === "string" ? [by] : by;
}

/** The known values of a thing's inputs that need a target. */
function pointersOf(references: readonly Reference[], inputs: TreeObject): Pointer[] {
  return references.flatMap((reference) =>
    select(inputs, reference.path).flatMap(({ path, value, secret }) => {
      if (value instanceof Unknown || (typeof value !== "string" && typeof value !== "number") || value === "")
        return [];
      if (reference.except?.test(String(value)) === true) return [];
      return [{ reference, path: formatPath(path), value, secret }];
    }),
  );
}

/** Values that point to nothing in the account, region or cluster that they are used in. */
export function danglingReferences(scene: Scene, references: readonly Reference[]): CheckFailure[] {
  return pointersOf(references, scene.inputs)
    .filter((pointer) => !isThere(scene, pointer))
    .map((pointer) => ({ path: pointer.path, reason: describeDangling(scene, pointer) }));
}

function isThere(scene: Scene, { reference, value }: Pointer): boolean {
  return targetsOf(reference).some((token) => {
    const place = reference.anyRegion === true ? EVERYWHERE : placeOfTarget(token, scene, scene.catalog);
    return propertiesOf(reference).some((property) => scene.view.find(token, place, property, value) !== undefined);
  });
}

function describeDangling(scene: Scene, { reference, path, value, secret }: Pointer): string {
  const tokens = targetsOf(reference);
  const properties = propertiesOf(reference);
  const elsewhere = tokens
    .flatMap((token) => properties.map((property) => scene.view.find(token, EVERYWHERE, property, value)))
    .find((thing) => thing !== undefined);
  const shown = `"${path}" is ${describeValue(value, secret)}`;
  const nothing = `no ${tokens.join(" or ")} in ${describePlace(scene.place)} has this ${properties.join(" or ")}`;
  if (elsewhere === undefined) return `${shown}, but ${nothing}: point to one that exists or create it in this program`;
  return `${shown}, but ${nothing}, it is in ${describePlace(elsewhere.place)}: point to one in ${describePlace(scene.place)}`;
}

/** `aws/123456789012/us-west-2` as people say it. */
export function describePlace(place: string): string {
  const [cloud, ...rest] = place.split("/");
  if (cloud === "aws") return rest[1] ?? `account ${rest[0] ?? ""}`;
  if (cloud === "kubernetes") return `cluster ${rest.join("/")}`;
  return cloud === "docker" ? `Docker Engine ${rest.join("/")}` : place;
}

/** A thing that keeps another one from being deleted. */
export interface Holder {
  readonly thing: Thing;
  readonly path: string;
}

/** Who points to what, so that what is still used is not deleted. */
export class References implements Watcher {
  readonly #catalog: Catalog;
  readonly #holders = new Map<string, Map<Item, string>>();
  /** By which of its properties a type has been pointed to. */
  readonly #properties = new Map<string, Set<string>>();

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  added(item: Item): void {
    for (const { key, path, token, property } of this.#held(item)) {
      const holders = this.#holders.get(key) ?? new Map<Item, string>();
      this.#holders.set(key, holders.set(item, path));
      const properties = this.#properties.get(token) ?? new Set();
      this.#properties.set(token, properties.add(property));
    }
  }

  removed(item: Item): void {
    for (const { key } of this.#held(item)) this.#holders.get(key)?.delete(item);
  }

  holdersOf(item: Item): Holder[] {
    const found: Holder[] = [];
    for (const property of this.#properties.get(item.token) ?? []) {
      const value = valueOf(item, property);
      for (const [thing, path] of this.#holders.get(`${item.token}\n${property}\n${String(value)}`) ?? []) {
        if (thing !== item && this.#reaches(thing, item)) found.push({ thing, path });
      }
    }
    return found;
  }

  *#held(item: Item): Generator<{ key: string; path: string; token: string; property: string }> {
    if (item.retained !== undefined || item.broughtBy !== undefined) return;
    const references = this.#catalog.type(item.token)?.references?.filter(({ holds }) => holds !== false) ?? [];
    for (const { reference, path, value } of pointersOf(references, item.entry.inputs)) {
      for (const token of targetsOf(reference)) {
        for (const property of propertiesOf(reference))
          yield { key: `${token}\n${property}\n${value}`, path, token, property };
      }
    }
  }

  /** Names repeat from region to region: a name there does not hold what has the name here. */
  #reaches(holder: Item, item: Item): boolean {
    const place = placeOfTarget(item.token, holder, this.#catalog);
    const anyRegion = this.#catalog
      .type(holder.token)
      ?.references?.some((reference) => reference.anyRegion === true && targetsOf(reference).includes(item.token));
    if (anyRegion === true || place === EVERYWHERE) return true;
    return place.endsWith(EVERYWHERE) ? item.place.startsWith(place.slice(0, -1)) : item.place === place;
  }
}
