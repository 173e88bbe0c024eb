import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, count, enabled, text } from "../read.ts";

export const keda: Chart = {
  name: "keda",
  version: "2.20.2",
  source: "https://github.com/kedacore/charts/blob/v2.20.2/keda/values.yaml",
  keys: [
    ...["additionalAnnotations", "additionalLabels", "affinity", "asciiArt", "certificates", "clusterDomain"],
    ...["clusterName", "crds", "customManagedBy", "enableServiceLinks", "env", "extraArgs", "extraObjects", "global"],
    ...["grpcTLSCertsSecret", "hashiCorpVaultTLS", "http", "image", "imagePullSecrets", "kubeAPIServer", "logging"],
    ...["metricsServer", "networkPolicy", "nodeSelector", "opentelemetry", "operator", "permissions"],
    ...["podAnnotations", "podDisruptionBudget", "podIdentity", "podLabels", "podSecurityContext"],
    ...["priorityClassName", "profiling", "prometheus", "rbac", "resources", "securityContext", "service"],
    ...["serviceAccount", "tolerations", "topologySpreadConstraints", "upgradeStrategy", "volumes", "watchNamespace"],
    ...["webhooks"],
  ],
  expand: ({ namespace, values }) => {
    const part = (section: string, fallback: string, resources: string) => {
      const own = at(values, section);
      return workload("Deployment", {
        namespace,
        name: section === "metricsServer" ? fallback : text(own.name, fallback),
        replicas: count(own.replicaCount, 1),
        containers: [container(fallback, at(values, "resources", resources))],
        placedBy: values,
      });
    };
    return expansionOf(
      part("operator", "keda-operator", "operator"),
      part("metricsServer", "keda-operator-metrics-apiserver", "metricServer"),
      ...(enabled(at(values, "webhooks"), true) ? [part("webhooks", "keda-admission-webhooks", "webhooks")] : []),
    );
  },
};
