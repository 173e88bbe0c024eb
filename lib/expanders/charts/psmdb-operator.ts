import { expansionOf, simpleDeployment } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { fullname } from "../read.ts";

/** One Deployment, the operator. */
export const psmdbOperator: Chart = {
  name: "psmdb-operator",
  version: "1.22.0",
  source: "https://github.com/percona/percona-helm-charts/blob/psmdb-operator-1.22.0/charts/psmdb-operator/values.yaml",
  keys: [
    "affinity",
    "annotations",
    "createNamespace",
    "disableTelemetry",
    "env",
    "fullnameOverride",
    "image",
    "imagePullSecrets",
    "labels",
    "logLevel",
    "logStructured",
    "maxConcurrentReconciles",
    "nameOverride",
    "namespaceOverride",
    "nodeSelector",
    "operatorName",
    "podAnnotations",
    "podLabels",
    "podSecurityContext",
    "rbac",
    "replicaCount",
    "resources",
    "revisionHistoryLimit",
    "securityContext",
    "serviceAccount",
    "tolerations",
    "watchAllNamespaces",
    "watchNamespace",
  ],
  expand: ({ name, namespace, values }) =>
    expansionOf(simpleDeployment(namespace, fullname(name, "psmdb-operator", values), "psmdb-operator", values)),
};
