import { expansionOf, workload } from "../build.ts";
import type { Chart, Plain } from "../expansion.ts";
import { at, container, count, enabled, fullname } from "../read.ts";

export const certManager: Chart = {
  name: "cert-manager",
  version: "v1.21.2",
  source: "https://github.com/cert-manager/cert-manager/blob/v1.21.2/deploy/charts/cert-manager/values.yaml",
  keys: [
    ...["global", "installCRDs", "crds", "replicaCount", "strategy", "podDisruptionBudget", "featureGates"],
    ...["maxConcurrentChallenges", "image", "imageRegistry", "imageNamespace", "clusterResourceNamespace", "namespace"],
    ...["fullnameOverride", "nameOverride", "serviceAccount", "automountServiceAccountToken"],
    ...["enableCertificateOwnerRef", "config", "dns01RecursiveNameservers", "dns01RecursiveNameserversOnly"],
    ...["disableAutoApproval", "approveSignerNames", "extraArgs", "extraEnv", "extraContainers", "resources"],
    ...["securityContext", "containerSecurityContext", "volumes", "volumeMounts", "deploymentAnnotations"],
    ...["podAnnotations", "podLabels", "serviceAnnotations", "serviceLabels", "serviceIPFamilyPolicy"],
    ...["serviceIPFamilies", "podDnsPolicy", "podDnsConfig", "hostAliases", "nodeSelector", "ingressShim"],
    ...["http_proxy", "https_proxy", "no_proxy", "affinity", "tolerations", "topologySpreadConstraints"],
    ...["livenessProbe", "enableServiceLinks", "prometheus", "networkPolicy", "webhook", "cainjector", "acmesolver"],
    ...["startupapicheck", "extraObjects", "creator", "enabled"],
  ],
  expand: ({ name, namespace, values }) => {
    const base = fullname(name, "cert-manager", values);
    const [webhook, cainjector, check] = [
      at(values, "webhook"),
      at(values, "cainjector"),
      at(values, "startupapicheck"),
    ];
    const priorityClassName = at(values, "global").priorityClassName;
    const part = (suffix: string, own: Plain) =>
      workload("Deployment", {
        namespace,
        name: `${base}${suffix}`,
        replicas: count(own.replicaCount, 1),
        containers: [container(`cert-manager${suffix || "-controller"}`, own.resources)],
        placedBy: { ...own, priorityClassName },
      });
    return expansionOf(
      part("", values),
      part("-webhook", webhook),
      ...(enabled(cainjector, true) ? [part("-cainjector", cainjector)] : []),
      ...(enabled(check, true)
        ? [
            workload("Job", {
              namespace,
              name: `${base}-startupapicheck`,
              containers: [container("cert-manager-startupapicheck", check.resources)],
              placedBy: { ...check, priorityClassName },
            }),
          ]
        : []),
    );
  },
};
