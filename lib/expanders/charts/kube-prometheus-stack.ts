import { workload } from "../build.ts";
import { merged } from "../expansion.ts";
import type { Chart, Expansion, Plain } from "../expansion.ts";
import { at, bytes, container, count, enabled, placement, text } from "../read.ts";

/** https://github.com/prometheus-community/helm-charts/blob/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack/templates/_helpers.tpl */
const NAME_LIMIT = 26;

interface Stack {
  readonly namespace: string;
  readonly base: string;
  readonly release: string;
  readonly values: Plain;
}

/** A Prometheus or Alertmanager that the operator runs: the server, its reloader, and a claim for each replica. */
function operated(stack: Stack, section: "prometheus" | "alertmanager", port: number): Expansion | undefined {
  if (!enabled(at(stack.values, section), true)) return undefined;
  const spec = at(stack.values, section, `${section}Spec`);
  const reloader = at(stack.values, "prometheusOperator", "prometheusConfigReloader", "resources");
  const name = `${section}-${stack.base}-${section}`;
  const replicas = count(spec.replicas, 1);
  const template = at(spec, section === "prometheus" ? "storageSpec" : "storage", "volumeClaimTemplate", "spec");
  const size = bytes(at(template, "resources", "requests").storage);
  return {
    workloads: [
      {
        kind: "StatefulSet",
        namespace: stack.namespace,
        name,
        pods: {
          replicas,
          containers: [
            container("init-config-reloader", reloader, "init"),
            container(section, spec.resources),
            container("config-reloader", reloader),
          ],
        },
        ...placement(spec),
      },
    ],
    claims:
      size > 0
        ? [
            {
              namespace: stack.namespace,
              name: `${name}-db`,
              count: replicas,
              bytes: size,
              ...(text(template.storageClassName) && { storageClass: text(template.storageClassName) }),
            },
          ]
        : [],
    services: [{ namespace: stack.namespace, name: `${stack.base}-${section}`, ports: [port] }],
  };
}

function operator({ namespace, base, values }: Stack): Expansion | undefined {
  const own = at(values, "prometheusOperator");
  if (!enabled(own, true)) return undefined;
  const hooks = at(own, "admissionWebhooks");
  const patch = at(hooks, "patch");
  const patches = enabled(hooks, true) && enabled(patch, true) && at(hooks, "certManager").enabled !== true;
  const job = (action: string) =>
    workload("Job", {
      namespace,
      name: `${base}-admission-${action}`,
      containers: [container(action, patch.resources)],
      placedBy: patch,
    });
  return {
    workloads: [
      workload("Deployment", {
        namespace,
        name: `${base}-operator`,
        replicas: count(own.replicas, 1),
        containers: [container("kube-prometheus-stack", own.resources)],
        placedBy: own,
      }),
      ...(patches ? [job("create"), job("patch")] : []),
    ],
    claims: [],
  };
}

function exporters({ namespace, release, values }: Stack): Expansion {
  const [state, node] = [at(values, "kube-state-metrics"), at(values, "prometheus-node-exporter")];
  const isOn = (section: string) => enabled(at(values, section), true);
  return {
    workloads: [
      ...(isOn("kubeStateMetrics")
        ? [
            workload("Deployment", {
              namespace,
              name: `${release}-kube-state-metrics`,
              replicas: count(state.replicas, 1),
              containers: [container("kube-state-metrics", state.resources)],
              placedBy: state,
            }),
          ]
        : []),
      ...(isOn("nodeExporter")
        ? [
            workload("DaemonSet", {
              namespace,
              name: `${release}-prometheus-node-exporter`,
              containers: [container("node-exporter", node.resources)],
              placedBy: { tolerations: [{ effect: "NoSchedule", operator: "Exists" }], ...node },
            }),
          ]
        : []),
    ],
    claims: [],
  };
}

function grafana({ namespace, release, values }: Stack): Expansion | undefined {
  const own = at(values, "grafana");
  if (!enabled(own, true)) return undefined;
  const sidecar = at(own, "sidecar");
  const watcher = (name: string, section: string) =>
    enabled(sidecar[section], true) ? [container(name, sidecar.resources)] : [];
  return {
    workloads: [
      workload("Deployment", {
        namespace,
        name: `${release}-grafana`,
        replicas: count(own.replicas, 1),
        containers: [
          ...watcher("grafana-sc-dashboard", "dashboards"),
          ...watcher("grafana-sc-datasources", "datasources"),
          container("grafana", own.resources),
        ],
        placedBy: own,
      }),
    ],
    claims: [],
    services: [{ namespace, name: `${release}-grafana`, ports: [80] }],
  };
}

export const kubePrometheusStack: Chart = {
  name: "kube-prometheus-stack",
  version: "88.5.3",
  source:
    "https://github.com/prometheus-community/helm-charts/blob/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack/values.yaml",
  keys: [
    ...["nameOverride", "namespaceOverride", "kubeTargetVersionOverride", "kubeVersionOverride", "fullnameOverride"],
    ...["commonLabels", "crds", "customRules", "defaultRules", "additionalPrometheusRules"],
    ...["additionalPrometheusRulesMap", "global", "windowsMonitoring", "prometheus-windows-exporter", "alertmanager"],
    ...["grafana", "kubernetesServiceMonitors", "kubeApiServer", "kubelet", "kubeControllerManager", "coreDns"],
    ...["kubeDns", "kubeEtcd", "kubeScheduler", "kubeProxy", "kubeStateMetrics", "kube-state-metrics"],
    ...["nodeExporter", "prometheus-node-exporter", "prometheusOperator", "prometheus", "thanosRuler"],
    ...["cleanPrometheusOperatorObjectNames", "extraManifests"],
  ],
  expand: ({ name, namespace, values }) => {
    const release = name.includes("kube-prometheus-stack") ? name : `${name}-kube-prometheus-stack`;
    const base = (text(values.fullnameOverride) || release).slice(0, NAME_LIMIT).replace(/-+$/, "");
    const stack: Stack = { namespace, base, release: name, values };
    return merged(
      operator(stack),
      operated(stack, "prometheus", 9090),
      operated(stack, "alertmanager", 9093),
      exporters(stack),
      grafana(stack),
    );
  },
};
