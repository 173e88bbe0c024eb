import type { AddonContext } from "./context.ts";
import { EVERY_POD, fromApiServer, PROMETHEUS_PODS, tcp, toApis } from "./network.ts";
import type { AddonNetwork } from "./network.ts";
import { MESH_PORT, MESH_PROBES } from "../flow-policies.ts";

const ALERTMANAGER = { "app.kubernetes.io/name": "alertmanager" };
const GRAFANA = { "app.kubernetes.io/name": "grafana" };
const OPERATOR = { app: "kube-prometheus-stack-operator" };
const STATE_METRICS = { "app.kubernetes.io/name": "kube-state-metrics" };

/** Of Prometheus, of Alertmanager, and of what reloads the configuration of either. */
const PORTS = { prometheus: 9090, alertmanager: 9093, gossip: 9094, reloader: 8080, grafana: 3000 } as const;
/** Of the kubelet, and of the node exporter and the mesh's installer, which have the node's own address. */
const NODE_PORTS = [10_250, 9100, 15_014];
/** Ports on which mail is taken: relays, TLS, submission, and what providers offer beside it. https://www.rfc-editor.org/rfc/rfc8314#section-7 */
const SUBMISSION = [25, 465, 587, 2525];

/** Add-ons that ask Prometheus: for what they scale by, and for how a release does. */
const ASKING = ["keda", "argo-rollouts"] as const;

/** People reach Grafana by `kubectl port-forward`, which comes from the pod's own node. */
export function monitoringNetwork(context: AddonContext): AddonNetwork {
  const own = (labels: Readonly<Record<string, string>>, port: number) => ({ pods: { labels }, port });
  const asked = ASKING.filter((name) => context.installed.has(name)).map((namespace) => ({
    pods: { namespace, labels: {} },
    port: PORTS.prometheus,
  }));
  return {
    flows: [
      toApis(),
      {
        name: "prometheus",
        pods: PROMETHEUS_PODS,
        ingress: [
          ...[PORTS.prometheus, PORTS.reloader].map((port) => own(PROMETHEUS_PODS, port)),
          own(GRAFANA, PORTS.prometheus),
          // in the mesh they ask each other by its port
          ...(context.installed.has("ztunnel") ? [own(PROMETHEUS_PODS, MESH_PORT)] : []),
          ...asked,
        ],
        egress: NODE_PORTS.map((port) => ({ cidrs: [context.networkCidr], port })),
      },
      {
        name: "alertmanager",
        pods: ALERTMANAGER,
        ingress: [
          ...[PORTS.alertmanager, PORTS.reloader].map((port) => own(PROMETHEUS_PODS, port)),
          own(GRAFANA, PORTS.alertmanager),
        ],
        egress: SUBMISSION.map((port) => ({ cidrs: ["0.0.0.0/0"], port })),
      },
      {
        name: "grafana",
        pods: GRAFANA,
        ingress: [own(PROMETHEUS_PODS, PORTS.grafana)],
        egress: [own(PROMETHEUS_PODS, PORTS.prometheus), own(ALERTMANAGER, PORTS.alertmanager)],
      },
      {
        name: "operator",
        pods: OPERATOR,
        ingress: [fromApiServer(context, 10_250), own(PROMETHEUS_PODS, 10_250)],
      },
      {
        name: "state-metrics",
        pods: STATE_METRICS,
        ingress: [8080, 8081].map((port) => own(PROMETHEUS_PODS, port)),
      },
    ],
    policies: {
      scraping: scraping(),
      gossip: gossip(),
      ...(context.installed.has("ztunnel") && { "mesh-probes": meshProbes() }),
    },
  };
}

/** Whatever has metrics, on whatever port: what it may ask is said where the pods are. */
function scraping() {
  return { podSelector: { matchLabels: PROMETHEUS_PODS }, policyTypes: ["Egress"], egress: [{ to: [EVERY_POD] }] };
}

/** Prometheus is in the mesh, where there is one, and the mesh hands on what the kubelet asks. */
function meshProbes() {
  return {
    podSelector: { matchLabels: PROMETHEUS_PODS },
    policyTypes: ["Ingress"],
    ingress: [{ from: [{ ipBlock: { cidr: MESH_PROBES } }] }],
  };
}

/** Between Alertmanagers, so that each alert is told once. https://prometheus.io/docs/alerting/latest/high_availability/ */
function gossip() {
  const pods = { podSelector: { matchLabels: ALERTMANAGER } };
  const ports = [...tcp(PORTS.gossip), { protocol: "UDP", port: PORTS.gossip }];
  return {
    ...pods,
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [pods], ports }],
    egress: [{ to: [pods], ports }],
  };
}
