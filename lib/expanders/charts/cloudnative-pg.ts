import { expansionOf, simpleDeployment } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { fullname } from "../read.ts";

/** One Deployment, the operator. */
export const cloudnativePg: Chart = {
  name: "cloudnative-pg",
  version: "0.29.1",
  source: "https://github.com/cloudnative-pg/charts/blob/cloudnative-pg-v0.29.1/charts/cloudnative-pg/values.yaml",
  keys: [
    "additionalArgs",
    "additionalEnv",
    "affinity",
    "commonAnnotations",
    "config",
    "containerSecurityContext",
    "crds",
    "dnsPolicy",
    "fullnameOverride",
    "hostNetwork",
    "image",
    "imagePullSecrets",
    "monitoring",
    "monitoringQueriesConfigMap",
    "nameOverride",
    "namespaceOverride",
    "nodeSelector",
    "podAnnotations",
    "podLabels",
    "podSecurityContext",
    "priorityClassName",
    "rbac",
    "replicaCount",
    "resources",
    "service",
    "serviceAccount",
    "tolerations",
    "topologySpreadConstraints",
    "updateStrategy",
    "webhook",
  ],
  expand: ({ name, namespace, values }) =>
    expansionOf(simpleDeployment(namespace, fullname(name, "cloudnative-pg", values), "manager", values)),
};
