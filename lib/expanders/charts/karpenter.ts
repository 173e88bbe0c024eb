import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, count } from "../read.ts";

export const karpenter: Chart = {
  name: "karpenter",
  version: "1.14.0",
  source: "https://github.com/aws/karpenter-provider-aws/blob/v1.14.0/charts/karpenter/values.yaml",
  keys: [
    ...["nameOverride", "fullnameOverride", "additionalLabels", "additionalAnnotations", "imagePullPolicy"],
    ...["imagePullSecrets", "service", "serviceAccount", "additionalClusterRoleRules", "serviceMonitor", "replicas"],
    ...["revisionHistoryLimit", "strategy", "podLabels", "podAnnotations", "podDisruptionBudget"],
    ...["podSecurityContext", "priorityClassName", "terminationGracePeriodSeconds", "hostNetwork", "schedulerName"],
    ...["dnsPolicy", "dnsConfig", "nodeSelector", "affinity", "topologySpreadConstraints", "tolerations"],
    ...["extraVolumes", "controller", "logLevel", "logOutputPaths", "logErrorOutputPaths", "settings"],
  ],
  expand: ({ name, namespace, values }) =>
    expansionOf(
      workload("Deployment", {
        namespace,
        name,
        replicas: count(values.replicas, 2),
        containers: [container("controller", at(values, "controller", "resources"))],
        placedBy: {
          priorityClassName: "system-cluster-critical",
          tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
          ...values,
        },
      }),
    ),
};
