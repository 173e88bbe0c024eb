import { resolve } from "node:path";
import { InvalidMapping, type Mapping, type StoreSettings } from "../mapping.ts";
import { awsScope } from "./aws.ts";

/** Options that decide which service it is; the others tell how it is entered. */
const WHERE = ["url", "endpoint", "kubeconfig"];

interface Spelled {
  readonly store: string;
  readonly scope: string;
}

/** Refuses one place under two names: two secrets would overwrite each other there for ever, and the source feed on itself. */
export class Identities {
  readonly #stores: ReadonlyMap<string, StoreSettings>;
  readonly #file: string;

  constructor({ stores }: Mapping, file: string) {
    this.#stores = new Map(stores.map((each) => [each.name, each]));
    this.#file = file;
  }

  /** @throws InvalidMapping */
  check({ source, secrets, managed }: Mapping): void {
    const owners = new Map<string, string>();
    for (const { id, places } of secrets)
      for (const place of places) {
        const key = this.#place(place, place.name);
        const shown = `${place.store} ${place.scope} ${place.name}`;
        const owner = owners.get(key);
        if (owner !== undefined)
          throw this.#wrong(`secrets.${id}.places`, shown, `leave it to ${owner}, which has that place already`);
        if (this.#scope(place) === this.#scope(source))
          throw this.#wrong(`secrets.${id}.places`, shown, "leave it out: it is in the source itself");
        owners.set(key, id);
      }
    for (const [index, scope] of managed.entries())
      if (this.#scope(scope) === this.#scope(source))
        throw this.#wrong(
          `managed[${index}]`,
          `${scope.store} ${scope.scope}`,
          "leave it out: it is the source itself",
        );
  }

  #scope({ store, scope }: Spelled): string {
    return JSON.stringify([
      ...this.#service(store),
      this.#kind(store) === "file" ? resolve(scope) : folded(this.#kind(store), scope),
    ]);
  }

  #place({ store, scope }: Spelled, name: string): string {
    const kind = this.#kind(store);
    // a prefix only says which names are listed
    const where = kind.startsWith("aws-")
      ? awsScope(scope).region
      : kind === "file"
        ? resolve(scope)
        : folded(kind, scope);
    return JSON.stringify([...this.#service(store), where, kind === "github" ? name.toUpperCase() : name]);
  }

  #service(store: string): readonly unknown[] {
    const { kind = "", options = {} } = this.#stores.get(store) ?? {};
    return [kind, ...WHERE.map((option) => options[option] ?? null)];
  }

  #kind(store: string): string {
    return this.#stores.get(store)?.kind ?? "";
  }

  #wrong(path: string, shown: string, instead: string): InvalidMapping {
    return new InvalidMapping(`${this.#file} has ${path} as ${JSON.stringify(shown)}: ${instead}`);
  }
}

/** GitHub takes any case for one. https://docs.github.com/en/rest/repos/repos#get-a-repository */
function folded(kind: string, scope: string): string {
  return kind === "github" ? scope.toLowerCase() : scope;
}
