import { expansionOf, workload } from "@groundwork/lib/expanders/build";
import { container } from "@groundwork/lib/expanders/read";
import type { HelmAddon } from "./addon.ts";
import type { AddonContext } from "./context.ts";
import { resources } from "./context.ts";
import type { PlacementValues, ResourceValues, SecurityValues } from "./common-values.ts";

/** The control plane and the mesh's own settings. */
export const MESH_NAMESPACE = "istio-system";
/** What runs on each node: it changes the nodes' and pods' networks, for which it needs rights that no other pod has. */
export const MESH_NODES_NAMESPACE = "istio-nodes";
/** Name under which meshConfig knows the collector of traces. */
export const TRACES_PROVIDER = "opentelemetry";

const GUARD = "the cluster's mesh (`components/cluster/mesh-network.ts`)";
/** What the control plane writes on the pods of a waypoint. https://istio.io/latest/docs/tasks/traffic-management/ingress/gateway-api/#automated-deployment */
const WAYPOINT_PODS = { "gateway.networking.k8s.io/gateway-class-name": "istio-waypoint" };

const SOURCE = "https://istio.io/latest/news/releases/1.31.x/announcing-1.31.1/";
const release = (chart: string) => ({
  chart,
  repository: "https://istio-release.storage.googleapis.com/charts",
  version: "1.31.1",
  source: SOURCE,
});

/** https://github.com/istio/istio/blob/1.31.1/manifests/charts/base/values.yaml */
export interface IstioBaseValues {
  readonly defaultRevision: "default";
}

export const istioBase: HelmAddon<IstioBaseValues> = {
  name: "istio-base",
  why: "The kinds of the service mesh",
  needs: ["coredns"],
  namespace: MESH_NAMESPACE,
  guardedBy: GUARD,
  unmeasured: "it has no pods",
  release: release("base"),
  values: () => ({ defaultRevision: "default" }),
};

/** https://github.com/istio/istio/blob/1.31.1/manifests/charts/istio-control/istio-discovery/values.yaml */
export interface IstiodValues extends PlacementValues {
  readonly profile: "ambient";
  readonly autoscaleEnabled: true;
  readonly autoscaleMin: number;
  readonly autoscaleMax: number;
  readonly resources: ResourceValues;
  readonly seccompProfile: SecurityValues;
  /** The only namespace from which a node's proxy may ask for its pods' certificates. */
  readonly trustedZtunnelNamespace: string;
  readonly global: {
    readonly priorityClassName: string;
    readonly logAsJson: true;
    /** Proxies that the control plane makes for layer 7. */
    readonly waypoint: { readonly resources: ResourceValues };
  };
  /** Of the waypoints' pods, which then meet `restricted`. */
  readonly gateways: { readonly seccompProfile: SecurityValues };
  readonly meshConfig: {
    readonly accessLogFile: "/dev/stdout";
    readonly accessLogEncoding: "JSON";
    readonly extensionProviders: readonly object[];
  };
}

const CONTROL_PLANE_MAX = 5;
const CONTROL_PLANE = resources("200m", "512Mi", { cpu: "2", memory: "2Gi" });
const SCALED_OUT = expansionOf(
  workload("Deployment", {
    namespace: MESH_NAMESPACE,
    name: "istiod-scaled",
    replicas: CONTROL_PLANE_MAX,
    containers: [container("discovery", CONTROL_PLANE)],
  }),
);

const RUNTIME_DEFAULT = { type: "RuntimeDefault" };

export const istiod: HelmAddon<IstiodValues> = {
  name: "istiod",
  why: "The service mesh's control plane: certificates of workloads, and who may call whom",
  needs: ["istio-base"],
  // The Gateway API's kinds, of which waypoints are.
  after: ["envoy-gateway", "prometheus-operator-crds"],
  namespace: MESH_NAMESPACE,
  guardedBy: GUARD,
  monitors: [
    { name: "istiod", pods: { app: "istiod" }, port: 15_014 },
    { name: "waypoints", pods: WAYPOINT_PODS, port: 15_020, path: "/stats/prometheus", everywhere: true },
  ],
  room: [SCALED_OUT],
  release: release("istiod"),
  values: (context) => ({
    ...context.placement,
    profile: "ambient",
    autoscaleEnabled: true,
    autoscaleMin: context.replicas,
    autoscaleMax: Math.max(CONTROL_PLANE_MAX, context.replicas),
    resources: CONTROL_PLANE,
    seccompProfile: RUNTIME_DEFAULT,
    trustedZtunnelNamespace: MESH_NODES_NAMESPACE,
    global: {
      priorityClassName: "system-cluster-critical",
      logAsJson: true,
      waypoint: { resources: resources("100m", "128Mi", { cpu: "1", memory: "512Mi" }) },
    },
    gateways: { seccompProfile: RUNTIME_DEFAULT },
    meshConfig: {
      accessLogFile: "/dev/stdout",
      accessLogEncoding: "JSON",
      extensionProviders: tracesProviders(context),
    },
  }),
};

/** https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#MeshConfig-ExtensionProvider-OpenTelemetryTracingProvider */
function tracesProviders({ installed }: AddonContext): readonly object[] {
  if (!installed.has("opentelemetry-collector")) return [];
  const service = "opentelemetry-collector.observability.svc.cluster.local";
  return [{ name: TRACES_PROVIDER, opentelemetry: { service, port: 4317 } }];
}

/** https://github.com/istio/istio/blob/1.31.1/manifests/charts/istio-cni/values.yaml */
export interface IstioCniValues {
  readonly profile: "ambient";
  readonly resources: ResourceValues;
  readonly seccompProfile: SecurityValues;
}

export const istioCni: HelmAddon<IstioCniValues> = {
  name: "istio-cni",
  why: "Leads the traffic of pods in the mesh to their node's proxy",
  needs: ["istio-base", "istiod", "vpc-cni"],
  after: ["prometheus-operator-crds"],
  namespace: MESH_NODES_NAMESPACE,
  guardedBy: GUARD,
  monitors: [{ name: "istio-cni", pods: { "k8s-app": "istio-cni-node" }, port: 15_014 }],
  podSecurity: "privileged",
  release: release("cni"),
  values: () => ({
    profile: "ambient",
    resources: resources("50m", "100Mi", { cpu: "500m", memory: "256Mi" }),
    seccompProfile: RUNTIME_DEFAULT,
  }),
};

/** https://github.com/istio/istio/blob/1.31.1/manifests/charts/ztunnel/values.yaml */
export interface ZtunnelValues {
  readonly istioNamespace: string;
  readonly resources: ResourceValues;
}

export const ztunnel: HelmAddon<ZtunnelValues> = {
  name: "ztunnel",
  why: "The mesh's proxy on each node: mutual TLS between pods without a container in them",
  needs: ["istiod", "istio-cni"],
  after: ["prometheus-operator-crds"],
  namespace: MESH_NODES_NAMESPACE,
  guardedBy: GUARD,
  monitors: [{ name: "ztunnel", pods: { app: "ztunnel" }, port: 15_020, path: "/stats/prometheus" }],
  podSecurity: "privileged",
  release: release("ztunnel"),
  values: () => ({
    istioNamespace: MESH_NAMESPACE,
    resources: resources("100m", "256Mi", { cpu: "1", memory: "512Mi" }),
  }),
};
