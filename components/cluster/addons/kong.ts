import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_POD } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues, SecurityValues } from "./common-values.ts";

/** https://github.com/Kong/charts/blob/kong-3.2.0/charts/kong/values.yaml; containers are `restricted` by the chart's defaults. */
export interface KongValues extends PlacementValues {
  readonly fullnameOverride: string;
  /** The last open source images. https://hub.docker.com/_/kong */
  readonly image: { readonly repository: "kong"; readonly tag: "3.9.1" };
  readonly env: Readonly<Record<string, string>>;
  readonly proxy: { readonly type: "ClusterIP"; readonly tls: { readonly enabled: false } };
  readonly manager: { readonly enabled: false };
  readonly portal: { readonly enabled: false };
  readonly portalapi: { readonly enabled: false };
  readonly deployment: { readonly serviceAccount: { readonly create: true; readonly name: string } };
  readonly ingressController: {
    readonly enabled: true;
    readonly ingressClass: string;
    readonly resources: ResourceValues;
    readonly env: Readonly<Record<string, string>>;
  };
  readonly resources: ResourceValues;
  readonly replicaCount: number;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly maxUnavailable: number };
  readonly securityContext: SecurityValues;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly serviceMonitor: MonitorValues;
}

/** Of the namespace, its Deployment, class and service account; the proxy's Service is `kong-proxy`. */
export const KONG = "kong";

/**
 * Kong without a database: its controller beside each proxy tells it what the cluster says. It stands behind the gateway,
 * which alone reaches it, so that Cloudflare's header about the client can be believed.
 * https://developers.cloudflare.com/fundamentals/reference/http-headers/#cf-connecting-ip
 */
export const kong: HelmAddon<KongValues> = {
  name: "kong",
  why: "Plugins for what a system asks of Kong: limits, tokens, origins and headers; off by default, as the gateway has them too",
  // The Gateway API's kinds come with it.
  needs: ["coredns", "envoy-gateway"],
  after: ["prometheus-operator-crds"],
  namespace: KONG,
  guardedBy: "Kong's routes (`components/gateway/kong.ts`)",
  release: {
    chart: "kong",
    repository: "https://charts.konghq.com",
    version: "3.2.0",
    source: "https://github.com/Kong/charts/pull/1512",
  },
  values: (context) => ({
    ...context.placement,
    fullnameOverride: KONG,
    image: { repository: "kong", tag: "3.9.1" },
    env: {
      database: "off",
      nginx_worker_processes: "2",
      anonymous_reports: "off",
      headers: "off",
      trusted_ips: "0.0.0.0/0,::/0",
      real_ip_header: "CF-Connecting-IP",
    },
    proxy: { type: "ClusterIP", tls: { enabled: false } },
    manager: { enabled: false },
    portal: { enabled: false },
    portalapi: { enabled: false },
    deployment: { serviceAccount: { create: true, name: KONG } },
    ingressController: {
      enabled: true,
      ingressClass: KONG,
      resources: resources("50m", "128Mi", { cpu: "500m", memory: "256Mi" }),
      env: { kong_admin_tls_skip_verify: "true", anonymous_reports: "false" },
    },
    resources: resources("250m", "512Mi", { cpu: "1", memory: "1Gi" }),
    replicaCount: context.replicas,
    podDisruptionBudget: { enabled: context.replicas > 1, maxUnavailable: 1 },
    securityContext: RESTRICTED_POD,
    podLabels: { ...(context.installed.has("ztunnel") && { "istio.io/dataplane-mode": "ambient" }) },
    serviceMonitor: { enabled: isMonitored(context) },
  }),
};
