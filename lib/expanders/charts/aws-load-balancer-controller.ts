import { expansionOf, simpleDeployment } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { fullname } from "../read.ts";

export const awsLoadBalancerController: Chart = {
  name: "aws-load-balancer-controller",
  version: "3.4.3",
  source:
    "https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/v3.4.3/helm/aws-load-balancer-controller/values.yaml",
  keys: [
    ...["additionalLabels", "affinity", "awsApiEndpoints", "awsApiThrottle", "awsMaxRetries", "backendSecurityGroup"],
    ...["cluster", "clusterName", "clusterSecretsPermissions", "configureDefaultAffinity", "controllerConfig"],
    ...["createIngressClassResource", "defaultSSLPolicy", "defaultTags", "defaultTargetType", "deploymentAnnotations"],
    ...["disableIngressClassAnnotation", "disableIngressGroupNameAnnotation", "disableRestrictedSecurityGroupRules"],
    ...["dnsPolicy", "enableBackendSecurityGroup", "enableCertManager", "enableEndpointSlices"],
    ...["enablePodReadinessGateInject", "enableServiceMutatorWebhook", "enableShield", "enableWaf", "enableWafv2"],
    ...["env", "externalManagedTags", "extraVolumeMounts", "extraVolumes", "fullnameOverride", "hostNetwork", "image"],
    ...["imagePullSecrets", "ingressClass", "ingressClassConfig", "ingressClassParams"],
    ...["ingressMaxConcurrentReconciles", "keepTLSSecret", "livenessProbe", "loadBalancerClass", "logLevel"],
    ...["metricsBindAddr", "nameOverride", "nodeSelector", "objectSelector", "podAnnotations", "podDisruptionBudget"],
    ...["podLabels", "podSecurityContext", "priorityClassName", "rbac", "readinessProbe", "region", "replicaCount"],
    ...["resources", "revisionHistoryLimit", "runtimeClassName", "securityContext", "serviceAccount"],
    ...["serviceAnnotations", "serviceMaxConcurrentReconciles", "serviceMonitor", "serviceMutatorWebhookConfig"],
    ...["serviceTargetENISGTags", "syncPeriod", "targetgroupbindingMaxConcurrentReconciles"],
    ...[
      "targetgroupbindingMaxExponentialBackoffDelay",
      "terminationGracePeriodSeconds",
      "tolerateNonExistentBackendAction",
    ],
    ...["tolerateNonExistentBackendService", "tolerations", "topologySpreadConstraints", "updateStrategy", "vpcId"],
    ...["vpcTags", "watchNamespace", "webhookBindPort", "certDiscovery"],
    ...[
      "webhookConfig",
      "webhookNamespaceSelectors",
      "webhookTLS",
      "autoscaling",
      "enableManageBackendSecurityGroupRules",
    ],
  ],
  expand: ({ name, namespace, values }) =>
    expansionOf(
      simpleDeployment(
        namespace,
        fullname(name, "aws-load-balancer-controller", values),
        "aws-load-balancer-controller",
        { priorityClassName: "system-cluster-critical", ...values },
        { replicas: 2 },
      ),
    ),
};
