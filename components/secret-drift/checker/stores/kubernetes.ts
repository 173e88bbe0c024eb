import {
  ApiException,
  AuthenticationV1Api,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  ServerConfiguration,
  type V1Secret,
  createConfiguration,
} from "@kubernetes/client-node";
import { SecretValue } from "../secret-value.ts";
import {
  type Asked,
  type Listed,
  MISSING,
  type Missing,
  type Store,
  TOUCHED,
  answered,
  isStill,
  refused,
} from "../store.ts";
import { type Failure, HttpService, RETRIES, secondsOf } from "./http.ts";

export interface KubernetesStoreOptions {
  readonly name: string;
  /** Path of a kubeconfig. Default: the service account of the pod in which this runs. */
  readonly kubeconfig?: string;
  /** Milliseconds for one answer. Default: 10,000. */
  readonly timeout?: number;
  /** Secrets of one answer. Default: 500, as kubectl's. https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks */
  readonly page?: number;
}

/** Tokens that Kubernetes makes itself, and what Helm remembers of its releases: nobody's secrets to compare. */
const NOT_OURS: readonly string[] = [
  // https://kubernetes.io/docs/concepts/configuration/secret/#secret-types
  "kubernetes.io/service-account-token",
  // https://helm.sh/docs/topics/advanced/#storage-backends
  "helm.sh/release.v1",
];
/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ and .../configuration/secret/#restriction-names-data */
const NAME = /^([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)#([\w.-]{1,253})$/;
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** https://external-secrets.io/latest/guides/ownership-deletion-policy/ */
const EXTERNAL_SECRETS = "external-secrets.io";
/** https://kubernetes.io/docs/reference/using-api/api-concepts/ */
const API = new HttpService(
  "the Kubernetes API",
  {
    401: ["unauthorized", "does not take our credential"],
    404: ["no-such-scope", "has no such namespace or Secret"],
    409: ["conflict", "has a newer version than the one that was read"],
    413: ["rejected", "refuses so large a Secret"],
  },
  failureOf,
);

interface Apis {
  readonly core: CoreV1Api;
  readonly authentication: AuthenticationV1Api;
}

/**
 * Secrets of one namespace, a name for each key: `database#password`. It needs list of secrets there, and get, patch and
 * create to heal. Kubernetes keeps a version of the whole Secret, not of a key.
 */
export class KubernetesStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly guards = true;
  readonly #kubeconfig: string | undefined;
  readonly #timeout: number;
  readonly #page: number;
  readonly #apis = new Map<string, Apis>();

  constructor({ name, kubeconfig, timeout = 10_000, page = 500 }: KubernetesStoreOptions) {
    this.name = name;
    this.#kubeconfig = kubeconfig;
    this.#timeout = timeout;
    this.#page = page;
  }

  async list(scope: string): Promise<Asked<readonly Listed[]>> {
    const secrets = await this.#secrets(scope);
    if (!secrets.ok) return secrets;
    return answered(
      secrets.value.flatMap((secret) => Object.keys(secret.data ?? {}).map((key) => listed(secret, key))),
    );
  }

  async read(
    scope: string,
    names: readonly string[],
  ): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    if (names.length === 0) return answered(new Map());
    const secrets = await this.#secrets(scope);
    if (!secrets.ok) return secrets;
    const byName = new Map(secrets.value.map((secret) => [secret.metadata?.name, secret]));
    return answered(
      new Map(
        names.map((name) => {
          const [, secret, key = ""] = NAME.exec(name) ?? [];
          const data = byName.get(secret)?.data ?? {};
          return [name, Object.hasOwn(data, key) ? decoded(data[key] ?? "") : answered(MISSING)];
        }),
      ),
    );
  }

  async write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const [, secret, key] = NAME.exec(name) ?? [];
    if (secret === undefined || key === undefined)
      return refused("rejected", `${name} names no key of a Secret, such as database#password`);
    const { namespace } = partsOf(scope);
    const at = { namespace, name: secret };
    const present = await this.#ask(scope, RETRIES, ({ core }) => core.readNamespacedSecret(at));
    const data = { [key]: Buffer.from(value.reveal()).toString("base64") };
    if (!present.ok) {
      if (present.problem.kind !== "no-such-scope") return present;
      if (ifFound !== undefined && ifFound !== MISSING) return refused("conflict", TOUCHED);
      const body = { metadata: at, type: "Opaque", data };
      const created = await this.#ask(scope, 0, ({ core }) => core.createNamespacedSecret({ namespace, body }));
      return created.ok ? answered(listed(created.value, key)) : created;
    }
    const reason = notWritten(present.value, key);
    if (reason !== undefined) return refused("rejected", reason);
    const has = Object.hasOwn(present.value.data ?? {}, key) ? listed(present.value, key) : MISSING;
    if (ifFound !== undefined && !isStill(has, ifFound)) return refused("conflict", TOUCHED);
    // the server refuses it when somebody has written since
    const { resourceVersion } = present.value.metadata ?? {};
    const body = { metadata: { resourceVersion }, data };
    const written = await this.#ask(scope, 0, ({ core }) => core.patchNamespacedSecret({ ...at, body }));
    return written.ok ? answered(listed(written.value, key)) : written;
  }

  service(scope: string): string {
    return partsOf(scope).context ?? "";
  }

  wrongScope(scope: string): string | undefined {
    const { namespace, context } = partsOf(scope);
    if (NAMESPACE.test(namespace) && context !== "") return undefined;
    return "write a namespace, or context/namespace for a context of the kubeconfig";
  }

  wrongName(name: string): string | undefined {
    return NAME.test(name) ? undefined : "write the name of a Secret and one of its keys, such as database#password";
  }

  /** Who we are is for everybody to ask who is known at all. https://kubernetes.io/docs/reference/access-authn-authz/authentication/#self-subject-review */
  async health(scope: string): Promise<Asked<true>> {
    const body = { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" };
    const answer = await this.#ask(scope, RETRIES, ({ authentication }) =>
      authentication.createSelfSubjectReview({ body }),
    );
    return answer.ok ? answered(true) : answer;
  }

  async #secrets(scope: string): Promise<Asked<readonly V1Secret[]>> {
    const { namespace } = partsOf(scope);
    const found: V1Secret[] = [];
    const request = { namespace, limit: this.#page, fieldSelector: NOT_OURS.map((type) => `type!=${type}`).join(",") };
    for (let next: string | undefined; ;) {
      const page = await this.#ask(scope, RETRIES, ({ core }) =>
        core.listNamespacedSecret({ ...request, ...(next !== undefined && { _continue: next }) }),
      );
      if (!page.ok) return page;
      found.push(...page.value.items.filter(({ type }) => !NOT_OURS.includes(type ?? "")));
      next = page.value.metadata?._continue;
      if (next === undefined || next === "") break;
    }
    if (found.length > 0) return answered(found);
    // of a namespace that does not exist the list is empty, too; who may not ask for namespaces believes it
    const exists = await this.#ask(scope, 0, ({ core }) => core.readNamespace({ name: namespace }));
    return !exists.ok && exists.problem.kind === "no-such-scope" ? exists : answered(found);
  }

  async #ask<T>(scope: string, retries: number, ask: (apis: Apis) => Promise<T>): Promise<Asked<T>> {
    const apis = this.#open(partsOf(scope).context);
    if (!apis.ok) return apis;
    return API.ask(retries, () => ask(apis.value));
  }

  #open(context: string | undefined): Asked<Apis> {
    const known = this.#apis.get(context ?? "");
    if (known !== undefined) return answered(known);
    const config = new KubeConfig();
    try {
      if (this.#kubeconfig === undefined) config.loadFromCluster();
      else config.loadFromFile(this.#kubeconfig);
    } catch {
      return refused(
        "unauthorized",
        `${this.#kubeconfig ?? "the pod's service account"} cannot be read as a kubeconfig`,
      );
    }
    if (context !== undefined) config.setCurrentContext(context);
    const cluster = config.getCurrentCluster();
    if (cluster === null || cluster.server === "" || cluster.server.includes("undefined"))
      return refused(
        "no-such-scope",
        this.#kubeconfig === undefined
          ? "this runs in no cluster: set kubeconfig"
          : `${this.#kubeconfig} has no such context${context === undefined ? "" : ` as ${context}`}`,
      );
    const configuration = createConfiguration({
      baseServer: new ServerConfiguration(cluster.server, {}),
      authMethods: { default: config },
      promiseMiddleware: [
        {
          pre: (request) => {
            request.setSignal(AbortSignal.timeout(this.#timeout));
            if (String(request.getHttpMethod()) === "PATCH")
              request.setHeaderParam("Content-Type", PatchStrategy.MergePatch);
            return Promise.resolve(request);
          },
          post: (response) => Promise.resolve(response),
        },
      ],
    });
    const apis = { core: new CoreV1Api(configuration), authentication: new AuthenticationV1Api(configuration) };
    this.#apis.set(context ?? "", apis);
    return answered(apis);
  }
}

/** Names of contexts have slashes where they are ARNs, namespaces never. */
function partsOf(scope: string): { readonly namespace: string; readonly context?: string } {
  const cut = scope.lastIndexOf("/");
  return cut < 0 ? { namespace: scope } : { context: scope.slice(0, cut), namespace: scope.slice(cut + 1) };
}

function listed({ metadata }: V1Secret, key: string): Listed {
  const changes = (metadata?.managedFields ?? []).flatMap(({ time }) => (time === undefined ? [] : [time.getTime()]));
  const updatedAt = changes.length > 0 ? Math.max(...changes) : metadata?.creationTimestamp?.getTime();
  return {
    name: `${metadata?.name ?? ""}#${key}`,
    ...(updatedAt !== undefined && { updatedAt }),
    ...(metadata?.resourceVersion !== undefined && { version: metadata.resourceVersion }),
  };
}

/** Why a Secret is not for us to change: somebody would change it back, or nobody can. */
function notWritten({ type, immutable, metadata }: V1Secret, key: string): string | undefined {
  const name = metadata?.name ?? "";
  if (NOT_OURS.includes(type ?? "")) return `the Secret ${name} is of the type ${type ?? ""}, which is not written`;
  const external = "change what the ExternalSecret takes it from instead";
  const owner = (metadata?.ownerReferences ?? []).find(
    ({ apiVersion, controller }) => controller === true || apiVersion.startsWith(`${EXTERNAL_SECRETS}/`),
  );
  if (owner?.apiVersion.startsWith(`${EXTERNAL_SECRETS}/`) === true)
    return `the Secret ${name} is made by the ${owner.kind} ${owner.name}, which would undo it: ${external}`;
  if (owner !== undefined)
    return `the Secret ${name} is made by the ${owner.kind} ${owner.name}, which would undo it: change that instead`;
  // one that is merged into a Secret of somebody else is told by its label, and by the keys that it manages
  const manages = (metadata?.managedFields ?? []).some(
    ({ manager, fieldsV1 }) =>
      manager?.includes(EXTERNAL_SECRETS) === true && Object.hasOwn(fieldsOf(fieldsV1)["f:data"] ?? {}, `f:${key}`),
  );
  if (manages || metadata?.labels?.[`reconcile.${EXTERNAL_SECRETS}/managed`] === "true")
    return `the Secret ${name} is made by External Secrets, which would undo it: ${external}`;
  return immutable === true ? `the Secret ${name} is immutable: replace it by another` : undefined;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ */
function fieldsOf(fields: unknown): { readonly "f:data"?: object } {
  return typeof fields === "object" && fields !== null ? fields : {};
}

function decoded(base64: string): Asked<SecretValue> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.from(base64, "base64"));
    return answered(new SecretValue(text));
  } catch {
    return refused("rejected", "it is binary, and only texts are compared");
  }
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof ApiException)) return {};
  return { status: error.code, wait: secondsOf(error.headers["retry-after"]) };
}
