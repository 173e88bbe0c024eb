import { Agent, request } from "node:https";

/** An object of the Kubernetes API, as it travels. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly [key: string]: unknown;
  };
  readonly [key: string]: unknown;
}

/** What the API server answers instead of an object. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP's status; 0 when there was no answer at all. */
  readonly status: number;
  readonly reason: string;
  readonly causes: readonly { readonly field?: string; readonly message?: string; readonly reason?: string }[];

  constructor(status: number, body: StatusBody) {
    super(body.message ?? `the API server answers ${status}`);
    this.status = status;
    this.reason = body.reason ?? "";
    this.causes = body.details?.causes ?? [];
  }
}

interface StatusBody {
  readonly message?: string;
  readonly reason?: string;
  readonly details?: { readonly causes?: ApiError["causes"] };
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
  /** PEM of the authority that signed its certificate. */
  readonly ca: string;
  readonly token: string;
}

export interface Call {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
}

/** As many as the API server's default priority level serves at a time without queueing. */
const MAX_SOCKETS = 32;
const TIMEOUT_MS = 60_000;

export const APPLY = "application/apply-patch+yaml";
export const MERGE = "application/merge-patch+json";

/** One API server. Plain HTTP requests: what is rehearsed is what the server does, not what a library makes of it. */
export class Client {
  readonly endpoint: Endpoint;
  readonly #agent: Agent;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS, ca: endpoint.ca });
  }

  get(path: string, query?: Call["query"]): Promise<KubernetesObject> {
    return this.call("GET", path, query === undefined ? {} : { query }) as Promise<KubernetesObject>;
  }

  /** The objects of a collection. */
  async list(path: string, query?: Call["query"]): Promise<readonly KubernetesObject[]> {
    const answer = (await this.get(path, query)) as unknown as { readonly items?: readonly KubernetesObject[] };
    return answer.items ?? [];
  }

  /** The same from what the server has at hand, a moment old at most: for who looks again and again. */
  glance(path: string, query?: Call["query"]): Promise<readonly KubernetesObject[]> {
    return this.list(path, { ...query, resourceVersion: "0" });
  }

  create(path: string, body: unknown): Promise<KubernetesObject> {
    return this.call("POST", path, { body }) as Promise<KubernetesObject>;
  }

  merge(path: string, body: unknown): Promise<KubernetesObject> {
    return this.call("PATCH", path, { body, contentType: MERGE }) as Promise<KubernetesObject>;
  }

  /** @throws ApiError whatever the server refuses, or status 0 when it does not answer */
  call(method: string, path: string, { query, body, contentType }: Call = {}): Promise<unknown> {
    const { host, port, token } = this.endpoint;
    const search = query === undefined ? "" : `?${new URLSearchParams(query).toString()}`;
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const headers = {
      authorization: `Bearer ${token}`,
      accept: "application/json",
      "user-agent": "groundwork-rehearsal",
      ...(payload && { "content-type": contentType ?? "application/json", "content-length": payload.length }),
    };
    return new Promise((resolve, reject) => {
      const unanswered = (error: Error): void =>
        reject(new ApiError(0, { message: `the API server does not answer: ${error.message}` }));
      const sent = request(
        { agent: this.#agent, host, port, method, path: path + search, headers, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", unanswered);
          response.on("end", () => {
            const status = response.statusCode ?? 0;
            const answer = parsed(Buffer.concat(chunks).toString("utf8"));
            if (status < 400) resolve(answer);
            else
              reject(new ApiError(status, (typeof answer === "object" ? answer : { message: answer }) as StatusBody));
          });
        },
      );
      sent.on("timeout", () => sent.destroy(new Error(`no answer in ${TIMEOUT_MS / 1000} s`)));
      sent.on("error", unanswered);
      sent.end(payload);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text.trim(); // /readyz and the like answer plain text
  }
}

export function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
