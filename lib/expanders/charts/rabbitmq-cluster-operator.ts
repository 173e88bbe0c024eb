import { expansionOf, simpleDeployment } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, enabled, fullname } from "../read.ts";

/** The operator, and where it is on the one for topology objects; each section has the same keys. */
export const rabbitmqClusterOperator: Chart = {
  name: "rabbitmq-cluster-operator",
  version: "0.6.16",
  source: "https://github.com/CloudPirates-io/helm-charts/blob/main/charts/rabbitmq-cluster-operator/values.yaml",
  keys: [
    "clusterDomain",
    "clusterOperator",
    "commonAnnotations",
    "commonLabels",
    "credentialUpdaterImage",
    "diagnosticMode",
    "extraDeploy",
    "fullnameOverride",
    "global",
    "kubeVersion",
    "msgTopologyOperator",
    "nameOverride",
    "rabbitmqImage",
    "useCertManager",
  ],
  expand: ({ name, namespace, values }) => {
    const full = fullname(name, "rabbitmq-cluster-operator", values);
    const operator = at(values, "clusterOperator");
    const topology = at(values, "msgTopologyOperator");
    return expansionOf(
      simpleDeployment(namespace, full, "rabbitmq-cluster-operator", operator),
      ...(enabled(topology, true)
        ? [simpleDeployment(namespace, `${full}-messaging-topology`, "rabbitmq-cluster-operator", topology)]
        : []),
    );
  },
};
