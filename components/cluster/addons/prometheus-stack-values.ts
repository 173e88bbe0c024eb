import type { Memory } from "@groundwork/lib/quantity";
import { resources, RESTRICTED_POD } from "./context.ts";
import type { AddonContext } from "./context.ts";
import type { PlacementValues, ResourceValues, SecurityValues } from "./common-values.ts";
import { STORAGE_CLASS } from "./storage-class.ts";

interface Switch {
  readonly enabled: boolean;
}

/** A StatefulSet's claim, as the operator's kinds write it. */
interface ClaimTemplate {
  readonly volumeClaimTemplate: {
    readonly spec: {
      readonly storageClassName: string;
      readonly accessModes: readonly ["ReadWriteOnce"];
      readonly resources: { readonly requests: { readonly storage: Memory } };
    };
  };
}

interface Selectors {
  readonly serviceMonitorSelectorNilUsesHelmValues: false;
  readonly podMonitorSelectorNilUsesHelmValues: false;
  readonly probeSelectorNilUsesHelmValues: false;
  readonly ruleSelectorNilUsesHelmValues: false;
  readonly scrapeConfigSelectorNilUsesHelmValues: false;
}

/** https://github.com/prometheus-community/helm-charts/blob/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack/values.yaml */
export interface PrometheusStackValues {
  /** Off: prometheus-operator-crds brings the kinds. */
  readonly crds: Switch;
  /** EKS runs these where nobody can scrape them. */
  readonly kubeControllerManager: Switch;
  readonly kubeScheduler: Switch;
  readonly kubeEtcd: Switch;
  /** kube-proxy listens on the node's loopback address only. */
  readonly kubeProxy: Switch;
  readonly prometheusOperator: PlacementValues & {
    readonly resources: ResourceValues;
    readonly prometheusConfigReloader: { readonly resources: ResourceValues };
    readonly admissionWebhooks: { readonly patch: PlacementValues & { readonly resources: ResourceValues } };
  };
  readonly prometheus: {
    readonly prometheusSpec: PlacementValues &
      Selectors & {
        readonly replicas: number;
        readonly retention: string;
        readonly retentionSize: string;
        readonly resources: ResourceValues;
        readonly storageSpec: ClaimTemplate;
        readonly podAntiAffinity: "hard" | "soft";
        /** In the mesh, where there is one: pods that speak mutual TLS only tell their metrics nobody else. */
        readonly podMetadata: { readonly labels: Readonly<Record<string, string>> };
        readonly externalLabels: Readonly<Record<string, string>>;
      };
    readonly podDisruptionBudget: Switch & { readonly minAvailable: number };
  };
  readonly alertmanager: {
    readonly alertmanagerSpec: PlacementValues & {
      readonly replicas: number;
      readonly resources: ResourceValues;
      readonly storage: ClaimTemplate;
      readonly podAntiAffinity: "hard" | "soft";
      /** Empty: routes of every namespace. */
      readonly alertmanagerConfigNamespaceSelector: Readonly<Record<string, never>>;
      /** Routes see the alerts of their own namespace; those that stand beside Alertmanager see all. */
      readonly alertmanagerConfigMatcherStrategy: { readonly type: "OnNamespaceExceptForAlertmanagerNamespace" };
    };
    readonly podDisruptionBudget: Switch & { readonly minAvailable: number };
  };
  readonly grafana: PlacementValues & {
    readonly admin: { readonly existingSecret: string; readonly userKey: string; readonly passwordKey: string };
    readonly resources: ResourceValues;
    readonly sidecar: { readonly resources: ResourceValues };
    /** Dashboards and data sources are loaded from ConfigMaps: nothing is kept in the pod. */
    readonly persistence: Switch;
  };
  readonly "kube-state-metrics": PlacementValues & {
    readonly resources: ResourceValues;
    readonly securityContext: SecurityValues & Switch;
  };
  readonly "prometheus-node-exporter": {
    readonly resources: ResourceValues;
    /** On every node, also on one that is full. */
    readonly priorityClassName: "system-node-critical";
  };
}

/** What a cluster of a few dozen nodes writes in two weeks. */
const PROMETHEUS_DISK: Memory = "50Gi";
/** Below the disk, so that it never fills up. https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects */
const RETENTION_SIZE = "40GiB";
const ALERTMANAGER_DISK: Memory = "2Gi";

const ALL: Selectors = {
  serviceMonitorSelectorNilUsesHelmValues: false,
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  ruleSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
};

export function prometheusStackValues(context: AddonContext, adminSecret: string): PrometheusStackValues {
  const { placement, replicas } = context;
  const off = { enabled: false };
  const budget = { enabled: replicas > 1, minAvailable: 1 };
  return {
    crds: off,
    kubeControllerManager: off,
    kubeScheduler: off,
    kubeEtcd: off,
    kubeProxy: off,
    prometheusOperator: {
      ...placement,
      resources: resources("50m", "128Mi", { cpu: "500m", memory: "256Mi" }),
      prometheusConfigReloader: { resources: resources("10m", "32Mi", { cpu: "100m", memory: "64Mi" }) },
      admissionWebhooks: { patch: { ...placement, resources: resources("10m", "32Mi", { memory: "64Mi" }) } },
    },
    prometheus: {
      prometheusSpec: {
        ...placement,
        ...ALL,
        replicas,
        retention: "15d",
        retentionSize: RETENTION_SIZE,
        resources: resources("500m", "2Gi", { cpu: "2", memory: "4Gi" }),
        storageSpec: claim(PROMETHEUS_DISK),
        podAntiAffinity: "hard",
        podMetadata: { labels: { ...(context.installed.has("ztunnel") && { "istio.io/dataplane-mode": "ambient" }) } },
        externalLabels: { cluster: context.clusterName, region: context.region },
      },
      podDisruptionBudget: budget,
    },
    alertmanager: {
      alertmanagerSpec: {
        ...placement,
        replicas,
        resources: resources("20m", "64Mi", { cpu: "200m", memory: "128Mi" }),
        storage: claim(ALERTMANAGER_DISK),
        podAntiAffinity: "hard",
        alertmanagerConfigNamespaceSelector: {},
        alertmanagerConfigMatcherStrategy: { type: "OnNamespaceExceptForAlertmanagerNamespace" },
      },
      podDisruptionBudget: budget,
    },
    grafana: {
      ...placement,
      admin: { existingSecret: adminSecret, userKey: "admin-user", passwordKey: "admin-password" },
      resources: resources("100m", "256Mi", { cpu: "1", memory: "512Mi" }),
      sidecar: { resources: resources("20m", "128Mi", { cpu: "200m", memory: "192Mi" }) },
      persistence: off,
    },
    "kube-state-metrics": {
      ...placement,
      resources: resources("20m", "128Mi", { cpu: "200m", memory: "256Mi" }),
      securityContext: { enabled: true, ...RESTRICTED_POD, runAsUser: 65_534, runAsGroup: 65_534, fsGroup: 65_534 },
    },
    "prometheus-node-exporter": {
      resources: resources("20m", "32Mi", { cpu: "200m", memory: "64Mi" }),
      priorityClassName: "system-node-critical",
    },
  };
}

function claim(storage: Memory): ClaimTemplate {
  return {
    volumeClaimTemplate: {
      spec: { storageClassName: STORAGE_CLASS, accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
    },
  };
}
