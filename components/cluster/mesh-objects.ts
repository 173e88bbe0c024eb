import type { IHTTPRoute } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import type { IDestinationRule } from "@kubernetes-models/istio/networking.istio.io/v1";
import type { IAuthorizationPolicy, IPeerAuthentication } from "@kubernetes-models/istio/security.istio.io/v1";
import type { ITelemetry } from "@kubernetes-models/istio/telemetry.istio.io/v1";
import { TRACES_PROVIDER } from "./addons/istio.ts";
import type { WorkloadSpec } from "../workload/spec.ts";

/** A service account, which is who a workload is in the mesh. */
export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** Who may call a system's workloads, and how. */
export interface MeshPlan {
  readonly namespace: string;
  readonly workloads: readonly Pick<WorkloadSpec, "name" | "ports" | "calls" | "exposure">[];
  /** The gateway's proxies, which call what is exposed. Absent: nobody does. */
  readonly gateway?: Account;
  /** Prometheus, which asks every workload for its metrics. Absent: it is not in the mesh. */
  readonly monitoring?: Account;
  /** A proxy through which the workloads call each other. Absent: calls are not looked into. */
  readonly waypoint?: Account;
}

type MeshWorkload = MeshPlan["workloads"][number];

/** https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source */
export function principal({ namespace, name }: Account): string {
  return `cluster.local/ns/${namespace}/sa/${name}`;
}

/** Nobody speaks in the clear to any pod of the namespace. */
export function strictTls(namespace: string): IPeerAuthentication {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "PeerAuthentication",
    metadata: { name: "default", namespace },
    spec: { mtls: { mode: "STRICT" } },
  };
}

/** A policy that allows nothing; what the others allow is added to it. https://istio.io/latest/docs/concepts/security/#allow-nothing-deny-all-and-allow-all-policy */
function denyAll(namespace: string): IAuthorizationPolicy {
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name: "default-deny", namespace },
    spec: {},
  };
}

/**
 * For each workload, who may call it: those that say so in `calls`, the gateway where it is exposed, Prometheus. A node's
 * proxy enforces them by the caller's certificate, so that an address taken over opens nothing. Where a waypoint stands
 * between the callers and the workload, it alone may call, and the callers are named to the waypoint.
 */
export function authorizations(plan: MeshPlan): readonly IAuthorizationPolicy[] {
  const { namespace, workloads, gateway, monitoring, waypoint } = plan;
  return [
    denyAll(namespace),
    ...workloads.flatMap((workload) => {
      const callers = callersOf(workload, plan);
      const between = waypoint !== undefined && callers.length > 0;
      const direct = [
        ...(between ? [waypoint] : callers),
        ...(workload.exposure !== undefined && gateway ? [gateway] : []),
        ...(monitoring ? [monitoring] : []),
      ];
      return [
        allow(workload, namespace, workload.name, { selector: { matchLabels: labels(workload) } }, direct),
        ...(between
          ? [
              allow(
                workload,
                namespace,
                `${workload.name}-waypoint`,
                { targetRefs: [{ group: "", kind: "Service", name: workload.name }] },
                callers,
              ),
            ]
          : []),
      ];
    }),
  ];
}

function callersOf({ name }: MeshWorkload, { namespace, workloads }: MeshPlan): readonly Account[] {
  return workloads.filter(({ calls = [] }) => calls.includes(name)).map((caller) => ({ namespace, name: caller.name }));
}

function labels({ name }: MeshWorkload): Record<string, string> {
  return { "app.kubernetes.io/name": name };
}

type Target = Pick<NonNullable<IAuthorizationPolicy["spec"]>, "selector" | "targetRefs">;

/** Without a rule it allows nobody, which is said once more where nobody may call. */
function allow(
  { ports }: MeshWorkload,
  namespace: string,
  name: string,
  target: Target,
  accounts: readonly Account[],
): IAuthorizationPolicy {
  const rule = {
    from: [{ source: { principals: accounts.map(principal) } }],
    to: [{ operation: { ports: ports.map(({ containerPort }) => String(containerPort)) } }],
  };
  return {
    apiVersion: "security.istio.io/v1",
    kind: "AuthorizationPolicy",
    metadata: { name, namespace },
    spec: { ...target, action: "ALLOW", ...(accounts.length > 0 && ports.length > 0 && { rules: [rule] }) },
  };
}

/** Workloads that others of the system call, with their first port. */
function called(plan: MeshPlan): readonly { readonly name: string; readonly port: number }[] {
  return plan.workloads.flatMap((workload) => {
    const [port] = workload.ports;
    return port === undefined || callersOf(workload, plan).length === 0
      ? []
      : [{ name: workload.name, port: port.containerPort }];
  });
}

/**
 * Circuit breakers of the calls between workloads: a pod that fails five times in a row is left alone for a while, and no
 * more waits than the workload could ever answer. Waypoints carry them out.
 * https://istio.io/latest/docs/reference/config/networking/destination-rule/
 */
export function circuitBreakers(plan: MeshPlan): readonly IDestinationRule[] {
  return called(plan).map(({ name }) => ({
    apiVersion: "networking.istio.io/v1",
    kind: "DestinationRule",
    metadata: { name, namespace: plan.namespace },
    spec: {
      host: `${name}.${plan.namespace}.svc.cluster.local`,
      trafficPolicy: {
        connectionPool: {
          tcp: { maxConnections: 1024, connectTimeout: "2s" },
          http: { http1MaxPendingRequests: 256, http2MaxRequests: 1024, maxRetries: 10, idleTimeout: "60s" },
        },
        outlierDetection: {
          consecutive5xxErrors: 5,
          consecutiveGatewayErrors: 3,
          interval: "10s",
          baseEjectionTime: "30s",
          maxEjectionPercent: 50,
        },
      },
    },
  }));
}

/** How long a call may take, and that one which was refused is tried again. https://istio.io/latest/docs/tasks/traffic-management/request-timeouts/ */
export function meshRoutes(plan: MeshPlan): readonly IHTTPRoute[] {
  return called(plan).map(({ name, port }) => ({
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, namespace: plan.namespace },
    spec: {
      parentRefs: [{ group: "", kind: "Service", name, port }],
      rules: [
        {
          backendRefs: [{ name, port }],
          timeouts: { request: "60s" },
          // 503 is what a proxy answers when nobody took the request.
          retry: { attempts: 2, codes: [503], backoff: "50ms" },
        },
      ],
    },
  }));
}

/** Traces of what passes waypoints, by OTLP; a share, as the collector keeps a share of these again. */
export function tracing(namespace: string, percent: number): ITelemetry {
  return {
    apiVersion: "telemetry.istio.io/v1",
    kind: "Telemetry",
    metadata: { name: "traces", namespace },
    spec: { tracing: [{ providers: [{ name: TRACES_PROVIDER }], randomSamplingPercentage: percent }] },
  };
}
