import type { Addon } from "./addon.ts";
import { argoRollouts } from "./argo-rollouts.ts";
import { awsLoadBalancerController } from "./aws-load-balancer-controller.ts";
import { certManager } from "./cert-manager.ts";
import { barmanCloud, cloudnativePg } from "./cloudnative-pg.ts";
import { eckOperator } from "./eck-operator.ts";
import { envoyGateway } from "./envoy-gateway.ts";
import { externalDns } from "./external-dns.ts";
import { externalSecrets } from "./external-secrets.ts";
import { istioBase, istioCni, istiod, ztunnel } from "./istio.ts";
import { karpenter } from "./karpenter.ts";
import { keda } from "./keda.ts";
import { kong } from "./kong.ts";
import { kubePrometheusStack } from "./kube-prometheus-stack.ts";
import { nvidiaDevicePlugin } from "./nvidia-device-plugin.ts";
import { opentelemetryCollector } from "./opentelemetry-collector.ts";
import { prometheusOperatorCrds } from "./prometheus-operator-crds.ts";
import { velero } from "./velero.ts";
import { MANAGED_ADDONS } from "./managed-addons.ts";
import { perconaMongodb } from "./percona-mongodb.ts";
import { rabbitmqOperator } from "./rabbitmq-operator.ts";

/** Every add-on that can be chosen, one line each; their order is of no importance (order.ts finds it). */
export const CATALOG: readonly Addon[] = [
  ...MANAGED_ADDONS,
  argoRollouts,
  awsLoadBalancerController,
  certManager,
  cloudnativePg,
  barmanCloud,
  eckOperator,
  envoyGateway,
  externalDns,
  externalSecrets,
  istioBase,
  istioCni,
  istiod,
  karpenter,
  keda,
  kong,
  kubePrometheusStack,
  nvidiaDevicePlugin,
  opentelemetryCollector,
  perconaMongodb,
  prometheusOperatorCrds,
  rabbitmqOperator,
  velero,
  ztunnel,
];
