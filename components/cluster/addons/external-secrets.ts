import type { IClusterSecretStore } from "@kubernetes-models/external-secrets/external-secrets.io/v1";
import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { AddonContext } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues } from "./common-values.ts";
import { createSecret, customObject } from "./custom.ts";
import { fromApiServer, prometheusOn, measured, toApis } from "./network.ts";

interface PartValues {
  readonly replicaCount: number;
  readonly resources: ResourceValues;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly minAvailable: number };
}

/** https://github.com/external-secrets/external-secrets/blob/helm-chart-2.10.0/deploy/charts/external-secrets/values.yaml */
export interface ExternalSecretsValues extends PartValues {
  readonly installCRDs: true;
  /** One of the replicas works, the others take over. */
  readonly leaderElect: boolean;
  /** For all three Deployments. */
  readonly global: PlacementValues;
  readonly serviceMonitor: MonitorValues;
  readonly webhook: PartValues;
  readonly certController: PartValues;
}

/** The ClusterSecretStore that ExternalSecrets of every namespace may name. */
export const SECRET_STORE = "pulumi-esc";

const TOKEN = "pulumi-access-token";

export const externalSecrets: HelmAddon<ExternalSecretsValues> = {
  name: "external-secrets",
  why: "Secrets of a Pulumi ESC environment as Kubernetes secrets, kept up to date",
  needs: ["coredns"],
  after: ["prometheus-operator-crds"],
  namespace: "external-secrets",
  network: (context) => ({
    flows: [
      toApis(),
      ...measured(prometheusOn(context, 8080)),
      {
        name: "webhook",
        pods: { "app.kubernetes.io/name": "external-secrets-webhook" },
        ingress: [fromApiServer(context, 10_250)],
      },
    ],
  }),
  release: {
    chart: "external-secrets",
    repository: "https://charts.external-secrets.io",
    version: "2.10.0",
    source: "https://github.com/Ashpex/homelab/pull/41",
  },
  lacks: ({ settings }) =>
    settings.esc ? undefined : "needs secretStore and pulumiAccessToken, the environment and a token to read it",
  prerequisites: ({ settings }, scope) =>
    settings.esc ? [createSecret(scope, TOKEN, { token: settings.esc.accessToken })] : [],
  values: (context) => ({
    ...part(context, "50m", "128Mi"),
    installCRDs: true,
    leaderElect: context.replicas > 1,
    global: context.placement,
    serviceMonitor: { enabled: isMonitored(context) },
    webhook: part(context, "20m", "64Mi"),
    certController: part(context, "20m", "96Mi"),
  }),
  // https://external-secrets.io/latest/provider/pulumi/
  objects: ({ settings }, scope) =>
    settings.esc
      ? [
          customObject<IClusterSecretStore>(scope, SECRET_STORE, {
            apiVersion: "external-secrets.io/v1",
            kind: "ClusterSecretStore",
            metadata: { name: SECRET_STORE },
            spec: {
              provider: {
                pulumi: {
                  organization: settings.esc.organization,
                  project: settings.esc.project,
                  environment: settings.esc.environment,
                  accessToken: { secretRef: { name: TOKEN, namespace: scope.namespace, key: "token" } },
                },
              },
            },
          }),
        ]
      : [],
};

function part({ replicas }: AddonContext, cpu: `${number}m`, memory: `${number}Mi`): PartValues {
  return {
    replicaCount: replicas,
    resources: resources(cpu, memory, { memory: "256Mi" }),
    podDisruptionBudget: { enabled: replicas > 1, minAvailable: 1 },
  };
}
