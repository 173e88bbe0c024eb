import type { Size } from "@groundwork/lib/quantity";

/**
 * The kinds of Envoy Gateway, as far as they are written here; @kubernetes-models does not know them.
 * https://gateway.envoyproxy.io/v1.9/api/extension_types/
 */
export const ENVOY_API = "gateway.envoyproxy.io/v1alpha1";
export const ENVOY_GROUP = "gateway.envoyproxy.io";

interface Object<Kind extends string, Spec> {
  readonly apiVersion: typeof ENVOY_API;
  readonly kind: Kind;
  readonly spec: Spec;
}

/** A Gateway or HTTPRoute of the policy's own namespace. */
export interface PolicyTarget {
  readonly group: "gateway.networking.k8s.io";
  readonly kind: "Gateway" | "HTTPRoute";
  readonly name: string;
}
interface Targeted {
  readonly targetRefs: readonly PolicyTarget[];
}

interface Resources {
  readonly requests: Size;
  readonly limits: Size;
}
interface Header {
  readonly name: string;
  readonly value: string;
}

/** How the proxies of a gateway are run. */
export type EnvoyProxy = Object<
  "EnvoyProxy",
  {
    readonly provider: {
      readonly type: "Kubernetes";
      readonly kubernetes: {
        readonly envoyDeployment: {
          readonly name: string;
          readonly strategy: object;
          readonly container: { readonly resources: Resources; readonly securityContext: object };
          readonly pod: {
            readonly labels?: Readonly<Record<string, string>>;
            readonly annotations?: Readonly<Record<string, string>>;
            readonly topologySpreadConstraints: readonly object[];
          };
          /** Strategic merge into the Deployment that the controller makes. */
          readonly patch: { readonly type: "StrategicMerge"; readonly value: object };
        };
        readonly envoyServiceAccount: { readonly name: string };
        readonly envoyService: { readonly type: "ClusterIP"; readonly name: string };
        readonly envoyHpa: {
          readonly minReplicas: number;
          readonly maxReplicas: number;
          readonly metrics: readonly object[];
        };
        readonly envoyPDB: { readonly maxUnavailable: number };
      };
    };
    readonly shutdown: { readonly drainTimeout: string; readonly minDrainDuration: string };
    readonly logging: { readonly level: { readonly default: "warn" } };
    readonly telemetry: {
      readonly accessLog: { readonly settings: readonly object[] };
      readonly tracing?: object;
    };
  }
>;

/** Between clients and the gateway. */
export type ClientTrafficPolicy = Object<
  "ClientTrafficPolicy",
  Targeted & {
    readonly tls: {
      readonly minVersion: "1.2" | "1.3";
      readonly ciphers: readonly string[];
      readonly alpnProtocols: readonly ("h2" | "http/1.1")[];
    };
    readonly clientIPDetection: { readonly xForwardedFor: { readonly numTrustedHops: number } };
    readonly headers: {
      readonly withUnderscoresAction: "RejectRequest";
      readonly xForwardedClientCert: { readonly mode: "Sanitize" };
      readonly lateResponseHeaders: { readonly set: readonly Header[]; readonly remove: readonly string[] };
    };
    readonly path: { readonly escapedSlashesAction: "RejectRequest"; readonly disableMergeSlashes: false };
    readonly connection: {
      readonly connectionLimit: { readonly value: number };
      readonly bufferLimit: string;
    };
    readonly http2: {
      readonly maxConcurrentStreams: number;
      readonly initialStreamWindowSize: string;
      readonly initialConnectionWindowSize: string;
    };
    readonly timeout: {
      readonly http: {
        readonly requestReceivedTimeout: string;
        readonly idleTimeout: string;
        readonly streamIdleTimeout: string;
      };
    };
  }
>;

export interface LocalRateLimit {
  readonly local: {
    readonly rules: readonly {
      readonly clientSelectors: readonly {
        readonly sourceCIDR: { readonly type: "Distinct"; readonly value: string };
      }[];
      readonly limit: { readonly requests: number; readonly unit: "Second" | "Minute" };
    }[];
  };
}

/** Between the gateway and a route's pods. */
export type BackendTrafficPolicy = Object<
  "BackendTrafficPolicy",
  Targeted & {
    readonly circuitBreaker: {
      readonly maxConnections: number;
      readonly maxPendingRequests: number;
      readonly maxParallelRequests: number;
      readonly maxParallelRetries: number;
    };
    readonly healthCheck: {
      readonly passive: {
        readonly interval: string;
        readonly baseEjectionTime: string;
        readonly maxEjectionPercent: number;
        readonly consecutive5XxErrors: number;
        readonly consecutiveGatewayErrors: number;
      };
    };
    readonly loadBalancer: { readonly type: "LeastRequest"; readonly slowStart: { readonly window: string } };
    readonly retry: {
      readonly numRetries: number;
      readonly retryOn: { readonly triggers: readonly string[] };
      readonly perRetry: { readonly backOff: { readonly baseInterval: string; readonly maxInterval: string } };
    };
    readonly timeout: {
      readonly tcp: { readonly connectTimeout: string };
      readonly http: { readonly connectionIdleTimeout: string };
    };
    readonly rateLimit?: LocalRateLimit;
  }
>;

export type SecurityPolicy = Object<
  "SecurityPolicy",
  Targeted & {
    readonly cors: {
      readonly allowOrigins: readonly string[];
      readonly allowMethods: readonly string[];
      readonly allowHeaders: readonly string[];
      readonly maxAge: string;
      readonly allowCredentials: boolean;
    };
  }
>;

/** An answer of the gateway's own. */
export type HTTPRouteFilter = Object<
  "HTTPRouteFilter",
  {
    readonly directResponse: {
      readonly statusCode: number;
      readonly contentType: string;
      readonly body: { readonly type: "Inline"; readonly inline: string };
    };
  }
>;
