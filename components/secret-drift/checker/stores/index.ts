import { InvalidMapping, type Mapping, type StoreSettings, scopesOf } from "../mapping.ts";
import { FINGERPRINT_KEY } from "../own-names.ts";
import { Reader } from "../reader.ts";
import type { Store } from "../store.ts";
import type { AwsStoreOptions } from "./aws.ts";
import type { GithubStoreOptions } from "./github.ts";
import type { PulumiEscStoreOptions } from "./pulumi-esc.ts";

/** Makes the client of one store. @throws InvalidMapping when its settings are no such store's */
type Factory = (settings: StoreSettings, file: string) => Promise<Store>;

/** Each loads its own client: those of services that a mapping does not name take longer to load than most commands to run. */
const FACTORIES: Readonly<Record<string, Factory>> = {
  file: async ({ name, options }, file) => {
    const { identityFile } = only(options, ["identityFile"], `stores.${name}`, file);
    const checked = { name, identityFile: requiredText(identityFile, `stores.${name}.identityFile`, file) };
    const { FileStore } = await import("./file.ts");
    return new FileStore(checked);
  },
  "aws-secrets-manager": async (settings, file) => {
    const options = awsOptions(settings, file);
    const { AwsSecretsManagerStore } = await import("./aws-secrets-manager.ts");
    return new AwsSecretsManagerStore(options);
  },
  "aws-ssm": async (settings, file) => {
    const options = awsOptions(settings, file);
    const { AwsSsmStore } = await import("./aws-ssm.ts");
    return new AwsSsmStore(options);
  },
  kubernetes: async ({ name, options }, file) => {
    const { kubeconfig } = only(options, ["kubeconfig"], `stores.${name}`, file);
    const checked = {
      name,
      ...(kubeconfig !== undefined && { kubeconfig: requiredText(kubeconfig, `stores.${name}.kubeconfig`, file) }),
    };
    const { KubernetesStore } = await import("./kubernetes.ts");
    return new KubernetesStore(checked);
  },
  "pulumi-esc": async (settings, file) => {
    const options = tokenOptions(settings, file);
    const { PulumiEscStore } = await import("./pulumi-esc.ts");
    return new PulumiEscStore(options);
  },
  github: async (settings, file) => {
    const options = githubOptions(settings, file);
    const { GithubStore } = await import("./github.ts");
    return new GithubStore(options);
  },
};

function awsOptions({ name, options }: StoreSettings, file: string): AwsStoreOptions {
  const { endpoint } = only(options, ["endpoint"], `stores.${name}`, file);
  return { name, ...(endpoint !== undefined && { endpoint: requiredText(endpoint, `stores.${name}.endpoint`, file) }) };
}

const APP = ["appId", "installationId", "privateKeyVariable"];

/** With a token, or as an app. */
function githubOptions({ name, kind, options }: StoreSettings, file: string): GithubStoreOptions {
  const path = `stores.${name}`;
  const given = only(options, ["url", "tokenVariable", ...APP], path, file);
  const { appId, installationId, privateKeyVariable, ...others } = given;
  if (APP.every((key) => given[key] === undefined)) return tokenOptions({ name, kind, options: others }, file);
  if (given["tokenVariable"] !== undefined)
    throw new InvalidMapping(`${file} has ${path}.tokenVariable beside an app's keys: leave out the one or the others`);
  const id = typeof appId === "number" ? String(appId) : requiredText(appId, `${path}.appId`, file);
  if (typeof installationId !== "number" || !Number.isSafeInteger(installationId) || installationId < 1)
    throw new InvalidMapping(
      `${file} has ${path}.installationId as ${JSON.stringify(installationId) ?? "nothing"}: write the number at the end of the installation's address`,
    );
  const variable =
    privateKeyVariable === undefined
      ? {}
      : {
          privateKeyVariable: variableName(
            privateKeyVariable,
            `${path}.privateKeyVariable`,
            "the app's private key",
            file,
          ),
        };
  return { ...tokenOptions({ name, kind, options: others }, file), app: { appId: id, installationId, ...variable } };
}

function tokenOptions({ name, options }: StoreSettings, file: string): GithubStoreOptions & PulumiEscStoreOptions {
  const { url, tokenVariable } = only(options, ["url", "tokenVariable"], `stores.${name}`, file);
  return {
    name,
    ...(url !== undefined && { url: secureAddress(url, `stores.${name}.url`, file) }),
    ...(tokenVariable !== undefined && {
      tokenVariable: variableName(tokenVariable, `stores.${name}.tokenVariable`, "the token", file),
    }),
  };
}

function variableName(value: unknown, path: string, what: string, file: string): string {
  return new Reader(file).variable(value, path, what);
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
 * @throws InvalidMapping at a kind, an option, a scope or a name that no store has
 */
export async function openStores(mapping: Mapping, file: string): Promise<ReadonlyMap<string, Store>> {
  const stores = new Map<string, Store>();
  for (const settings of mapping.stores) {
    const factory = Object.hasOwn(FACTORIES, settings.kind) ? FACTORIES[settings.kind] : undefined;
    if (factory === undefined)
      throw new InvalidMapping(
        `${file} has stores.${settings.name}.kind as ${JSON.stringify(settings.kind)}: write one of ${Object.keys(FACTORIES).join(", ")}`,
      );
    stores.set(settings.name, await factory(settings, file));
  }
  for (const { store, scope } of scopesOf(mapping)) {
    const instead = stores.get(store)?.wrongScope?.(scope);
    if (instead !== undefined)
      throw new InvalidMapping(`${file} has ${JSON.stringify(scope)} as a scope of the store ${store}: ${instead}`);
  }
  for (const { id, property, places: own } of mapping.secrets)
    for (const { store, name, key } of [
      { store: mapping.source.store, name: property, key: "property" },
      ...own.map((place, index) => ({ store: place.store, name: place.name, key: `places[${index}].name` })),
    ]) {
      const instead = stores.get(store)?.wrongName?.(name);
      if (instead !== undefined)
        throw new InvalidMapping(
          `${file} has secrets.${id}.${key} as ${JSON.stringify(name)}, which the store ${store} cannot have: ${instead}`,
        );
    }
  checkSource(mapping, stores, file);
  return stores;
}

/** The truth has to be read, and what values are compared with is kept beside it. */
function checkSource({ source: { store } }: Mapping, stores: ReadonlyMap<string, Store>, file: string): void {
  const client = stores.get(store);
  const why =
    client?.readable === false
      ? "which never gives a value back"
      : client?.wrongName?.(FINGERPRINT_KEY) !== undefined
        ? `which cannot keep ${FINGERPRINT_KEY}, with which values are compared`
        : undefined;
  if (why !== undefined)
    throw new InvalidMapping(
      `${file} has source.store as ${JSON.stringify(store)}, ${why}: write a store of the kind file, aws-secrets-manager, aws-ssm or pulumi-esc`,
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
