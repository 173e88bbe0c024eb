import type { Size } from "@groundwork/lib/quantity";
import { PROXIES } from "../cluster/addons/envoy-gateway.ts";
import type { EnvoyProxy } from "./envoy-kinds.ts";
import { ENVOY_API } from "./envoy-kinds.ts";

export interface ProxySettings {
  /** Of the Deployment, the Service and the service account. */
  readonly name: string;
  readonly replicas: { readonly min: number; readonly max: number };
  /** Of each proxy: requests; memory is the limit too, CPU may burst to four times. */
  readonly size: Size & { readonly cpu: `${number}m` };
  /** Whether its pods are in the mesh. */
  readonly mesh: boolean;
  /** OTLP over gRPC; none: no traces. */
  readonly tracesTo?: TraceTarget;
}

/** A collector's Service. */
export interface TraceTarget {
  readonly namespace: string;
  readonly service: string;
  /** Port for OTLP over gRPC. */
  readonly port: number;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Share of requests that are traced, in percent; default 10. */
  readonly percent?: number;
}

/** Labels that Envoy Gateway gives the proxies of a gateway. https://gateway.envoyproxy.io/v1.9/tasks/operations/customize-envoyproxy/ */
export function proxyLabels(gateway: string, namespace: string): Readonly<Record<string, string>> {
  return {
    "app.kubernetes.io/component": "proxy",
    "app.kubernetes.io/managed-by": "envoy-gateway",
    "gateway.envoyproxy.io/owning-gateway-name": gateway,
    "gateway.envoyproxy.io/owning-gateway-namespace": namespace,
  };
}

const RESTRICTED = {
  allowPrivilegeEscalation: false,
  privileged: false,
  runAsNonRoot: true,
  runAsUser: 65_532,
  runAsGroup: 65_532,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

const CPU_PERCENT = 60;
const SURGE = { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };

/**
 * The proxies: spread over zones and nodes, scaled by CPU, never fewer than all but one during a drain. A proxy that goes
 * is told to its targets before it closes, and has as long to finish as the balancer waits for it.
 */
export function envoyProxy(settings: ProxySettings, namespace: string): EnvoyProxy {
  const { name, replicas, size, mesh, tracesTo } = settings;
  const matchLabels = { ...proxyLabels(name, namespace) };
  const spread = (topologyKey: string) => ({
    maxSkew: 1,
    topologyKey,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels },
  });
  return {
    apiVersion: ENVOY_API,
    kind: "EnvoyProxy",
    spec: {
      provider: {
        type: "Kubernetes",
        kubernetes: {
          envoyDeployment: {
            name,
            strategy: SURGE,
            container: {
              resources: {
                requests: size,
                limits: { cpu: `${Number.parseInt(size.cpu, 10) * 4}m`, memory: size.memory },
              },
              securityContext: RESTRICTED,
            },
            pod: {
              // In the mesh on the way to the services only: what comes from the balancer is no mesh traffic.
              ...(mesh && {
                labels: { "istio.io/dataplane-mode": "ambient" },
                annotations: { "ambient.istio.io/bypass-inbound-capture": "true" },
              }),
              topologySpreadConstraints: [spread("topology.kubernetes.io/zone"), spread("kubernetes.io/hostname")],
            },
            patch: {
              type: "StrategicMerge",
              value: {
                spec: {
                  template: {
                    spec: { containers: [{ name: "shutdown-manager", resources: PROXIES.shutdownManager }] },
                  },
                },
              },
            },
          },
          envoyServiceAccount: { name },
          envoyService: { type: "ClusterIP", name },
          envoyHpa: {
            minReplicas: replicas.min,
            maxReplicas: replicas.max,
            metrics: [
              {
                type: "Resource",
                resource: { name: "cpu", target: { type: "Utilization", averageUtilization: CPU_PERCENT } },
              },
            ],
          },
          envoyPDB: { maxUnavailable: 1 },
        },
      },
      shutdown: { drainTimeout: "60s", minDrainDuration: "15s" },
      logging: { level: { default: "warn" } },
      telemetry: { accessLog: { settings: [ACCESS_LOG] }, ...(tracesTo && { tracing: tracing(tracesTo) }) },
    },
  };
}

/** The same members as the Docker gateway's log: no query strings, in which people put what they should not. https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage */
const ACCESS_LOG = {
  format: {
    type: "JSON",
    json: {
      time: "%START_TIME%",
      method: "%REQ(:METHOD)%",
      host: "%REQ(:AUTHORITY)%",
      path: "%REQ_WITHOUT_QUERY(X-ENVOY-ORIGINAL-PATH?:PATH)%",
      status: "%RESPONSE_CODE%",
      flags: "%RESPONSE_FLAGS%",
      bytes: "%BYTES_SENT%",
      milliseconds: "%DURATION%",
      upstream: "%UPSTREAM_HOST%",
      route: "%ROUTE_NAME%",
      request: "%REQ(X-REQUEST-ID)%",
    },
  },
  sinks: [{ type: "File", file: { path: "/dev/stdout" } }],
};

function tracing({ namespace, service, port, percent = 10 }: TraceTarget): object {
  return {
    samplingRate: percent,
    provider: { type: "OpenTelemetry", backendRefs: [{ name: service, namespace, port }] },
  };
}
