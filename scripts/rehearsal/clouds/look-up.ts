import { isDeepStrictEqual } from "node:util";
import { urnTagValue } from "@groundwork/lib/identity";
import { isAnnotated, isLabelled, isTagged } from "@groundwork/lib/taggable";
import type { Cloud } from "./cloud.ts";
import { View, contextFor } from "./context.ts";
import type { Item } from "./inventory.ts";
import type { Ctx } from "./table.ts";
import { Secret, type TreeObject, fromPlainObject, ifKnown, isAbsent } from "./values.ts";

/**
 * What a create that nobody knows the end of has made, found as a person would find it: by the tag with its URN, else
 * by its unique name, else by its settings. `known` are the ids that the state already holds under this URN.
 */
export function lookUp(
  cloud: Cloud,
  urn: string,
  token: string,
  inputs: Readonly<Record<string, unknown>>,
  known: readonly string[],
): { id: string } | undefined {
  const isNew = (item: Item): boolean =>
    item.token === token && !known.includes(item.id) && item.retained === undefined;
  const tagged = cloud.inventory.taggedWith(urnTagValue(urn)).findLast(isNew);
  if (tagged !== undefined) return { id: tagged.id };
  const type = cloud.catalog.type(token);
  const marks = type?.findBy ?? type?.key;
  const tree = fromPlainObject(inputs);
  // what has neither tag nor unique name, such as a monitor, people tell by its settings
  const hasMark = marks !== undefined || isTagged(token) || isLabelled(token) || isAnnotated(token);
  const isAlike = ({ entry }: Item): boolean => !hasMark && isDeepStrictEqual(readable(entry.inputs), readable(tree));
  for (const place of cloud.inventory.places()) {
    const ctxOf = (of: TreeObject): Ctx => contextAt(cloud, urn, token, place, of);
    const wanted = ifKnown(() => marks?.(ctxOf(tree)));
    // some ids are made of the inputs alone, such as that of a policy's attachment to a role
    const id = ifKnown(() => type?.id?.(ctxOf(tree)));
    const things = (cloud.inventory.shelf.list(token, place) as readonly Item[]).filter(isNew);
    const isWanted = ({ entry }: Item): boolean =>
      wanted !== undefined && ifKnown(() => marks?.(ctxOf(entry.inputs))) === wanted;
    const found = things.findLast((item) => item.id === id || isWanted(item) || isAlike(item));
    if (found !== undefined) return { id: found.id };
  }
  return undefined;
}

/** The inputs that an exported state shows. */
function readable(inputs: TreeObject): TreeObject {
  const shown = Object.entries(inputs).filter(([, value]) => !isAbsent(value) && !(value instanceof Secret));
  return Object.fromEntries(shown);
}

function contextAt(
  { inventory, catalog, account }: Cloud,
  urn: string,
  token: string,
  place: string,
  inputs: TreeObject,
): Ctx {
  const view = new View(inventory.shelf, undefined, urn, undefined);
  const region = place.split("/")[2] ?? "";
  return contextFor({ urn, token, place, inputs, account, region, provider: {}, view, seed: urn, catalog });
}
