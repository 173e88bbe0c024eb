import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, count, enabled, fullname, text } from "../read.ts";

const KINDS = { daemonset: "DaemonSet", statefulset: "StatefulSet", deployment: "Deployment" } as const;

export const opentelemetryCollector: Chart = {
  name: "opentelemetry-collector",
  version: "0.158.3",
  source:
    "https://github.com/open-telemetry/opentelemetry-helm-charts/blob/opentelemetry-collector-0.158.3/charts/opentelemetry-collector/values.schema.json",
  keys: [
    ...["enabled", "global", "nameOverride", "fullnameOverride", "mode", "namespaceOverride", "presets", "configMap"],
    ...["config", "alternateConfig", "image", "imagePullSecrets", "command", "serviceAccount", "clusterRole"],
    ...["podSecurityContext", "securityContext", "nodeSelector", "tolerations", "affinity", "priorityClassName"],
    ...["topologySpreadConstraints", "runtimeClassName", "extraEnvs", "extraEnvsFrom", "extraVolumes"],
    ...["extraVolumeMounts", "extraManifests", "ports", "useGOMEMLIMIT", "resources", "podAnnotations", "podLabels"],
    ...["additionalLabels", "hostNetwork", "hostAliases", "dnsPolicy", "dnsConfig", "schedulerName", "replicaCount"],
    ...["revisionHistoryLimit", "annotations", "extraContainers", "initContainers", "lifecycleHooks"],
    ...["livenessProbe", "readinessProbe", "startupProbe", "service", "ingress", "podMonitor", "serviceMonitor"],
    ...["podDisruptionBudget", "autoscaling", "rollout", "prometheusRule", "statefulset", "networkPolicy"],
    ...["shareProcessNamespace", "internalTelemetryViaOTLP", "terminationGracePeriodSeconds", "minReadySeconds"],
  ],
  expand: ({ name, namespace, values }) => {
    const mode = text(values.mode);
    const kind = KINDS[mode as keyof typeof KINDS];
    if (kind === undefined) return expansionOf();
    const base = fullname(name, "opentelemetry-collector", values);
    const autoscaling = at(values, "autoscaling");
    const replicas = enabled(autoscaling, false) ? count(autoscaling.minReplicas, 1) : count(values.replicaCount, 1);
    return expansionOf(
      workload(kind, {
        namespace,
        name: kind === "DaemonSet" ? `${base}-agent` : base,
        replicas,
        containers: [container("opentelemetry-collector", values.resources)],
        placedBy: values,
      }),
    );
  },
};
