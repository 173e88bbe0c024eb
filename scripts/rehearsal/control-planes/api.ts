import { APPLY, ApiError, type Client, type KubernetesObject, isMissing } from "./client.ts";

/** How a kind is reached. */
export interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

interface Listed {
  readonly name: string;
  readonly kind: string;
  readonly namespaced: boolean;
}

/** Who applies: the server keeps for each manager which fields are its own. */
export const FIELD_MANAGER = "groundwork-rehearsal";

/** When anything was last made, changed or removed in a session's clouds: what waits may be waiting for that. */
export class Activity {
  /** As `performance.now()` counts. */
  last = performance.now();

  seen(): void {
    this.last = performance.now();
  }
}

/** The objects of a cluster by kind and name, whatever kinds it knows: it is asked. */
export class Api {
  readonly client: Client;
  readonly activity: Activity;
  readonly #kinds = new Map<string, Promise<ReadonlyMap<string, Kind>>>();

  constructor(client: Client, activity = new Activity()) {
    this.client = client;
    this.activity = activity;
  }

  /** @throws ApiError (404) when the cluster knows no such kind */
  async kind(apiVersion: string, kind: string): Promise<Kind> {
    const found = (await this.#discover(apiVersion)).get(kind);
    if (found !== undefined) return found;
    throw new ApiError(404, {
      message: `no matches for kind "${kind}" in version "${apiVersion}": the cluster knows it only once the add-on that declares it is installed`,
    });
  }

  async path(object: KubernetesObject): Promise<string> {
    const { metadata } = object;
    const kind = await this.kind(object.apiVersion ?? "", object.kind ?? "");
    return `${collection(kind, metadata.namespace)}/${metadata.name}`;
  }

  /** Server-side apply with strict validation: a field that the schema does not have is refused. */
  async apply(object: KubernetesObject, options: { readonly dryRun?: boolean } = {}): Promise<KubernetesObject> {
    const query = {
      fieldManager: FIELD_MANAGER,
      force: "true",
      fieldValidation: "Strict",
      ...(options.dryRun === true && { dryRun: "All" }),
    };
    const path = await this.path(object);
    return (await this.client.call("PATCH", path, { query, body: object, contentType: APPLY })) as KubernetesObject;
  }

  async find(object: KubernetesObject): Promise<KubernetesObject | undefined> {
    try {
      return await this.client.get(await this.path(object));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** Asks for it to be deleted, with what belongs to it first. */
  async delete(object: KubernetesObject): Promise<void> {
    try {
      const path = await this.path(object);
      await this.client.call("DELETE", path, { query: { propagationPolicy: "Foreground" } });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }

  async #discover(apiVersion: string): Promise<ReadonlyMap<string, Kind>> {
    const known = this.#kinds.get(apiVersion);
    if (known !== undefined) return known;
    const asked = this.#ask(apiVersion);
    this.#kinds.set(apiVersion, asked);
    // kinds are declared while we run: only what was found is remembered
    const found = await asked.catch((error: unknown) => {
      this.#kinds.delete(apiVersion);
      throw error;
    });
    if (apiVersion.includes(".")) this.#kinds.delete(apiVersion);
    return found;
  }

  async #ask(apiVersion: string): Promise<ReadonlyMap<string, Kind>> {
    let resources: readonly Listed[];
    try {
      const answer = await this.client.get(root(apiVersion));
      resources = (answer as unknown as { resources: readonly Listed[] }).resources;
    } catch (error) {
      if (!isMissing(error)) throw error;
      resources = [];
    }
    const own = resources.filter(({ name }) => !name.includes("/"));
    return new Map(
      own.map(({ name, kind, namespaced }) => [kind, { apiVersion, kind, plural: name, namespaced }] as const),
    );
  }
}

function root(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export function collection({ apiVersion, plural, namespaced }: Kind, namespace: string | undefined): string {
  return namespaced
    ? `${root(apiVersion)}/namespaces/${namespace ?? "default"}/${plural}`
    : `${root(apiVersion)}/${plural}`;
}

/** How people name an object: `Deployment shop/web`. */
export function named({ kind, metadata: { namespace, name } }: KubernetesObject): string {
  return `${kind ?? "object"} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
