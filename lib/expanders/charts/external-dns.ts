import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { container, fullname } from "../read.ts";

export const externalDns: Chart = {
  name: "external-dns",
  version: "1.21.1",
  source:
    "https://github.com/kubernetes-sigs/external-dns/blob/external-dns-helm-chart-1.21.1/charts/external-dns/values.yaml",
  keys: [
    ...["global", "nameOverride", "fullnameOverride", "namespaceOverride", "commonLabels", "image", "imagePullSecrets"],
    ...["serviceAccount", "service", "rbac", "deploymentAnnotations", "annotations", "extraContainers"],
    ...["deploymentStrategy", "podLabels", "podAnnotations", "shareProcessNamespace", "podSecurityContext"],
    ...["securityContext", "priorityClassName", "terminationGracePeriodSeconds", "dnsPolicy", "dnsConfig"],
    ...["initContainers", "automountServiceAccountToken", "revisionHistoryLimit", "nodeSelector", "affinity"],
    ...["tolerations", "topologySpreadConstraints", "env", "livenessProbe", "readinessProbe", "extraVolumes"],
    ...["extraVolumeMounts", "resources", "serviceMonitor", "logLevel", "logFormat", "interval"],
    ...["triggerLoopOnEvent", "namespaced", "gatewayNamespace", "sources", "policy", "registry", "txtOwnerId"],
    ...["txtPrefix", "txtSuffix", "domainFilters", "excludeDomains", "labelFilter", "annotationFilter"],
    ...["annotationPrefix", "managedRecordTypes", "provider", "extraArgs", "secretConfiguration", "enabled"],
    ...["crds", "podDisruptionBudget", "hostAliases", "hostNetwork"],
  ],
  expand: ({ name, namespace, values }) =>
    expansionOf(
      workload("Deployment", {
        namespace,
        name: fullname(name, "external-dns", values),
        // One at a time by design: two would write the same records.
        replicas: 1,
        containers: [container("external-dns", values.resources)],
        placedBy: values,
      }),
    ),
};
