import type { ICertificate, IClusterIssuer } from "@kubernetes-models/cert-manager/cert-manager.io/v1";
import type { Resource } from "@pulumi/pulumi";
import type { HelmAddon, Scope } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { AddonContext } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues } from "./common-values.ts";
import { createSecret, customObject } from "./custom.ts";
import { fromApiServer, prometheusOn, measured, tcp, toApis } from "./network.ts";

interface PartValues extends PlacementValues {
  readonly replicaCount: number;
  readonly resources: ResourceValues;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly minAvailable: number };
}

/** https://github.com/cert-manager/cert-manager/blob/v1.21.2/deploy/charts/cert-manager/values.yaml */
export interface CertManagerValues extends PartValues {
  /** The kinds are part of the release, and stay when it is removed: with them every certificate would go. */
  readonly crds: { readonly enabled: true; readonly keep: true };
  readonly global: { readonly priorityClassName: string };
  /** Challenges are looked up where the world will: the cluster's own resolver may cache an older answer. */
  readonly dns01RecursiveNameservers: string;
  readonly dns01RecursiveNameserversOnly: boolean;
  readonly prometheus: { readonly enabled: boolean; readonly servicemonitor: MonitorValues };
  readonly webhook: PartValues;
  readonly cainjector: PartValues;
  /** A job that ends when the API answers, so that issuers can be made after it. */
  readonly startupapicheck: PlacementValues & { readonly resources: ResourceValues };
}

/** ClusterIssuers that every namespace may name. */
export const PUBLIC_ISSUER = "letsencrypt";
export const INTERNAL_ISSUER = "internal";

/** `privateKey` of certificates: elliptic keys, a new one at each renewal. https://cert-manager.io/docs/usage/certificate/ */
export const ECC_KEY = { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" } as const;

const API = "cert-manager.io/v1";
/** Of Cloudflare and Google. */
const RESOLVERS = ["1.1.1.1", "8.8.8.8"];
const TOKEN = "cloudflare-api-token";
const INTERNAL_CA = "internal-ca";

export const certManager: HelmAddon<CertManagerValues> = {
  name: "cert-manager",
  why: "Certificates that renew themselves: Let's Encrypt by DNS at Cloudflare, and an internal authority",
  needs: ["coredns"],
  after: ["prometheus-operator-crds"],
  namespace: "cert-manager",
  network: (context) => ({
    flows: [
      toApis(),
      ...measured(prometheusOn(context, 9402)),
      {
        name: "webhook",
        pods: { "app.kubernetes.io/component": "webhook" },
        ingress: [fromApiServer(context, 10_250)],
      },
    ],
    policies: {
      resolvers: {
        podSelector: { matchLabels: { "app.kubernetes.io/component": "controller" } },
        policyTypes: ["Egress"],
        egress: [
          {
            to: RESOLVERS.map((address) => ({ ipBlock: { cidr: `${address}/32` } })),
            ports: [...tcp(53), { protocol: "UDP", port: 53 }],
          },
        ],
      },
    },
  }),
  release: {
    chart: "cert-manager",
    repository: "https://charts.jetstack.io",
    version: "v1.21.2",
    source: "https://github.com/Ashpex/homelab/pull/54",
  },
  prerequisites: ({ settings }, scope) =>
    settings.cloudflare ? [createSecret(scope, TOKEN, { "api-token": settings.cloudflare.apiToken })] : [],
  values: (context) => ({
    ...part(context, "50m", "128Mi"),
    crds: { enabled: true, keep: true },
    global: { priorityClassName: "system-cluster-critical" },
    dns01RecursiveNameservers: RESOLVERS.map((address) => `${address}:53`).join(","),
    dns01RecursiveNameserversOnly: true,
    prometheus: { enabled: true, servicemonitor: { enabled: isMonitored(context) } },
    webhook: part(context, "20m", "64Mi"),
    cainjector: part(context, "20m", "192Mi"),
    startupapicheck: { ...context.placement, resources: resources("10m", "32Mi") },
  }),
  objects: (context, scope) => [...createPublicIssuer(context, scope), ...createInternalIssuer(scope)],
};

function part({ replicas, placement }: AddonContext, cpu: `${number}m`, memory: `${number}Mi`): PartValues {
  return {
    ...placement,
    replicaCount: replicas,
    resources: resources(cpu, memory, { cpu: "500m" }),
    podDisruptionBudget: { enabled: replicas > 1, minAvailable: 1 },
  };
}

/** https://cert-manager.io/docs/configuration/acme/dns01/cloudflare/ */
function createPublicIssuer({ settings, domain }: AddonContext, scope: Scope): Resource[] {
  if (settings.cloudflare === undefined) return [];
  const issuer = customObject<IClusterIssuer>(scope, PUBLIC_ISSUER, {
    apiVersion: API,
    kind: "ClusterIssuer",
    metadata: { name: PUBLIC_ISSUER },
    spec: {
      acme: {
        server: "https://acme-v02.api.letsencrypt.org/directory",
        email: settings.cloudflare.email,
        privateKeySecretRef: { name: "letsencrypt-account" },
        solvers: [
          {
            selector: { dnsZones: [domain] },
            dns01: { cloudflare: { apiTokenSecretRef: { name: TOKEN, key: "api-token" } } },
          },
        ],
      },
    },
  });
  return [issuer];
}

/** Ten years: what trusts it would have to learn of a new one. */
const CA_DURATION = "87600h";

/** An authority of the cluster's own, which signs itself. https://cert-manager.io/docs/configuration/selfsigned/#bootstrapping-ca-issuers */
function createInternalIssuer(scope: Scope): Resource[] {
  const bootstrap = customObject<IClusterIssuer>(scope, "self-signed", {
    apiVersion: API,
    kind: "ClusterIssuer",
    metadata: { name: "self-signed" },
    spec: { selfSigned: {} },
  });
  const authority = customObject<ICertificate>({ ...scope, dependsOn: [bootstrap] }, INTERNAL_CA, {
    apiVersion: API,
    kind: "Certificate",
    metadata: { name: INTERNAL_CA, namespace: scope.namespace },
    spec: {
      isCA: true,
      commonName: "Internal authority",
      secretName: INTERNAL_CA,
      duration: CA_DURATION,
      // Its key stays: a new one would make every certificate under it worthless.
      privateKey: { ...ECC_KEY, rotationPolicy: "Never" },
      issuerRef: { group: "cert-manager.io", kind: "ClusterIssuer", name: "self-signed" },
    },
  });
  const issuer = customObject<IClusterIssuer>({ ...scope, dependsOn: [authority] }, INTERNAL_ISSUER, {
    apiVersion: API,
    kind: "ClusterIssuer",
    metadata: { name: INTERNAL_ISSUER },
    spec: { ca: { secretName: INTERNAL_CA } },
  });
  return [bootstrap, authority, issuer];
}
