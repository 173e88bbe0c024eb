import { type Mapping, type StoreSettings, scopesOf } from "../mapping.ts";
import { FINGERPRINT_KEY } from "../own-names.ts";
import { Reader } from "../reader.ts";
import type { Store } from "../store.ts";
import type { AwsStoreOptions } from "./aws.ts";
import type { GithubStoreOptions } from "./github.ts";
import type { PulumiEscStoreOptions } from "./pulumi-esc.ts";

/** Makes the client of one store. @throws InvalidMapping when its settings are no such store's */
type Factory = (settings: StoreSettings, read: Reader) => Promise<Store>;

/** Each loads its own client: those of services that a mapping does not name take longer to load than most commands to run. */
const FACTORIES: Readonly<Record<string, Factory>> = {
  file: async ({ name, options }, read) => {
    const { identityFile } = read.only(options, `stores.${name}`, ["identityFile"]);
    const checked = { name, identityFile: read.text(identityFile, `stores.${name}.identityFile`) };
    const { FileStore } = await import("./file.ts");
    return new FileStore(checked);
  },
  "aws-secrets-manager": async (settings, read) => {
    const options = awsOptions(settings, read);
    const { AwsSecretsManagerStore } = await import("./aws-secrets-manager.ts");
    return new AwsSecretsManagerStore(options);
  },
  "aws-ssm": async (settings, read) => {
    const options = awsOptions(settings, read);
    const { AwsSsmStore } = await import("./aws-ssm.ts");
    return new AwsSsmStore(options);
  },
  kubernetes: async ({ name, options }, read) => {
    const { kubeconfig } = read.only(options, `stores.${name}`, ["kubeconfig"]);
    const checked = {
      name,
      ...(kubeconfig !== undefined && { kubeconfig: read.text(kubeconfig, `stores.${name}.kubeconfig`) }),
    };
    const { KubernetesStore } = await import("./kubernetes.ts");
    return new KubernetesStore(checked);
  },
  "pulumi-esc": async (settings, read) => {
    const options = tokenOptions(settings, read);
    const { PulumiEscStore } = await import("./pulumi-esc.ts");
    return new PulumiEscStore(options);
  },
  github: async (settings, read) => {
    const options = githubOptions(settings, read);
    const { GithubStore } = await import("./github.ts");
    return new GithubStore(options);
  },
};

function awsOptions({ name, options }: StoreSettings, read: Reader): AwsStoreOptions {
  const { endpoint } = read.only(options, `stores.${name}`, ["endpoint"]);
  return { name, ...(endpoint !== undefined && { endpoint: read.text(endpoint, `stores.${name}.endpoint`) }) };
}

const APP = ["appId", "installationId", "privateKeyVariable"];

/** With a token, or as an app. */
function githubOptions({ name, kind, options }: StoreSettings, read: Reader): GithubStoreOptions {
  const path = `stores.${name}`;
  const given = read.only(options, path, ["url", "tokenVariable", ...APP]);
  const { appId, installationId, privateKeyVariable, ...others } = given;
  if (APP.every((key) => given[key] === undefined)) return tokenOptions({ name, kind, options: others }, read);
  if (given["tokenVariable"] !== undefined)
    throw read.refusal(`has ${path}.tokenVariable beside an app's keys: leave out the one or the others`);
  const id = typeof appId === "number" ? String(appId) : read.text(appId, `${path}.appId`);
  if (typeof installationId !== "number" || !Number.isSafeInteger(installationId) || installationId < 1)
    throw read.wrong(
      `${path}.installationId`,
      installationId,
      "write the number at the end of the installation's address",
    );
  const variable = privateKeyVariable !== undefined && {
    privateKeyVariable: read.variable(privateKeyVariable, `${path}.privateKeyVariable`, "the app's private key"),
  };
  return { ...tokenOptions({ name, kind, options: others }, read), app: { appId: id, installationId, ...variable } };
}

function tokenOptions({ name, options }: StoreSettings, read: Reader): GithubStoreOptions & PulumiEscStoreOptions {
  const { url, tokenVariable } = read.only(options, `stores.${name}`, ["url", "tokenVariable"]);
  return {
    name,
    ...(url !== undefined && { url: secureAddress(url, `stores.${name}.url`, read) }),
    ...(tokenVariable !== undefined && {
      tokenVariable: read.variable(tokenVariable, `stores.${name}.tokenVariable`, "the token"),
    }),
  };
}

/** A token must not travel in plain, except within the machine. */
function secureAddress(value: unknown, path: string, read: Reader): string {
  const text = read.text(value, path);
  if (/^(?:https:\/\/[^/]|http:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))/.test(text) && URL.canParse(text))
    return text;
  throw read.wrong(path, text, "write an address that begins with https://");
}

/**
 * A client for each store of a mapping, by name.
 * @throws InvalidMapping at a kind, an option, a scope or a name that no store has
 */
export async function openStores(mapping: Mapping, file: string): Promise<ReadonlyMap<string, Store>> {
  const read = new Reader(file);
  const stores = new Map<string, Store>();
  for (const settings of mapping.stores) {
    const { name, kind } = settings;
    const factory = FACTORIES[read.oneOf(kind, `stores.${name}.kind`, Object.keys(FACTORIES))];
    if (factory !== undefined) stores.set(name, await factory(settings, read));
  }
  for (const { store, scope } of scopesOf(mapping)) {
    const instead = stores.get(store)?.wrongScope?.(scope);
    if (instead !== undefined)
      throw read.refusal(`has ${JSON.stringify(scope)} as a scope of the store ${store}: ${instead}`);
  }
  for (const { id, property, places } of mapping.secrets)
    for (const { store, name, key } of [
      { store: mapping.source.store, name: property, key: "property" },
      ...places.map((place, index) => ({ store: place.store, name: place.name, key: `places[${index}].name` })),
    ]) {
      const instead = stores.get(store)?.wrongName?.(name);
      if (instead !== undefined)
        throw read.refusal(
          `has secrets.${id}.${key} as ${JSON.stringify(name)}, which the store ${store} cannot have: ${instead}`,
        );
    }
  checkSource(mapping, stores, read);
  return stores;
}

/** The truth has to be read, and what values are compared with is kept beside it. */
function checkSource({ source: { store } }: Mapping, stores: ReadonlyMap<string, Store>, read: Reader): void {
  const client = stores.get(store);
  const why =
    client?.readable === false
      ? "which never gives a value back"
      : client?.wrongName?.(FINGERPRINT_KEY) !== undefined
        ? `which cannot keep ${FINGERPRINT_KEY}, with which values are compared`
        : undefined;
  if (why !== undefined)
    throw read.refusal(
      `has source.store as ${JSON.stringify(store)}, ${why}: write a store of the kind file, aws-secrets-manager, aws-ssm or pulumi-esc`,
    );
}
