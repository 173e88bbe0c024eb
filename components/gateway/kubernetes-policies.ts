import type { BackendTrafficPolicy, ClientTrafficPolicy, LocalRateLimit, SecurityPolicy } from "./envoy-kinds.ts";
import { ENVOY_API } from "./envoy-kinds.ts";
import type { Cors } from "./kubernetes-spec.ts";
import { SECURITY_HEADERS } from "./protection.ts";
import { ECDSA_SUITES, hstsHeader } from "./tls.ts";
import type { RateLimit } from "../workload/spec.ts";

const GATEWAY_API = "gateway.networking.k8s.io";
const JSON_SIZES = { streamWindow: "64Ki", connectionWindow: "1Mi", buffer: "32Ki" } as const;

/** What of Envoy's own would tell strangers about the inside. */
const TELLING = ["server", "x-envoy-upstream-service-time", "x-powered-by"];

export interface ClientSettings {
  /** Addresses from the right end of X-Forwarded-For up to the client's. */
  readonly trustedHops: number;
  /** Connections of each listener of each proxy; the balancer reuses them, so that they are not as many as clients. */
  readonly connections: number;
  /** Seconds for which browsers refuse plain HTTP; 0: no HSTS. */
  readonly hsts?: number;
}

/**
 * The security headers are the same as the Docker gateway's, and late: on the gateway's own answers too. The idle time is
 * above the balancer's, so that it never sends a request into a connection that is just being closed.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
 */
export function clientTrafficPolicy(gateway: string, settings: ClientSettings): ClientTrafficPolicy {
  const tls = settings.hsts === undefined ? {} : { hsts: settings.hsts };
  const headers = { ...SECURITY_HEADERS, ...hstsHeader(tls) };
  return {
    apiVersion: ENVOY_API,
    kind: "ClientTrafficPolicy",
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "Gateway", name: gateway }],
      // Named, because with several certificates on a port the controller would leave HTTP/2 out by itself.
      tls: { minVersion: "1.2", ciphers: ECDSA_SUITES, alpnProtocols: ["h2", "http/1.1"] },
      clientIPDetection: { xForwardedFor: { numTrustedHops: settings.trustedHops } },
      headers: {
        withUnderscoresAction: "RejectRequest",
        xForwardedClientCert: { mode: "Sanitize" },
        lateResponseHeaders: {
          set: Object.entries(headers).map(([name, value]) => ({ name, value })),
          remove: TELLING,
        },
      },
      // A path must not mean one thing to a route and another to the service behind it.
      path: { escapedSlashesAction: "RejectRequest", disableMergeSlashes: false },
      connection: { connectionLimit: { value: settings.connections }, bufferLimit: JSON_SIZES.buffer },
      http2: {
        maxConcurrentStreams: 128,
        initialStreamWindowSize: JSON_SIZES.streamWindow,
        initialConnectionWindowSize: JSON_SIZES.connectionWindow,
      },
      timeout: { http: { requestReceivedTimeout: "60s", idleTimeout: "120s", streamIdleTimeout: "90s" } },
    },
  };
}

/**
 * What a proxy does for the pods behind a route: no more than so much at a time, none to a pod that keeps failing, another
 * try only where the first cannot have been carried out. At most 10 retries at a time are the budget: when everything
 * fails, retries do not double the load. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/circuit_breaking
 */
export function backendTrafficPolicy(route: string, rateLimit: RateLimit | undefined): BackendTrafficPolicy {
  return {
    apiVersion: ENVOY_API,
    kind: "BackendTrafficPolicy",
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "HTTPRoute", name: route }],
      circuitBreaker: {
        maxConnections: 1024,
        maxPendingRequests: 256,
        maxParallelRequests: 1024,
        maxParallelRetries: 10,
      },
      healthCheck: {
        passive: {
          interval: "5s",
          baseEjectionTime: "30s",
          // Half of the pods are left: were all of them put out, a fault that is not theirs would take the system down.
          maxEjectionPercent: 50,
          consecutive5XxErrors: 10,
          consecutiveGatewayErrors: 5,
        },
      },
      loadBalancer: { type: "LeastRequest", slowStart: { window: "30s" } },
      retry: {
        numRetries: 2,
        retryOn: { triggers: ["connect-failure", "refused-stream"] },
        perRetry: { backOff: { baseInterval: "50ms", maxInterval: "500ms" } },
      },
      timeout: { tcp: { connectTimeout: "2s" }, http: { connectionIdleTimeout: "60s" } },
      ...(rateLimit && { rateLimit: localRateLimit(rateLimit) }),
    },
  };
}

/**
 * Each proxy counts for itself, by the client's address. Envoy Gateway knows no burst: over a minute the rate is exact, and
 * within it a client may be as fast as it likes. Addresses of both families, each with a bucket of its own (since 1.4).
 * https://github.com/envoyproxy/gateway/pull/9975
 */
function localRateLimit({ requestsPerSecond }: RateLimit): LocalRateLimit {
  return {
    local: {
      rules: ["0.0.0.0/0", "::/0"].map((value) => ({
        clientSelectors: [{ sourceCIDR: { type: "Distinct", value } }],
        limit: { requests: requestsPerSecond * 60, unit: "Minute" },
      })),
    },
  };
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
const REQUEST_HEADERS = ["authorization", "content-type"];

export function corsPolicy(route: string, { origins, methods, headers, credentials }: Cors): SecurityPolicy {
  return {
    apiVersion: ENVOY_API,
    kind: "SecurityPolicy",
    spec: {
      targetRefs: [{ group: GATEWAY_API, kind: "HTTPRoute", name: route }],
      cors: {
        allowOrigins: origins,
        allowMethods: methods ?? METHODS,
        allowHeaders: headers ?? REQUEST_HEADERS,
        // Browsers hold it no longer. https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Access-Control-Max-Age
        maxAge: "2h",
        allowCredentials: credentials ?? false,
      },
    },
  };
}
