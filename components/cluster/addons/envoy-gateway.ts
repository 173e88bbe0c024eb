import { expansionOf, workload } from "@groundwork/lib/expanders/build";
import { container } from "@groundwork/lib/expanders/read";
import type { HelmAddon } from "./addon.ts";
import { resources } from "./context.ts";
import type { PlacementValues, ResourceValues } from "./common-values.ts";

/**
 * https://gateway.envoyproxy.io/v1.9/install/gateway-helm-api/. The chart's own security contexts are `restricted` already;
 * it makes no monitor: `KubernetesGateway` watches controller and proxies.
 */
export interface EnvoyGatewayValues {
  readonly deployment: {
    readonly replicas: number;
    readonly priorityClassName: string;
    readonly envoyGateway: { readonly resources: ResourceValues };
    readonly pod: PlacementValues;
  };
  readonly podDisruptionBudget: { readonly minAvailable: number };
  /** Makes the certificates by which proxies and controller know each other, before each installation and upgrade. */
  readonly certgen: { readonly job: PlacementValues & { readonly resources: ResourceValues } };
  readonly config: {
    readonly envoyGateway: {
      readonly gateway: { readonly controllerName: string };
      readonly provider: { readonly type: "Kubernetes" };
      readonly logging: { readonly level: { readonly default: "warn" } };
    };
  };
  /** A webhook that tells proxies their zone; without it nothing stands between the API server and every new pod. */
  readonly topologyInjector: { readonly enabled: false };
}

/** Where the controller and the proxies of all gateways run. */
export const GATEWAY_NAMESPACE = "envoy-gateway-system";
/** What a GatewayClass names to be served by it. */
export const ENVOY_CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller";

/** What the proxies of a gateway get; more or larger ones need a larger quota in the controller's namespace, where they run. */
export const PROXIES = {
  min: 2,
  max: 10,
  size: { cpu: "500m", memory: "512Mi" },
  /** Of the container that tells Envoy to finish when its pod is to go. */
  shutdownManager: resources("10m", "32Mi", { cpu: "100m", memory: "64Mi" }),
} as const;

const PROXY_ROOM = expansionOf(
  workload("Deployment", {
    namespace: GATEWAY_NAMESPACE,
    name: "proxies",
    replicas: PROXIES.max,
    containers: [
      container("envoy", resources(PROXIES.size.cpu, PROXIES.size.memory)),
      container("shutdown-manager", PROXIES.shutdownManager),
    ],
  }),
);

/**
 * Its chart brings the Gateway API's kinds too, once for everything that speaks it: Istio's waypoints and Kong come after
 * it. Helm installs a chart's `crds/` and never upgrades them: docs/gateway.md says how they are brought up to date.
 */
export const envoyGateway: HelmAddon<EnvoyGatewayValues> = {
  name: "envoy-gateway",
  why: "The gateway of every system, and the kinds of the Gateway API",
  needs: ["coredns"],
  namespace: GATEWAY_NAMESPACE,
  guardedBy: "the gateway (`components/gateway/kubernetes.ts`), with its monitors",
  room: [PROXY_ROOM],
  release: {
    chart: "oci://docker.io/envoyproxy/gateway-helm",
    version: "v1.9.2",
    source: "https://docs.hopsworks.ai/dev/setup_installation/common/helm_chart_values/hw-envoy-gateway/",
  },
  values: ({ replicas, placement }) => ({
    deployment: {
      replicas,
      priorityClassName: "system-cluster-critical",
      envoyGateway: { resources: resources("100m", "256Mi", { cpu: "1", memory: "512Mi" }) },
      pod: placement,
    },
    podDisruptionBudget: { minAvailable: replicas > 1 ? 1 : 0 },
    certgen: { job: { ...placement, resources: resources("50m", "64Mi", { cpu: "500m", memory: "128Mi" }) } },
    config: {
      envoyGateway: {
        gateway: { controllerName: ENVOY_CONTROLLER },
        provider: { type: "Kubernetes" },
        logging: { level: { default: "warn" } },
      },
    },
    topologyInjector: { enabled: false },
  }),
};
