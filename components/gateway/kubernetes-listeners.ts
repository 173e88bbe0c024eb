import type { ICertificate } from "@kubernetes-models/cert-manager/cert-manager.io/v1";
import type { IGateway } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { ECC_KEY } from "../cluster/addons/cert-manager.ts";
import { ENVOY_GROUP } from "./envoy-kinds.ts";

/** The gateway's port for HTTPS. */
export const HTTPS_PORT = 443;
/** Envoy Gateway moves ports below 1024 up by 10000, so that no proxy needs a right for them. https://gateway.envoyproxy.io/v1.9/api/extension_types/#envoyproxykubernetesprovider */
export const PROXY_PORT = 10_443;
/** https://github.com/envoyproxy/gateway/blob/v1.9.1/internal/xds/bootstrap/bootstrap.go */
export const PROXY_METRICS = { port: 19_001, path: "/stats/prometheus" } as const;
export const PROXY_READY = { port: 19_003, path: "/ready" } as const;

export interface Listeners {
  /** Of the Gateway, its proxies and their Service. */
  readonly name: string;
  readonly namespace: string;
  readonly className: string;
  readonly hosts: readonly string[];
  /** ClusterIssuer of the certificates. */
  readonly issuer: string;
}

/** Kubernetes names know no dots in some places. */
function secretOf(host: string): string {
  return `tls-${host.replaceAll(".", "-")}`;
}

/** Names of all hosts, for clients that name none. */
const ANY = "tls-any";

/** A key and certificate for each host and one for all of them, elliptic and renewed at two thirds of their time. */
export function certificates({ namespace, hosts, issuer }: Listeners): readonly ICertificate[] {
  const certificate = (name: string, dnsNames: readonly string[]): ICertificate => ({
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: { name, namespace },
    spec: {
      secretName: name,
      dnsNames: [...dnsNames],
      privateKey: ECC_KEY,
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: issuer },
    },
  });
  return [certificate(ANY, hosts), ...hosts.map((host) => certificate(secretOf(host), [host]))];
}

/**
 * A listener for each host with its own certificate, and one without a host: AWS does not say that its balancer names the
 * host in its handshakes with targets (SNI), and a request must be answered either way. Only routes beside the gateway
 * may attach, and each route names its host.
 */
export function gateway({ name, namespace, className, hosts }: Listeners): IGateway {
  const listener = (listenerName: string, secret: string, hostname?: string) => ({
    name: listenerName,
    protocol: "HTTPS",
    port: HTTPS_PORT,
    ...(hostname !== undefined && { hostname }),
    tls: { mode: "Terminate" as const, certificateRefs: [{ name: secret }] },
    allowedRoutes: { namespaces: { from: "Same" as const } },
  });
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name, namespace },
    spec: {
      gatewayClassName: className,
      infrastructure: { parametersRef: { group: ENVOY_GROUP, kind: "EnvoyProxy", name } },
      listeners: [
        listener("any", ANY),
        ...hosts.map((host) => listener(host.replaceAll(".", "-"), secretOf(host), host)),
      ],
    },
  };
}
