import type { IGateway } from "@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1";
import { gateway } from "@groundwork/lib/expanders/kinds/gateway";
import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { MESH_NAMESPACE } from "./addons/istio.ts";
import { createFlowPolicies, MESH_PORT } from "./flow-policies.ts";
import { createMeshObject } from "./mesh-create.ts";
import { WAYPOINT } from "./mesh-names.ts";
import type { Account } from "./mesh-objects.ts";
import type { Peers, TierFlow } from "./flow-policies.ts";
import { tierQuota } from "./tier-namespace.ts";

const CONTROL_PLANE_PORT = 15_012;
const WAYPOINT_METRICS_PORT = 15_020;
const REPLICAS = 2;

export interface MeshWaypointArgs {
  /** A namespace of the waypoint's own, so that its pods count against no system's quota. */
  readonly namespace: string;
  /** Namespaces of the systems that call through it. */
  readonly clients: readonly string[];
  /** Whose routes may be attached: the namespaces of the Services behind it; none: its own alone. */
  readonly routesFrom?: readonly string[];
  /** Where the waypoint itself may connect to. */
  readonly egress: readonly Peers[];
  /** Namespace of Prometheus; default: nobody asks for metrics. */
  readonly monitoring?: string;
  /** What must stand before: the add-ons of the mesh and the Gateway API's kinds. */
  readonly after: readonly Resource[];
}

/**
 * A proxy for layer 7 in the mesh, two pods in a namespace of their own. Resources of that namespace are reached through
 * it; a Service elsewhere by its labels `istio.io/use-waypoint` and `istio.io/use-waypoint-namespace`.
 */
export class MeshWaypoint extends ComponentResource {
  /** Who it is to those behind it. */
  readonly account: Account;
  /** What the clients' namespaces must let out. */
  readonly peers: Peers;
  readonly ready: readonly Resource[];

  constructor(name: string, args: MeshWaypointArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:MeshWaypoint", name, {}, opts);
    const { namespace, after } = args;
    this.account = { namespace, name: WAYPOINT };
    this.peers = waypointPeers(namespace);
    const own = createNamespace(name, namespace, this, after);
    const limits = createLimits(name, namespace, this, own);
    const guards = createFlowPolicies({
      name,
      namespace: own.metadata.name,
      flows: [waypointFlow(args)],
      parent: this,
      dependsOn: [own],
    });
    const options = createOptions(name, namespace, this, own);
    this.ready = [createMeshObject(name, waypoint(args), this, [...after, ...guards, ...limits, options])];
    this.registerOutputs({ namespace });
  }
}

function waypointLabels(): Readonly<Record<string, string>> {
  return { "gateway.networking.k8s.io/gateway-name": WAYPOINT };
}

export function waypointPeers(namespace: string): Peers {
  return { pods: { namespace, labels: waypointLabels() }, port: MESH_PORT };
}

/** Clients in, the control plane and what is behind it out. */
function waypointFlow({ clients, egress, monitoring }: Omit<MeshWaypointArgs, "after">): TierFlow {
  return {
    name: WAYPOINT,
    pods: waypointLabels(),
    ingress: [
      ...clients.map((namespace) => ({ pods: { namespace, labels: {} }, port: MESH_PORT })),
      ...(monitoring === undefined
        ? []
        : [{ pods: { namespace: monitoring, labels: {} }, port: WAYPOINT_METRICS_PORT }]),
    ],
    egress: [{ pods: { namespace: MESH_NAMESPACE, labels: { app: "istiod" } }, port: CONTROL_PLANE_PORT }, ...egress],
  };
}

function createNamespace(
  name: string,
  namespace: string,
  parent: Resource,
  dependsOn: readonly Resource[],
): kubernetes.core.v1.Namespace {
  const labels = {
    ...Object.fromEntries(
      ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "restricted"]),
    ),
    "istio.io/use-waypoint": WAYPOINT,
  };
  return new kubernetes.core.v1.Namespace(
    `${name}-namespace`,
    { metadata: { name: namespace, labels } },
    { parent, dependsOn: [...dependsOn] },
  );
}

/** Room for the waypoint's pods and one more while they are exchanged, as their expander counts them. */
function createLimits(name: string, namespace: string, parent: Resource, own: Resource): readonly Resource[] {
  const pods = gateway({
    namespace,
    name: WAYPOINT,
    spec: { gatewayClassName: "istio-waypoint" },
    metadata: {},
  });
  const opts = { parent, dependsOn: [own] };
  const limits = [
    { type: "Container", defaultRequest: { cpu: "100m", memory: "128Mi" }, default: { cpu: "500m", memory: "512Mi" } },
  ];
  return [
    new kubernetes.core.v1.ResourceQuota(
      `${name}-quota`,
      { metadata: { name: "quota", namespace }, spec: { hard: tierQuota([pods]) } },
      opts,
    ),
    new kubernetes.core.v1.LimitRange(
      `${name}-limits`,
      { metadata: { name: "limits", namespace }, spec: { limits } },
      opts,
    ),
  ];
}

/** Laid over what the control plane makes for a waypoint. https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment */
function createOptions(name: string, namespace: string, parent: Resource, own: Resource): kubernetes.core.v1.ConfigMap {
  const data = {
    deployment: JSON.stringify({ spec: { replicas: REPLICAS } }),
    podDisruptionBudget: JSON.stringify({ spec: { minAvailable: 1 } }),
  };
  return new kubernetes.core.v1.ConfigMap(
    `${name}-options`,
    { metadata: { name: WAYPOINT, namespace }, data },
    { parent, dependsOn: [own] },
  );
}

function waypoint({ namespace, routesFrom = [] }: Pick<MeshWaypointArgs, "namespace" | "routesFrom">): IGateway {
  const selector = {
    matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "In", values: [...routesFrom] }],
  };
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "Gateway",
    metadata: { name: WAYPOINT, namespace, labels: { "istio.io/waypoint-for": "service" } },
    spec: {
      gatewayClassName: "istio-waypoint",
      infrastructure: { parametersRef: { group: "", kind: "ConfigMap", name: WAYPOINT } },
      listeners: [
        {
          name: "mesh",
          port: MESH_PORT,
          protocol: "HBONE",
          allowedRoutes: { namespaces: routesFrom.length === 0 ? { from: "Same" } : { from: "Selector", selector } },
        },
      ],
    },
  };
}
