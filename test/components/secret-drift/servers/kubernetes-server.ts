import { type FakeServer, json, serve } from "./server.ts";

export interface FakeKubernetes extends FakeServer {
  /** Data of each Secret in plain, by `namespace/name`. */
  readonly secrets: Map<string, Record<string, string>>;
}

interface Body {
  readonly metadata?: { readonly name?: string };
  readonly data?: Readonly<Record<string, string>>;
}

/**
 * Secrets of an API server as far as one round and one healing ask for them. What the store's client makes of the API is
 * tried against a real one; this is for suites in which it is one store of many.
 */
export async function fakeKubernetes(): Promise<FakeKubernetes> {
  const secrets: FakeKubernetes["secrets"] = new Map();
  let version = 1;
  const encoded = (key: string) => {
    const [namespace, name] = key.split("/");
    const entries = Object.entries(secrets.get(key) ?? {});
    const data = Object.fromEntries(entries.map(([each, value]) => [each, Buffer.from(value).toString("base64")]));
    return { metadata: { namespace, name, resourceVersion: String(version) }, type: "Opaque", data };
  };
  const store = (key: string, { data = {} }: Body) => {
    const decoded = Object.entries(data).map(([each, value]) => [each, Buffer.from(value, "base64").toString("utf8")]);
    secrets.set(key, { ...secrets.get(key), ...(Object.fromEntries(decoded) as Record<string, string>) });
    version += 1;
    return encoded(key);
  };
  const server = await serve(({ method, path, headers, body }, response) => {
    const { pathname } = new URL(path, "http://localhost");
    const [, namespace = "", name] = /^\/api\/v1\/namespaces\/([^/]+)(?:\/secrets\/?(.*))?$/.exec(pathname) ?? [];
    const refuse = (code: number) => json(response, code, { kind: "Status", code, message: `about ${body}` });
    if (!/^Bearer \S+$/.test(String(headers.authorization))) return refuse(401);
    if (namespace === "") return refuse(404);
    if (name === undefined) return json(response, 200, { metadata: { name: namespace } });
    const sent = (body === "" ? {} : JSON.parse(body)) as Body;
    if (method === "POST") return json(response, 201, store(`${namespace}/${sent.metadata?.name ?? ""}`, sent));
    if (name === "") {
      const own = [...secrets.keys()].filter((key) => key.startsWith(`${namespace}/`));
      return json(response, 200, { kind: "SecretList", metadata: {}, items: own.map(encoded) });
    }
    const key = `${namespace}/${name}`;
    if (!secrets.has(key)) return refuse(404);
    return json(response, 200, method === "PATCH" ? store(key, sent) : encoded(key));
  });
  return Object.assign(server, { secrets });
}
