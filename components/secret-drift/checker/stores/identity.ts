import { resolve } from "node:path";
import type { Reader } from "../reader.ts";
import { awsScope } from "./aws.ts";

/** Options that decide which service it is; the others tell how it is entered. */
const WHERE = ["url", "endpoint", "kubeconfig"];

interface Spelled {
  readonly store: string;
  readonly scope: string;
}

interface StoreSettings {
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What of a mapping says where things are. */
interface Placed {
  readonly source: Spelled;
  readonly stores: readonly StoreSettings[];
  readonly secrets: readonly {
    readonly id: string;
    readonly places: readonly (Spelled & { readonly name: string })[];
  }[];
  readonly managed: readonly Spelled[];
}

/**
 * Refuses one place under two names: two secrets would overwrite each other there for ever, and the source feed on itself.
 * @throws InvalidMapping
 */
export function checkPlaces({ source, stores, secrets, managed }: Placed, read: Reader): void {
  const identities = new Identities(stores);
  const isSource = (place: Spelled) => identities.scope(place) === identities.scope(source);
  const owners = new Map<string, string>();
  for (const { id, places } of secrets)
    for (const place of places) {
      const key = identities.place(place, place.name);
      const shown = `${place.store} ${place.scope} ${place.name}`;
      const owner = owners.get(key);
      if (owner !== undefined)
        throw read.wrong(`secrets.${id}.places`, shown, `leave it to ${owner}, which has that place already`);
      if (isSource(place)) throw read.wrong(`secrets.${id}.places`, shown, "leave it out: it is in the source itself");
      owners.set(key, id);
    }
  for (const [index, scope] of managed.entries())
    if (isSource(scope))
      throw read.wrong(`managed[${index}]`, `${scope.store} ${scope.scope}`, "leave it out: it is the source itself");
}

/** Tells what is the same, however it is spelled. */
class Identities {
  readonly #stores: ReadonlyMap<string, StoreSettings>;
  /** By store and scope: a scope has many places. */
  readonly #known = new Map<string, string>();

  constructor(stores: readonly StoreSettings[]) {
    this.#stores = new Map(stores.map((each) => [each.name, each]));
  }

  scope({ store, scope }: Spelled): string {
    const spelled = JSON.stringify([store, scope]);
    const known = this.#known.get(spelled);
    if (known !== undefined) return known;
    const { kind = "", options = {} } = this.#stores.get(store) ?? {};
    const identity = JSON.stringify([kind, ...WHERE.map((option) => options[option] ?? null), where(kind, scope)]);
    this.#known.set(spelled, identity);
    return identity;
  }

  place({ store, scope }: Spelled, name: string): string {
    const kind = this.#stores.get(store)?.kind ?? "";
    // a prefix only says which names are listed
    const listed = kind.startsWith("aws-") ? awsScope(scope).region : scope;
    return JSON.stringify([this.scope({ store, scope: listed }), kind === "github" ? name.toUpperCase() : name]);
  }
}

/** GitHub takes any case for one. https://docs.github.com/en/rest/repos/repos#get-a-repository */
function where(kind: string, scope: string): string {
  if (kind === "file") return resolve(scope);
  return kind === "github" ? scope.toLowerCase() : scope;
}
