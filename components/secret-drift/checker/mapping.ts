import { LineCounter, isMap, parseDocument } from "yaml";
import { type AlertSettings, alertSettings } from "./alerts/settings.ts";
import { credentialIn } from "./credential-shapes.ts";
import { type ExposureSettings, exposureSettings } from "./exposure/exceptions.ts";
import { type ApprovalSettings, approvalSettings } from "./healing/allowed-signers.ts";
import { type HealingSettings, type MonitorSettings, healingSettings, monitorSettings } from "./monitor/settings.ts";
import { isOwnName } from "./own-names.ts";
import { plainYaml } from "./plain-yaml.ts";
import { InvalidMapping, type Keys, Reader } from "./reader.ts";
import { RISKS, type Risk } from "./risk.ts";
import { checkPlaces } from "./stores/identity.ts";

export { InvalidMapping } from "./reader.ts";
export { RISKS } from "./risk.ts";
export type { Risk } from "./risk.ts";

/** One place of one secret. */
export interface Place {
  /** Name of a store of the mapping. */
  readonly store: string;
  readonly scope: string;
  readonly name: string;
}

export interface MappedSecret {
  /** What people call it; unique. */
  readonly id: string;
  /** Its path in the source, such as `database.password`. */
  readonly property: string;
  readonly places: readonly Place[];
  readonly risk: Risk;
  /** Days after which it should have been changed; absent where it need not be. */
  readonly rotateAfterDays?: number;
  /** Characters below which a value is taken for a mistake and never written. */
  readonly minimumLength: number;
  /** Who is asked and told. */
  readonly owners: readonly string[];
}

/** A scope in which there should be nothing but what the mapping names. */
export interface ManagedScope {
  readonly store: string;
  readonly scope: string;
  /** Names that may be there all the same; `*` stands for any text. */
  readonly except: readonly string[];
}

/** A store and how it is reached; what else it takes is its client's to check. */
export interface StoreSettings {
  readonly name: string;
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Mapping {
  /** Where the truth is. */
  readonly source: { readonly store: string; readonly scope: string };
  readonly stores: readonly StoreSettings[];
  readonly secrets: readonly MappedSecret[];
  readonly managed: readonly ManagedScope[];
  /** How often the monitor looks. */
  readonly monitor: MonitorSettings;
  /** What the monitor may mend. */
  readonly healing: HealingSettings;
  /** Who approves what the checker proposes, and where they put it. */
  readonly approval: ApprovalSettings;
  /** What the exposure scan leaves alone. */
  readonly exposure: ExposureSettings;
  /** Who is told of what is found; absent where nobody is. */
  readonly alerts?: AlertSettings;
}

const DEFAULTS = { risk: "medium" as Risk, minimumLength: 12, owners: [] as readonly string[] };

/**
 * Reads a mapping and checks all of it.
 * @throws InvalidMapping
 */
export function parseMapping(text: string, file: string): Mapping {
  return new Parser(file).mapping(document(text, file));
}

function document(text: string, file: string): Keys {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines });
  const [error] = parsed.errors;
  if (error !== undefined) {
    const { line } = lines.linePos(error.pos[0]);
    throw new InvalidMapping(`${file} is not valid YAML at line ${line}: correct that line`);
  }
  if (!isMap(parsed.contents)) throw new InvalidMapping(`${file} holds no keys: write source, stores and secrets`);
  const keys = plainYaml(parsed) as Keys | undefined;
  if (keys === undefined)
    throw new InvalidMapping(
      `${file} has an alias (*) without an anchor (&), or far too many: write the values themselves`,
    );
  const path = credentialIn(keys);
  if (path !== undefined)
    throw new InvalidMapping(
      `${file} has ${path} as "[hidden]", which looks like a credential: take it out and change it, and write here only names and paths`,
    );
  return keys;
}

class Parser {
  readonly #read: Reader;

  constructor(file: string) {
    this.#read = new Reader(file);
  }

  mapping(top: Keys): Mapping {
    this.#read.only(top, "", [
      "source",
      "stores",
      "defaults",
      "secrets",
      "managed",
      "monitor",
      "healing",
      "approvers",
      "approvals",
      "exposure",
      "alerts",
    ]);
    const stores = this.#stores(top["stores"]);
    const names = stores.map(({ name }) => name);
    const source = this.#scope(top["source"], "source", names, []);
    const defaults = this.#defaults(top["defaults"] ?? {});
    const secrets = Object.entries(this.#read.keys(top["secrets"], "secrets")).map(([id, value]) =>
      this.#secret(id, value, defaults, names),
    );
    const managed = this.#read.list(top["managed"] ?? [], "managed").map((value, index) => {
      const path = `managed[${index}]`;
      const { store, scope } = this.#scope(value, path, names, ["except"]);
      return { store, scope, except: this.#read.texts(this.#read.keys(value, path)["except"] ?? [], `${path}.except`) };
    });
    checkPlaces({ source, stores, secrets, managed }, this.#read);
    const owners = [...new Set(secrets.flatMap((secret) => secret.owners))];
    return {
      ...{ source, stores, secrets, managed },
      monitor: monitorSettings(top["monitor"] ?? {}, this.#read),
      healing: healingSettings(top["healing"] ?? {}, this.#read),
      approval: approvalSettings(top, this.#read),
      exposure: exposureSettings(top["exposure"] ?? {}, this.#read),
      ...(top["alerts"] !== undefined && { alerts: alertSettings(top["alerts"], owners, this.#read) }),
    };
  }

  #stores(value: unknown): StoreSettings[] {
    const entries = Object.entries(this.#read.keys(value, "stores"));
    if (entries.length === 0) throw this.#read.wrong("stores", {}, "name at least one store");
    return entries.map(([name, settings]) => {
      this.#read.name(name, "stores");
      const { kind, ...options } = this.#read.keys(settings, `stores.${name}`);
      return { name, kind: this.#read.text(kind, `stores.${name}.kind`), options };
    });
  }

  #defaults(value: unknown) {
    const given = this.#read.keys(value, "defaults");
    this.#read.only(given, "defaults", ["risk", "rotateAfterDays", "minimumLength", "owners"]);
    return this.#traits(given, "defaults", DEFAULTS);
  }

  #secret(id: string, value: unknown, defaults: Traits, stores: readonly string[]): MappedSecret {
    const path = `secrets.${id}`;
    this.#read.name(id, "secrets");
    const given = this.#read.keys(value, path);
    this.#read.only(given, path, ["property", "places", "risk", "rotateAfterDays", "minimumLength", "owners"]);
    const places = this.#read.list(given["places"], `${path}.places`).map((place, index) => {
      const at = `${path}.places[${index}]`;
      const { store, scope } = this.#scope(place, at, stores, ["name"]);
      return { store, scope, name: this.#name(this.#read.keys(place, at)["name"], `${at}.name`) };
    });
    if (places.length === 0)
      throw this.#read.wrong(`${path}.places`, [], "name at least one place, or leave the secret out");
    return {
      id,
      property: this.#name(given["property"], `${path}.property`),
      places,
      ...this.#traits(given, path, defaults),
    };
  }

  #name(value: unknown, path: string): string {
    const name = this.#read.text(value, path);
    if (isOwnName(name))
      throw this.#read.wrong(path, name, "write another one, for the checker keeps its own data there");
    return name;
  }

  #traits(given: Keys, path: string, otherwise: Traits): Traits {
    const days = given["rotateAfterDays"] ?? otherwise.rotateAfterDays;
    return {
      risk: this.#read.oneOf(given["risk"] ?? otherwise.risk, `${path}.risk`, RISKS),
      ...(days === undefined ? {} : { rotateAfterDays: this.#read.whole(days, `${path}.rotateAfterDays`) }),
      minimumLength: this.#read.whole(given["minimumLength"] ?? otherwise.minimumLength, `${path}.minimumLength`),
      owners: this.#read.texts(given["owners"] ?? otherwise.owners, `${path}.owners`),
    };
  }

  #scope(value: unknown, path: string, stores: readonly string[], also: readonly string[]) {
    const given = this.#read.keys(value, path);
    this.#read.only(given, path, ["store", "scope", ...also]);
    const store = this.#read.oneOf(this.#read.text(given["store"], `${path}.store`), `${path}.store`, stores);
    return { store, scope: this.#read.text(given["scope"], `${path}.scope`) };
  }
}

type Traits = Pick<MappedSecret, "risk" | "rotateAfterDays" | "minimumLength" | "owners">;

/** Every scope that it names, the source first; each as often as it is named. */
export function scopesOf({ source, secrets, managed }: Mapping): readonly Pick<Place, "store" | "scope">[] {
  return [source, ...secrets.flatMap(({ places }) => places), ...managed];
}

/** Tells places apart, whatever characters their names have. */
export function placeKey({ store, scope, name }: Place): string {
  return JSON.stringify([store, scope, name]);
}
