import { placements } from "@groundwork/lib/placement";
import type { QuotaReport } from "@groundwork/lib/rehearsal-report";
import { Catalog } from "../clouds/catalog.ts";
import { View, contextFor, knownPart } from "../clouds/context.ts";
import { Item } from "../clouds/inventory.ts";
import { valueAt } from "../clouds/paths.ts";
import { type QuotaLimits, QuotaCounter, chargesOf } from "../clouds/quotas.ts";
import { Shelf } from "../clouds/shelf.ts";
import { allTables } from "../clouds/simulator.ts";
import type { Ctx, ResourceType } from "../clouds/table.ts";
import { type TreeObject, Unknown, fromPlainObject, ifKnown, isObject, unwrap } from "../clouds/values.ts";
import type { Sketch } from "./sketch.ts";

const ACCOUNT = "123456789012";
const NOWHERE = "";

/**
 * What planned resources will use of the account's quotas, by the same tables that refuse what is too much when it is
 * made. An input that only the update will know, such as the zone's subnet of a NAT gateway, is followed to the planned
 * resource that it comes from.
 */
export async function plannedQuotas(sketches: readonly Sketch[], limits: QuotaLimits): Promise<QuotaReport[]> {
  const catalog = new Catalog(await allTables());
  const counter = new QuotaCounter(limits);
  const shelf = new Shelf();
  const things = planned(sketches, catalog);
  for (const { item } of things) shelf.add(item);
  for (const { item, inputs, type } of things) {
    const ctx = contextOf(item, inputs, shelf, catalog);
    const quotas = type === undefined ? [] : (ifKnown(() => chargesOf(type, ctx)) ?? []);
    counter.added(new Item({ ...item.entry, quotas }));
  }
  return counter
    .report()
    .map(({ quota, code, scope, used, ceiling, limit }) => ({
      quota,
      code,
      scope,
      used,
      ...(ceiling === undefined ? {} : { ceiling }),
      limit,
    }))
    .sort((a, b) => (`${a.scope} ${a.quota}` < `${b.scope} ${b.quota}` ? -1 : 1));
}

interface PlannedThing {
  readonly item: Item;
  /** With what is not known yet. */
  readonly inputs: TreeObject;
  readonly type: ResourceType | undefined;
}

function planned(sketches: readonly Sketch[], catalog: Catalog): PlannedThing[] {
  const places = placements(sketches.map(({ resource }) => resource));
  const known = new Map(sketches.map((one) => [one.resource.urn, one]));
  return sketches.flatMap((one) => {
    const { urn, type: token, custom } = one.resource;
    const region = places.get(urn)?.region ?? NOWHERE;
    if (!custom || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) return [];
    const type = catalog.type(token);
    const inputs = followed(one, type, known);
    const item = new Item({
      token,
      id: idOf(one),
      urn,
      // what is in a cluster counts where the cluster is
      place: `aws/${ACCOUNT}/${region}`,
      inputs: fromPlainObject(knownPart(inputs)),
      properties: fromPlainObject({ ...knownPart(one.outputs), ...knownPart(inputs) }),
      seed: urn,
    });
    return [{ item, inputs, type }];
  });
}

function contextOf({ token, urn, place }: Item, inputs: TreeObject, shelf: Shelf, catalog: Catalog): Ctx {
  const region = place.split("/")[2] ?? NOWHERE;
  const view = new View(shelf, undefined, urn, undefined);
  return contextFor({ token, urn, place, account: ACCOUNT, region, provider: {}, inputs, view, seed: urn, catalog });
}

/** Its id where the cloud has given one, else its name: whoever refers to it is led to the same. */
function idOf({ id, resource }: Sketch): string {
  return id === "" ? resource.name : id;
}

/** References that are not known yet lead to the only planned resource that they can mean. */
function followed(
  { inputs, propertyDependencies }: Sketch,
  type: ResourceType | undefined,
  known: ReadonlyMap<string, Sketch>,
): TreeObject {
  return (type?.references ?? []).reduce((tree: TreeObject, { path, to }) => {
    const names = path.split(".");
    if (!(valueAt(tree, names) instanceof Unknown)) return tree;
    const meant = (propertyDependencies[names[0] ?? ""] ?? [])
      .map((urn) => known.get(urn))
      .filter((one) => one !== undefined && [to].flat().includes(one.resource.type));
    const [only] = meant;
    return only === undefined || meant.length > 1 ? tree : withValue(tree, names, idOf(only));
  }, inputs);
}

function withValue(tree: TreeObject, [name = "", ...deeper]: readonly string[], value: string): TreeObject {
  if (deeper.length === 0) return { ...tree, [name]: value };
  const inner = unwrap(tree[name]);
  return isObject(inner) ? { ...tree, [name]: withValue(inner, deeper, value) } : tree;
}
