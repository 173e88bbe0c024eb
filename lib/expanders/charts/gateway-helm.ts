import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, count, fullname } from "../read.ts";

/** Envoy Gateway's controller; what proxies there are, the EnvoyProxy of each gateway says. */
export const gatewayHelm: Chart = {
  name: "gateway-helm",
  version: "v1.9.2",
  source: "https://gateway.envoyproxy.io/v1.9/install/gateway-helm-api/",
  keys: [
    ...["certgen", "commonLabels", "config", "crds", "createNamespace", "deployment", "global", "hpa"],
    ...["kubernetesClusterDomain", "podDisruptionBudget", "rbac", "service", "topologyInjector"],
  ],
  expand: ({ name, namespace, values }) => {
    const [deployment, job] = [at(values, "deployment"), at(values, "certgen", "job")];
    return expansionOf(
      workload("Deployment", {
        namespace,
        name: "envoy-gateway",
        replicas: count(deployment.replicas, 1),
        containers: [container("envoy-gateway", at(deployment, "envoyGateway").resources)],
        placedBy: { ...at(deployment, "pod"), priorityClassName: deployment.priorityClassName },
      }),
      workload("Job", {
        namespace,
        name: `${fullname(name, "gateway-helm", values)}-certgen`,
        containers: [container("envoy-gateway-certgen", job.resources)],
        placedBy: job,
      }),
    );
  },
};
