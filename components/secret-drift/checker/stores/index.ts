import { InvalidMapping, type Mapping, type StoreSettings } from "../mapping.ts";
import type { Store } from "../store.ts";
import type { AwsStoreOptions } from "./aws.ts";
import { AwsSecretsManagerStore } from "./aws-secrets-manager.ts";
import { AwsSsmStore } from "./aws-ssm.ts";
import { FileStore } from "./file.ts";
import { GithubStore, type GithubStoreOptions } from "./github.ts";
import { KubernetesStore } from "./kubernetes.ts";
import { PulumiEscStore } from "./pulumi-esc.ts";

/** Makes the client of one store. @throws InvalidMapping when its settings are no such store's */
type Factory = (settings: StoreSettings, file: string) => Store;

const FACTORIES: Readonly<Record<string, Factory>> = {
  file: ({ name, options }, file) => {
    const { identityFile } = only(options, ["identityFile"], `stores.${name}`, file);
    return new FileStore({ name, identityFile: requiredText(identityFile, `stores.${name}.identityFile`, file) });
  },
  "aws-secrets-manager": (settings, file) => new AwsSecretsManagerStore(awsOptions(settings, file)),
  "aws-ssm": (settings, file) => new AwsSsmStore(awsOptions(settings, file)),
  kubernetes: ({ name, options }, file) => {
    const { kubeconfig } = only(options, ["kubeconfig"], `stores.${name}`, file);
    return new KubernetesStore({
      name,
      ...(kubeconfig !== undefined && { kubeconfig: requiredText(kubeconfig, `stores.${name}.kubeconfig`, file) }),
    });
  },
  "pulumi-esc": (settings, file) => escStore(settings, file),
  github: (settings, file) => new GithubStore(githubOptions(settings, file)),
};

function awsOptions({ name, options }: StoreSettings, file: string): AwsStoreOptions {
  const { endpoint } = only(options, ["endpoint"], `stores.${name}`, file);
  return { name, ...(endpoint !== undefined && { endpoint: requiredText(endpoint, `stores.${name}.endpoint`, file) }) };
}

function githubOptions({ name, options }: StoreSettings, file: string): GithubStoreOptions {
  const { url, tokenVariable } = only(options, ["url", "tokenVariable"], `stores.${name}`, file);
  return {
    name,
    ...(url !== undefined && { url: secureAddress(url, `stores.${name}.url`, file) }),
    ...(tokenVariable !== undefined && {
      tokenVariable: requiredText(tokenVariable, `stores.${name}.tokenVariable`, file),
    }),
  };
}

function escStore({ name, options }: StoreSettings, file: string): Store {
  const { tokenVariable, url } = only(options, ["tokenVariable", "url"], `stores.${name}`, file);
  return new PulumiEscStore({
    name,
    ...(tokenVariable !== undefined && {
      tokenVariable: requiredText(tokenVariable, `stores.${name}.tokenVariable`, file),
    }),
    ...(url !== undefined && { url: secureAddress(url, `stores.${name}.url`, file) }),
  });
}

/** A token must not travel in plain, except within the machine. */
function secureAddress(value: unknown, path: string, file: string): string {
  const text = requiredText(value, path, file);
  if (/^(?:https:\/\/[^/]|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))/.test(text) && URL.canParse(text))
    return text;
  throw new InvalidMapping(
    `${file} has ${path} as ${JSON.stringify(text)}: write an address that begins with https://`,
  );
}

/**
 * A client for each store of a mapping, by name.
 * @throws InvalidMapping at a kind, an option or a scope that no store has
 */
export function openStores(mapping: Mapping, file: string): ReadonlyMap<string, Store> {
  const stores = new Map(
    mapping.stores.map((each): [string, Store] => {
      const factory = Object.hasOwn(FACTORIES, each.kind) ? FACTORIES[each.kind] : undefined;
      if (factory === undefined)
        throw new InvalidMapping(
          `${file} has stores.${each.name}.kind as ${JSON.stringify(each.kind)}: write one of ${Object.keys(FACTORIES).join(", ")}`,
        );
      return [each.name, factory(each, file)];
    }),
  );
  const places = mapping.secrets.flatMap((secret) => secret.places);
  for (const { store, scope } of [mapping.source, ...places, ...mapping.managed]) {
    const instead = stores.get(store)?.wrongScope?.(scope);
    if (instead !== undefined)
      throw new InvalidMapping(`${file} has ${JSON.stringify(scope)} as a scope of the store ${store}: ${instead}`);
  }
  return stores;
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
