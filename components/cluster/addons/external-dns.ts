import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type {
  EnvironmentValue,
  MonitorValues,
  PlacementValues,
  ResourceValues,
  SecurityValues,
} from "./common-values.ts";
import { createSecret } from "./custom.ts";
import { onlyApis } from "./network.ts";

/** https://github.com/kubernetes-sigs/external-dns/blob/external-dns-helm-chart-1.21.1/charts/external-dns/values.yaml */
export interface ExternalDnsValues extends PlacementValues {
  readonly provider: { readonly name: "cloudflare" };
  readonly env: readonly EnvironmentValue[];
  /** What is asked for host names. */
  readonly sources: readonly string[];
  /** Zones that it may write to. */
  readonly domainFilters: readonly string[];
  /** `sync` also deletes records, but only such as its registry says are its own. */
  readonly policy: "sync";
  /** Who owns a record is kept in a TXT record beside it. */
  readonly registry: "txt";
  /** The cluster's name: two clusters never fight over a record. */
  readonly txtOwnerId: string;
  readonly txtPrefix: string;
  readonly interval: string;
  /** Do not wait for the interval when something changes. */
  readonly triggerLoopOnEvent: boolean;
  readonly resources: ResourceValues;
  readonly podSecurityContext: SecurityValues;
  readonly securityContext: SecurityValues;
  readonly serviceMonitor: MonitorValues;
}

const SECRET = "cloudflare-api-token";

/**
 * Off by default: the systems' records are made by Pulumi with the load balancers that they point to. It is for host
 * names that only the cluster knows, e.g. of preview environments.
 */
export const externalDns: HelmAddon<ExternalDnsValues> = {
  name: "external-dns",
  why: "DNS records at Cloudflare for host names that only the cluster knows; off by default, as Pulumi makes the systems' records",
  needs: ["coredns"],
  after: ["prometheus-operator-crds"],
  namespace: "external-dns",
  network: onlyApis(7979),
  release: {
    chart: "external-dns",
    repository: "https://kubernetes-sigs.github.io/external-dns/",
    version: "1.21.1",
    source: "https://github.com/walnuts1018/infra/pull/3776",
  },
  lacks: ({ settings }) =>
    settings.cloudflare ? undefined : "needs acmeEmail and cloudflareToken, an API token that may edit the zone",
  prerequisites: ({ settings }, scope) =>
    settings.cloudflare ? [createSecret(scope, SECRET, { "api-token": settings.cloudflare.apiToken })] : [],
  values: (context) => ({
    ...context.placement,
    provider: { name: "cloudflare" },
    env: [{ name: "CF_API_TOKEN", valueFrom: { secretKeyRef: { name: SECRET, key: "api-token" } } }],
    // No routes: those of our gateway name the systems' hosts, which lead to the balancers and not to its own address.
    sources: ["service", "ingress"],
    domainFilters: [context.domain],
    policy: "sync",
    registry: "txt",
    txtOwnerId: context.clusterName,
    txtPrefix: "_owner.",
    // Cloudflare allows 1,200 calls in five minutes for a user. https://developers.cloudflare.com/fundamentals/api/reference/limits/
    interval: "5m",
    triggerLoopOnEvent: true,
    resources: resources("20m", "64Mi", { memory: "128Mi" }),
    podSecurityContext: { ...RESTRICTED_POD, fsGroup: 65_534 },
    securityContext: { ...RESTRICTED_CONTAINER, runAsUser: 65_532, runAsGroup: 65_532 },
    serviceMonitor: { enabled: isMonitored(context) },
  }),
};
