import { expansionOf, simpleDeployment } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { fullname } from "../read.ts";

/** One Deployment, which the operator asks by gRPC; what archives runs beside each server (kinds/cloudnative-pg.ts). */
export const pluginBarmanCloud: Chart = {
  name: "plugin-barman-cloud",
  version: "0.8.0",
  source:
    "https://github.com/cloudnative-pg/charts/blob/plugin-barman-cloud-v0.8.0/charts/plugin-barman-cloud/values.yaml",
  keys: [
    "additionalArgs",
    "additionalEnv",
    "affinity",
    "certificate",
    "commonAnnotations",
    "containerSecurityContext",
    "crds",
    "dnsPolicy",
    "fullnameOverride",
    "hostNetwork",
    "image",
    "imagePullSecrets",
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
    "sidecarImage",
    "tolerations",
    "topologySpreadConstraints",
    "updateStrategy",
  ],
  expand: ({ name, namespace, values }) =>
    expansionOf(
      simpleDeployment(namespace, fullname(name, "plugin-barman-cloud", values), "plugin-barman-cloud", values),
    ),
};
