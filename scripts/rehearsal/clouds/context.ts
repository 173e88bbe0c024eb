import type { Catalog } from "./catalog.ts";
import type { Item } from "./inventory.ts";
import { Shelf } from "./shelf.ts";
import type { Created, Ctx, Place, Properties, Thing } from "./table.ts";
import type { Tree, TreeObject } from "./values.ts";
import { Unknown, hexDigest, isList, isObject, toPlain, toProperties, unwrap } from "./values.ts";

/** What one engine run has previewed so far: things that are not there yet, or not like this yet. */
export class Plans {
  readonly shelf = new Shelf();
  readonly #byUrn = new Map<string, Thing>();

  readonly #byKey = new Map<string, string>();
  readonly #ids = new Set<string>();

  add(
    plan: { readonly token: string; readonly place: Place; readonly urn: string; readonly id: string },
    properties: TreeObject,
    inputs: TreeObject,
    key: string | undefined,
  ): void {
    if (key !== undefined) this.#byKey.set(`${plan.place}\n${plan.token}\n${key}`, plan.urn);
    const thing: Thing = { ...plan, properties: knownPart(properties), inputs: knownPart(inputs) };
    const former = this.#byUrn.get(plan.urn);
    if (former !== undefined) this.shelf.remove(former);
    this.#byUrn.set(plan.urn, thing);
    // ids repeat between places: `default/web` exists in every cluster
    if (plan.id !== "") this.#ids.add(`${plan.place}\n${plan.token}\n${plan.id}`);
    this.shelf.add(thing);
  }

  /** The URN of what is planned to have this unique key. */
  byKey({ place, token }: { readonly place: Place; readonly token: string }, key: string): string | undefined {
    return this.#byKey.get(`${place}\n${token}\n${key}`);
  }

  /** Whether this run has a newer idea of an existing thing. */
  supersedes({ urn, token, id, place, broughtBy }: Thing): boolean {
    return broughtBy === undefined && (this.#byUrn.has(urn) || this.#ids.has(`${place}\n${token}\n${id}`));
  }

  get isEmpty(): boolean {
    return this.#byUrn.size === 0;
  }
}

/** Without what is not yet known. In lists it leaves a gap, so that the others keep their places. */
export function knownPart(tree: TreeObject): Properties {
  return toPlain(withoutUnknowns(tree) as Tree) as Properties;
}

function withoutUnknowns(tree: Tree): Tree | undefined {
  const value = unwrap(tree);
  if (value instanceof Unknown) return undefined;
  if (isList(value)) return value.map((member) => withoutUnknowns(member) as Tree);
  if (!isObject(value)) return value;
  const known: Record<string, Tree> = {};
  for (const key in value) {
    const member = withoutUnknowns(value[key] ?? null);
    if (member !== undefined) known[key] = member;
  }
  return known;
}

/** What exists and what is planned, as seen by one thing: without itself. */
export class View {
  readonly #shelf: Shelf;
  readonly #plans: Plans | undefined;
  readonly #selfUrn: string;
  readonly #self: Thing | undefined;

  constructor(shelf: Shelf, plans: Plans | undefined, urn: string, self: Thing | undefined) {
    this.#shelf = shelf;
    this.#plans = plans?.isEmpty === false ? plans : undefined;
    this.#selfUrn = urn;
    this.#self = self;
  }

  list(token: string, place: Place): readonly Thing[] {
    const existing = this.#shelf.list(token, place);
    if (this.#plans === undefined) {
      return this.#self?.token === token ? existing.filter((thing) => this.#isOther(thing)) : existing;
    }
    const planned = this.#plans.shelf.list(token, place);
    return [...existing.filter((thing) => this.#isOther(thing)), ...planned.filter(({ urn }) => urn !== this.#selfUrn)];
  }

  find(token: string, place: Place, property: string, value: unknown): Thing | undefined {
    for (const thing of this.#shelf.find(token, place, property, value)) if (this.#isOther(thing)) return thing;
    for (const thing of this.#plans?.shelf.find(token, place, property, value) ?? []) {
      if (thing.urn !== this.#selfUrn) return thing;
    }
    return undefined;
  }

  #isOther(thing: Thing): boolean {
    return thing !== this.#self && this.#plans?.supersedes(thing) !== true;
  }
}

/** The thing that a table's functions are asked about, and where. */
export interface Scene {
  readonly token: string;
  readonly urn: string;
  readonly place: Place;
  readonly account: string;
  readonly region: string;
  /** The configuration of the provider instance. */
  readonly provider: TreeObject;
  readonly inputs: TreeObject;
  readonly view: View;
  readonly seed: string;
  readonly old?: Item | undefined;
  readonly host?: { readonly cpus: number; readonly memoryBytes: number; readonly gpus?: number };
  readonly cloudflarePlan?: Ctx["cloudflarePlan"];
  readonly directory?: string;
  readonly catalog: Catalog;
}

export function contextFor(scene: Scene): Ctx {
  const { place, view, old, host, cloudflarePlan, directory } = scene;
  const isAws = place.startsWith("aws/");
  return {
    place,
    account: isAws ? scene.account : "",
    region: isAws ? scene.region : "",
    provider: lazily(() => toProperties(scene.provider)),
    inputs: toProperties(scene.inputs),
    name: nameOf(scene.urn),
    ...(old === undefined ? {} : { old }),
    ...(host === undefined ? {} : { host }),
    ...(cloudflarePlan === undefined ? {} : { cloudflarePlan }),
    ...(directory === undefined ? {} : { directory }),
    hex: (digits, salt = "") => hexDigest(`${scene.seed}/${salt}`, digits),
    all: (token, where = place) => view.list(token, where),
    find: (token, property, value, where = place) => view.find(token, where, property, value),
  };
}

/** Most functions never look at the provider, and it may hold a whole kubeconfig. */
function lazily(compute: () => Properties): Properties {
  let properties: Properties | undefined;
  return new Proxy(
    {},
    {
      get: (_, key) => (properties ??= compute())[key as string],
      has: (_, key) => key in (properties ??= compute()),
      ownKeys: () => Reflect.ownKeys((properties ??= compute())),
      getOwnPropertyDescriptor: (_, key) => {
        const descriptor = Reflect.getOwnPropertyDescriptor((properties ??= compute()), key);
        return descriptor && { ...descriptor, configurable: true };
      },
    },
  );
}

export function createdContext(scene: Scene, id: string): Created {
  return { ...contextFor(scene), id };
}

/** The logical name at the end of a URN. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
