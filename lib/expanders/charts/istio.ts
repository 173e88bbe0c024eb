import { expansionOf, workload } from "../build.ts";
import { NOTHING } from "../expansion.ts";
import type { Chart } from "../expansion.ts";

import { container, count } from "../read.ts";

const version = "1.31.1";
const chartsAt = `https://github.com/istio/istio/blob/${version}/manifests/charts`;

const common = ["profile", "platform", "compatibilityVersion", "revision", "global", "ownerName"];

/** Custom resource definitions and a webhook; no pods. */
export const istioBase: Chart = {
  name: "base",
  version,
  source: `${chartsAt}/base/values.yaml`,
  keys: [...common, "base", "defaultRevision", "experimental"],
  expand: () => NOTHING,
};

export const istiod: Chart = {
  name: "istiod",
  version,
  source: `${chartsAt}/istio-control/istio-discovery/values.yaml`,
  keys: [
    ...common,
    ...["autoscaleEnabled", "autoscaleMin", "autoscaleMax", "autoscaleBehavior", "replicaCount", "rollingMaxSurge"],
    ...["rollingMaxUnavailable", "hub", "tag", "variant", "image", "traceSampling", "resources", "seccompProfile"],
    ...["cni", "extraContainerArgs", "env", "envVarFrom", "taint", "affinity", "tolerations", "cpu", "memory"],
    ...["volumeMounts", "volumes", "initContainers", "nodeSelector", "podAnnotations", "serviceAnnotations"],
    ...["serviceAccountAnnotations", "sidecarInjectorWebhookAnnotations", "topologySpreadConstraints"],
    ...["jwksResolverExtraRootCA", "keepaliveMaxServerConnectionAge", "deploymentLabels", "configMap", "podLabels"],
    ...["ipFamilyPolicy", "ipFamilies", "trustedZtunnelNamespace", "trustedZtunnelName", "sidecarInjectorWebhook"],
    ...["istiodRemote", "telemetry", "revisionTags", "meshConfig", "experimental", "gateways", "base"],
    ...["pdb", "gatewayClasses"],
  ],
  expand: ({ namespace, values }) =>
    expansionOf(
      workload("Deployment", {
        namespace,
        name: "istiod",
        replicas: values.autoscaleEnabled === false ? count(values.replicaCount, 1) : count(values.autoscaleMin, 1),
        containers: [container("discovery", values.resources ?? { requests: { cpu: "500m", memory: "2048Mi" } })],
        placedBy: values,
      }),
    ),
};

/** On every node, tainted ones too, and before everything that is not as critical. */
const everywhere = { priorityClassName: "system-node-critical", tolerations: [{ operator: "Exists" }] };

export const istioCni: Chart = {
  name: "cni",
  version,
  source: `${chartsAt}/istio-cni/values.yaml`,
  keys: [
    ...common,
    ...["hub", "tag", "variant", "image", "pullPolicy", "logging", "cniBinDir", "cniConfDir", "cniConfFileName"],
    ...["cniNetnsDir", "excludeNamespaces", "affinity", "tolerations", "podAnnotations", "podLabels", "chained"],
    ...["provider", "ambient", "repair", "seLinuxOptions", "seccompProfile", "resources", "resourceQuotas"],
    ...["updateStrategy", "env", "istioOwnedCNIConfig", "istioOwnedCNIConfigFileName"],
  ],
  expand: ({ namespace, values }) =>
    expansionOf(
      workload("DaemonSet", {
        namespace,
        name: "istio-cni-node",
        containers: [container("install-cni", values.resources ?? { requests: { cpu: "100m", memory: "100Mi" } })],
        placedBy: { ...everywhere, ...values },
      }),
    ),
};

export const ztunnel: Chart = {
  name: "ztunnel",
  version,
  source: `${chartsAt}/ztunnel/values.yaml`,
  keys: [
    ...common,
    ...["hub", "tag", "variant", "image", "resourceName", "labels", "annotations", "podAnnotations", "podLabels"],
    ...["resources", "resourceQuotas", "nodeSelector", "affinity", "tolerations", "multiCluster", "meshConfig"],
    ...["terminationGracePeriodSeconds", "env", "imagePullPolicy", "imagePullSecrets", "logLevel", "logAsJson"],
    ...["seLinuxOptions", "updateStrategy", "istioNamespace", "caAddress", "xdsAddress", "volumeMounts", "volumes"],
  ],
  expand: ({ namespace, values }) =>
    expansionOf(
      workload("DaemonSet", {
        namespace,
        name: "ztunnel",
        containers: [container("istio-proxy", values.resources ?? { requests: { cpu: "200m", memory: "512Mi" } })],
        placedBy: { ...everywhere, ...values },
      }),
    ),
};
