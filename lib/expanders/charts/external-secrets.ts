import { expansionOf, workload } from "../build.ts";
import type { Chart, Plain } from "../expansion.ts";
import { at, container, count, fullname } from "../read.ts";

export const externalSecrets: Chart = {
  name: "external-secrets",
  version: "2.10.0",
  source:
    "https://github.com/external-secrets/external-secrets/blob/helm-chart-2.10.0/deploy/charts/external-secrets/values.yaml",
  keys: [
    ...["global", "replicaCount", "bitwarden-sdk-server", "revisionHistoryLimit", "image", "installCRDs", "crds"],
    ...["imagePullSecrets", "nameOverride", "fullnameOverride", "namespaceOverride", "commonLabels", "leaderElect"],
    ...["controllerClass", "extendedMetricLabels", "scopedNamespace", "scopedRBAC", "openshiftFinalizers"],
    ...["systemAuthDelegator", "processSecretStore", "processClusterExternalSecret", "processClusterStore"],
    ...["processPushSecret", "processClusterPushSecret", "processClusterGenerator", "createOperator", "enableHTTP2"],
    ...["concurrent", "log", "service", "serviceAccount", "rbac", "extraEnv", "extraArgs", "extraVolumes"],
    ...["extraObjects", "extraVolumeMounts", "extraInitContainers", "extraContainers", "deploymentAnnotations"],
    ...["podAnnotations", "podLabels", "podSecurityContext", "securityContext", "resources", "serviceMonitor"],
    ...["metrics", "nodeSelector", "tolerations", "topologySpreadConstraints", "affinity", "priorityClassName"],
    ...["podDisruptionBudget", "hostNetwork", "hostUsers", "hostAliases", "webhook", "certController", "dnsPolicy"],
    ...["dnsConfig", "podSpecExtra", "strategy", "livenessProbe", "readinessProbe", "startupProbe", "grafanaDashboard"],
    ...["genericTargets", "networkPolicy"],
  ],
  expand: ({ name, namespace, values }) => {
    const base = fullname(name, "external-secrets", values);
    const global = at(values, "global");
    const part = (suffix: string, containerName: string, own: Plain) =>
      workload("Deployment", {
        namespace,
        name: `${base}${suffix}`,
        replicas: count(own.replicaCount, 1),
        containers: [container(containerName, own.resources)],
        placedBy: { ...global, ...own },
      });
    const [webhook, certificates] = [at(values, "webhook"), at(values, "certController")];
    const byCertManager = at(webhook, "certManager").enabled === true;
    return expansionOf(
      ...(values.createOperator === false ? [] : [part("", "external-secrets", values)]),
      ...(webhook.create === false ? [] : [part("-webhook", "webhook", webhook)]),
      ...(certificates.create === false || byCertManager
        ? []
        : [part("-cert-controller", "cert-controller", certificates)]),
    );
  },
};
