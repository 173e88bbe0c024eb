import { InvalidMapping, type StoreSettings } from "../mapping.ts";
import type { Store } from "../store.ts";
import { FileStore } from "./file.ts";

/** Makes the client of one store. @throws InvalidMapping when its settings are no such store's */
type Factory = (settings: StoreSettings, file: string) => Store;

const FACTORIES: Readonly<Record<string, Factory>> = {
  file: ({ name, options }, file) => {
    const { identityFile } = only(options, ["identityFile"], `stores.${name}`, file);
    return new FileStore({ name, identityFile: requiredText(identityFile, `stores.${name}.identityFile`, file) });
  },
};

/** A client for each store of a mapping, by name. */
export function openStores(settings: readonly StoreSettings[], file: string): ReadonlyMap<string, Store> {
  return new Map(
    settings.map((each) => {
      const factory = Object.hasOwn(FACTORIES, each.kind) ? FACTORIES[each.kind] : undefined;
      if (factory === undefined)
        throw new InvalidMapping(
          `${file} has stores.${each.name}.kind as ${JSON.stringify(each.kind)}: write one of ${Object.keys(FACTORIES).join(", ")}`,
        );
      return [each.name, factory(each, file)];
    }),
  );
}

/** @throws InvalidMapping at a key that this kind of store does not have */
export function only(
  options: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
  file: string,
): Readonly<Record<string, unknown>> {
  const stranger = Object.keys(options).find((key) => !known.includes(key));
  if (stranger === undefined) return options;
  throw new InvalidMapping(`${file} has the unknown key ${path}.${stranger}: write one of ${known.join(", ")}`);
}

export function requiredText(value: unknown, path: string, file: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidMapping(
    `${file} has ${path} as ${JSON.stringify(value) ?? "nothing"}: write a text that is not empty`,
  );
}
