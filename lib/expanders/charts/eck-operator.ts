import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { container, count, text } from "../read.ts";

/** https://github.com/elastic/cloud-on-k8s/blob/v3.5.0/deploy/eck-operator/values.yaml */
const DEFAULT_RESOURCES = { requests: { cpu: "100m", memory: "150Mi" }, limits: { cpu: 1, memory: "1Gi" } };

export const eckOperator: Chart = {
  name: "eck-operator",
  version: "3.5.0",
  source: "https://github.com/elastic/cloud-on-k8s/blob/v3.5.0/deploy/eck-operator/values.yaml",
  keys: [
    ...["nameOverride", "fullnameOverride", "managedNamespaces", "installCRDs", "replicaCount", "image"],
    ...["priorityClassName", "imagePullSecrets", "resources", "statefulsetAnnotations", "statefulsetLabels"],
    ...["podAnnotations", "podLabels", "podSecurityContext", "securityContext", "nodeSelector", "tolerations"],
    ...["affinity", "podDisruptionBudget", "env", "volumeMounts", "volumes", "createClusterScopedResources"],
    ...["automountServiceAccountToken", "serviceAccount", "tracing", "refs", "webhook", "hostNetwork", "dnsPolicy"],
    ...["dnsConfig", "softMultiTenancy", "kubeAPIServerIP", "telemetry", "config", "serviceMonitor", "podMonitor"],
    ...["global", "eck-operator-crds", "extraObjects"],
  ],
  expand: ({ namespace, values }) =>
    expansionOf(
      workload("StatefulSet", {
        namespace,
        name: text(values.fullnameOverride, "elastic-operator"),
        replicas: count(values.replicaCount, 1),
        containers: [container("manager", values.resources ?? DEFAULT_RESOURCES)],
        placedBy: values,
      }),
    ),
};
