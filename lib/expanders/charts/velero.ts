import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, fullname, list, plain, text } from "../read.ts";

export const velero: Chart = {
  name: "velero",
  version: "12.0.2",
  source: "https://github.com/vmware-tanzu/helm-charts/blob/velero-12.0.2/charts/velero/values.schema.json",
  keys: [
    ...["namespace", "image", "nameOverride", "fullnameOverride", "annotations", "secretAnnotations", "labels"],
    ...["podAnnotations", "podLabels", "resources", "hostAliases", "resizePolicy", "upgradeJobResources"],
    ...["upgradeCRDsJob", "dnsPolicy", "initContainers", "podSecurityContext", "containerSecurityContext"],
    ...["lifecycle", "priorityClassName", "runtimeClassName", "terminationGracePeriodSeconds", "livenessProbe"],
    ...["readinessProbe", "tolerations", "affinity", "nodeSelector", "dnsConfig", "extraVolumes"],
    ...["extraVolumeMounts", "extraObjects", "metrics", "kubectl", "upgradeCRDs", "cleanUpCRDs", "configuration"],
    ...["rbac", "serviceAccount", "credentials", "backupsEnabled", "snapshotsEnabled", "deployNodeAgent"],
    ...["nodeAgent", "schedules", "configMaps", "revisionHistoryLimit"],
  ],
  expand: ({ name, namespace, values }) => {
    const base = fullname(name, "velero", values);
    const plugins = list(values.initContainers).map((each) =>
      container(text(plain(each).name), plain(each).resources, "init", text(plain(each).image)),
    );
    const agent = at(values, "nodeAgent");
    return expansionOf(
      workload("Deployment", {
        namespace,
        name: base,
        containers: [...plugins, container("velero", values.resources)],
        placedBy: values,
      }),
      ...(values.deployNodeAgent === true
        ? [
            workload("DaemonSet", {
              namespace,
              name: "node-agent",
              containers: [container("node-agent", agent.resources)],
              placedBy: agent,
            }),
          ]
        : []),
      ...(values.upgradeCRDs === false
        ? []
        : [
            workload("Job", {
              namespace,
              name: `${base}-upgrade-crds`,
              containers: [
                container("velero", values.upgradeJobResources, "init"),
                container("kubectl", at(values, "kubectl", "resources")),
              ],
              placedBy: values,
            }),
          ]),
    );
  },
};
