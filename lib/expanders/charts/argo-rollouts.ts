import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, count, enabled, fullname } from "../read.ts";

export const argoRollouts: Chart = {
  name: "argo-rollouts",
  version: "2.41.0",
  source: "https://github.com/argoproj/argo-helm/blob/argo-rollouts-2.41.0/charts/argo-rollouts/values.yaml",
  keys: [
    ...["installCRDs", "keepCRDs", "clusterInstall", "createClusterAggregateRoles", "crdAnnotations"],
    ...["kubeVersionOverride", "apiVersionOverrides", "nameOverride", "fullnameOverride", "extraObjects", "global"],
    ...["controller", "serviceAccount", "providerRBAC", "podAnnotations", "serviceAnnotations", "podLabels"],
    ...["imagePullSecrets", "podSecurityContext", "containerSecurityContext", "dashboard", "notifications"],
  ],
  expand: ({ name, namespace, values }) => {
    const base = fullname(name, "argo-rollouts", values);
    const [controller, dashboard] = [at(values, "controller"), at(values, "dashboard")];
    return expansionOf(
      workload("Deployment", {
        namespace,
        name: base,
        replicas: count(controller.replicas, 2),
        containers: [container("argo-rollouts", controller.resources)],
        placedBy: controller,
      }),
      ...(enabled(dashboard, false)
        ? [
            workload("Deployment", {
              namespace,
              name: `${base}-dashboard`,
              replicas: count(dashboard.replicas, 1),
              containers: [container("dashboard", dashboard.resources)],
              placedBy: dashboard,
            }),
          ]
        : []),
    );
  },
};
