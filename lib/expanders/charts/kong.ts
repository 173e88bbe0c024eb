import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, count, enabled, text } from "../read.ts";

export const kong: Chart = {
  name: "kong",
  version: "3.2.0",
  source: "https://github.com/Kong/charts/blob/kong-3.2.0/charts/kong/values.yaml",
  keys: [
    ...["deployment", "namespace", "env", "customEnv", "envFrom", "extraLabels", "image", "admin", "status"],
    ...["clusterCaSecretName", "cluster", "proxy", "udpProxy", "plugins", "secretVolumes", "migrations"],
    ...["dblessConfig", "ingressController", "postgresql", "certificates", "waitImage", "updateStrategy"],
    ...["resources", "readinessProbe", "livenessProbe", "startupProbe", "lifecycle"],
    ...["terminationGracePeriodSeconds", "affinity", "topologySpreadConstraints", "tolerations", "nodeSelector"],
    ...["podAnnotations", "podLabels", "replicaCount", "deploymentAnnotations", "autoscaling"],
    ...["podDisruptionBudget", "podSecurityPolicy", "priorityClassName", "securityContext"],
    ...["containerSecurityContext", "dnsPolicy", "dnsConfig", "serviceMonitor", "enterprise", "manager", "portal"],
    ...["portalapi", "clustertelemetry", "extraConfigMaps", "extraSecrets", "extraObjects", "fullnameOverride"],
    ...["nameOverride"],
  ],
  expand: ({ name, namespace, values }) => {
    const [controller, autoscaling] = [at(values, "ingressController"), at(values, "autoscaling")];
    const scaled = enabled(autoscaling, false) ? count(autoscaling.minReplicas, 2) : count(values.replicaCount, 1);
    return expansionOf(
      workload("Deployment", {
        namespace,
        name: text(values.fullnameOverride, `${name}-${text(values.nameOverride, "kong")}`),
        replicas: scaled,
        containers: [
          container("clear-stale-pid", values.resources, "init"),
          ...(enabled(controller, true) ? [container("ingress-controller", controller.resources)] : []),
          container("proxy", values.resources),
        ],
        placedBy: values,
      }),
    );
  },
};
