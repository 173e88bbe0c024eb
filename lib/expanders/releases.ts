import { argoRollouts } from "./charts/argo-rollouts.ts";
import { awsLoadBalancerController } from "./charts/aws-load-balancer-controller.ts";
import { certManager } from "./charts/cert-manager.ts";
import { cloudnativePg } from "./charts/cloudnative-pg.ts";
import { eckOperator } from "./charts/eck-operator.ts";
import { externalDns } from "./charts/external-dns.ts";
import { externalSecrets } from "./charts/external-secrets.ts";
import { gatewayHelm } from "./charts/gateway-helm.ts";
import { istioBase, istioCni, istiod, ztunnel } from "./charts/istio.ts";
import { karpenter } from "./charts/karpenter.ts";
import { keda } from "./charts/keda.ts";
import { kong } from "./charts/kong.ts";
import { kubePrometheusStack } from "./charts/kube-prometheus-stack.ts";
import { nvidiaDevicePlugin } from "./charts/nvidia-device-plugin.ts";
import { opentelemetryCollector } from "./charts/opentelemetry-collector.ts";
import { prometheusOperatorCrds } from "./charts/prometheus-operator-crds.ts";
import { pluginBarmanCloud } from "./charts/plugin-barman-cloud.ts";
import { psmdbOperator } from "./charts/psmdb-operator.ts";
import { rabbitmqClusterOperator } from "./charts/rabbitmq-cluster-operator.ts";
import { velero } from "./charts/velero.ts";
import type { Chart, Expansion, Plain, Unexpanded } from "./expansion.ts";
import { plain, text } from "./read.ts";

/** Every chart that may be released, one line each; `charts/<name>.ts` says what pods it makes. */
export const CHARTS: readonly Chart[] = [
  argoRollouts,
  awsLoadBalancerController,
  certManager,
  cloudnativePg,
  eckOperator,
  externalDns,
  externalSecrets,
  gatewayHelm,
  istioBase,
  istioCni,
  istiod,
  karpenter,
  keda,
  kong,
  kubePrometheusStack,
  nvidiaDevicePlugin,
  opentelemetryCollector,
  prometheusOperatorCrds,
  pluginBarmanCloud,
  psmdbOperator,
  rabbitmqClusterOperator,
  velero,
  ztunnel,
];

/** `oci://public.ecr.aws/karpenter/karpenter` and `karpenter` are one chart. */
export function chartNamed(chart: string): Chart | undefined {
  const name = chart.split("/").at(-1);
  return CHARTS.find((known) => known.name === name);
}

/** The pods of a `kubernetes:helm.sh/v3:Release`. */
export function expandRelease(inputs: Plain): Expansion | Unexpanded {
  const reference = text(inputs.chart);
  const chart = chartNamed(reference);
  if (chart === undefined) {
    return {
      unknown: `chart ${reference || "(not known yet)"} has no expander; add lib/expanders/charts/<name>.ts and name it in lib/expanders/releases.ts`,
    };
  }
  return chart.expand({
    name: text(inputs.name),
    namespace: text(inputs.namespace, "default"),
    version: text(inputs.version),
    values: plain(inputs.values),
  });
}
