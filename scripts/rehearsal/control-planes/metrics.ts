import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Server, createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TLSSocket } from "node:tls";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { Api } from "./api.ts";
import type { Client, KubernetesObject } from "./client.ts";
import { EXTERNAL_GROUP, externalMetrics } from "./external-metrics.ts";
import { DEFAULT_SHARE, type Load } from "./loads.ts";
import type { Pki } from "./pki.ts";

const GROUP = "/apis/metrics.k8s.io/v1beta1";
/** What stands for metrics-server, and what for KEDA's metrics server: an aggregated API each. */
export type MetricsApi = "metrics.k8s.io" | "external.metrics.k8s.io";
/** The certificate of pki.ts is for this name. */
const NAMESPACE = "groundwork-rehearsal";
const SERVICE = "metrics";
/** Seconds that a sample stands for; the autoscaler takes none that is older than the pod's readiness by less. */
const WINDOW_SECONDS = 1;
const READY_POLL_MS = 100;
const READY_TIMEOUT_MS = 30_000;

/**
 * The resource metrics API of one cluster (https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/),
 * served by this process through the API server's aggregation layer. No container runs, so its figures are set.
 */
export class MetricsSource {
  readonly #client: Client;
  readonly #loads: Map<string, Load>;
  readonly #server: Server;
  readonly #ca: Buffer;
  readonly #served = new Set<MetricsApi>();

  /** Starts to listen. `loads` by `namespace/workload`. */
  static async start(client: Client, pki: Pki, loads: Map<string, Load>): Promise<MetricsSource> {
    const source = new MetricsSource(client, pki, loads);
    await source.#listen();
    return source;
  }

  private constructor(client: Client, pki: Pki, loads: Map<string, Load>) {
    this.#client = client;
    this.#loads = loads;
    this.#ca = readFileSync(pki.certificate("ca"));
    this.#server = createServer(
      {
        cert: readFileSync(pki.certificate("metrics")),
        key: readFileSync(pki.key("metrics")),
        // nobody but this cluster's API server may ask
        ca: readFileSync(pki.certificate("front-proxy-ca")),
        requestCert: true,
        rejectUnauthorized: false,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.unref();
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
  }

  /**
   * Serves one of the APIs, and returns when the API server has noticed. A Service of the type ExternalName leads it out
   * of the cluster, to this process.
   */
  async serve(group: MetricsApi): Promise<void> {
    if (this.#served.has(group)) return;
    this.#served.add(group);
    const api = new Api(this.#client);
    const { port } = this.#server.address() as AddressInfo;
    await api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
    await api.apply({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: SERVICE, namespace: NAMESPACE },
      spec: { type: "ExternalName", externalName: "localhost", ports: [{ port }] },
    });
    const registration: KubernetesObject = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `v1beta1.${group}` },
      spec: {
        group,
        version: "v1beta1",
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: this.#ca.toString("base64"),
        service: { name: SERVICE, namespace: NAMESPACE, port },
      },
    };
    await api.apply(registration);
    const end = performance.now() + READY_TIMEOUT_MS;
    while (performance.now() < end) {
      try {
        await this.#client.get(`/apis/${group}/v1beta1`);
        return;
      } catch {
        await sleep(READY_POLL_MS);
      }
    }
    throw new Error(`the API server does not find the source of ${group} after ${READY_TIMEOUT_MS / 1000} s`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "https://localhost");
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    if (!(request.socket as TLSSocket).authorized) return send(401, {});
    try {
      const isExternal = url.pathname.startsWith(EXTERNAL_GROUP);
      send(200, await (isExternal ? externalMetrics(this.#client, url, this.#loads) : this.#metrics(url)));
    } catch (error) {
      send(500, { kind: "Status", status: "Failure", message: error instanceof Error ? error.message : "" });
    }
  }

  async #metrics(url: URL): Promise<unknown> {
    const path = url.pathname.slice(GROUP.length);
    if (path === "" || path === "/") return RESOURCES;
    const one = /^\/namespaces\/([^/]+)\/pods\/([^/]+)$/.exec(path);
    if (one !== null) {
      const [found] = await this.#pods(`/api/v1/namespaces/${one[1]}/pods`, `metadata.name=${one[2]}`, "");
      return found;
    }
    if (path === "/nodes") return list("NodeMetricsList", []);
    const [, namespace] = /^\/namespaces\/([^/]+)\/pods$/.exec(path) ?? [];
    const pods = namespace === undefined ? "/api/v1/pods" : `/api/v1/namespaces/${namespace}/pods`;
    return list("PodMetricsList", await this.#pods(pods, "", url.searchParams.get("labelSelector") ?? ""));
  }

  async #pods(path: string, fieldSelector: string, labelSelector: string): Promise<readonly unknown[]> {
    const pods = await this.#client.list(path, {
      ...(fieldSelector !== "" && { fieldSelector }),
      ...(labelSelector !== "" && { labelSelector }),
    });
    const running = pods.filter((pod) => (pod["status"] as { phase?: string }).phase === "Running");
    const counts = Map.groupBy(running, workloadOf);
    return running.map((pod) => podMetrics(pod, this.#loads.get(workloadOf(pod)), counts.get(workloadOf(pod))?.length));
  }
}

interface Container {
  readonly name: string;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

function podMetrics(pod: KubernetesObject, load: Load | undefined, count = 1): unknown {
  const { containers } = pod["spec"] as { containers: readonly Container[] };
  const requested = (container: Container, name: string): number =>
    kubernetesQuantity(container.resources?.requests?.[name]) ?? 0;
  const inAll = containers.reduce((sum, container) => sum + requested(container, "cpu"), 0);
  const memoryShare = load !== undefined && "share" in load ? load.share : DEFAULT_SHARE;
  const share = load !== undefined && "cores" in load ? load.cores / count / (inAll || 1) : memoryShare;
  const { name, namespace, labels } = pod.metadata as { name: string; namespace?: string; labels?: unknown };
  return {
    metadata: { name, namespace, labels, creationTimestamp: new Date().toISOString() },
    timestamp: new Date().toISOString(),
    window: `${WINDOW_SECONDS}s`,
    containers: containers.map((container) => ({
      name: container.name,
      usage: {
        cpu: `${Math.round(requested(container, "cpu") * share * 1e9)}n`,
        memory: `${Math.round((requested(container, "memory") * memoryShare) / 1024)}Ki`,
      },
    })),
  };
}

/** `shop/backend` of the pod `backend-7c9d8f-abcde`: what made it, a ReplicaSet's Deployment included. */
export function workloadOf({ metadata }: KubernetesObject): string {
  const { ownerReferences = [], labels = {} } = metadata as {
    ownerReferences?: readonly { kind: string; name: string }[];
    labels?: Readonly<Record<string, string>>;
  };
  const [owner] = ownerReferences;
  const hash = labels["pod-template-hash"];
  const name = owner?.name ?? metadata.name;
  const workload = owner?.kind === "ReplicaSet" && hash !== undefined ? name.replace(`-${hash}`, "") : name;
  return `${metadata.namespace ?? "default"}/${workload}`;
}

function list(kind: string, items: readonly unknown[]): unknown {
  return { kind, apiVersion: "metrics.k8s.io/v1beta1", metadata: {}, items };
}

const RESOURCES = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: "metrics.k8s.io/v1beta1",
  resources: [
    { name: "nodes", singularName: "", namespaced: false, kind: "NodeMetrics", verbs: ["get", "list"] },
    { name: "pods", singularName: "", namespaced: true, kind: "PodMetrics", verbs: ["get", "list"] },
  ],
};
