/** A kind that a cluster knows only once an add-on has declared it. */
export interface CustomKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** As in the API's paths and in RBAC rules. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** The add-on (components/cluster/addons) whose chart brings it. */
  readonly addon: string;
  /** The chart (lib/expanders/releases.ts) that brings it. */
  readonly chart: string;
}

const kinds = (
  addon: string,
  chart: string,
  apiVersion: string,
  namespaced: boolean,
  names: Readonly<Record<string, string>>,
): readonly CustomKind[] => {
  const [group = "", version = ""] = apiVersion.split("/");
  return Object.entries(names).map(([kind, plural]) => ({ group, version, kind, plural, namespaced, addon, chart }));
};

/** Custom kinds that Groundwork writes or could write, by the chart that declares them. */
export const CUSTOM_KINDS: readonly CustomKind[] = [
  ...kinds("karpenter", "karpenter", "karpenter.sh/v1", false, { NodePool: "nodepools", NodeClaim: "nodeclaims" }),
  ...kinds("karpenter", "karpenter", "karpenter.k8s.aws/v1", false, { EC2NodeClass: "ec2nodeclasses" }),
  ...kinds("aws-load-balancer-controller", "aws-load-balancer-controller", "elbv2.k8s.aws/v1beta1", true, {
    TargetGroupBinding: "targetgroupbindings",
  }),
  ...kinds("aws-load-balancer-controller", "aws-load-balancer-controller", "elbv2.k8s.aws/v1beta1", false, {
    IngressClassParams: "ingressclassparams",
  }),
  ...kinds("external-dns", "external-dns", "externaldns.k8s.io/v1alpha1", true, { DNSEndpoint: "dnsendpoints" }),
  ...kinds("cert-manager", "cert-manager", "cert-manager.io/v1", true, {
    Certificate: "certificates",
    Issuer: "issuers",
  }),
  ...kinds("cert-manager", "cert-manager", "cert-manager.io/v1", false, { ClusterIssuer: "clusterissuers" }),
  ...kinds("external-secrets", "external-secrets", "external-secrets.io/v1", true, {
    ExternalSecret: "externalsecrets",
    SecretStore: "secretstores",
  }),
  ...kinds("external-secrets", "external-secrets", "external-secrets.io/v1", false, {
    ClusterExternalSecret: "clusterexternalsecrets",
    ClusterSecretStore: "clustersecretstores",
  }),
  ...kinds("prometheus-operator-crds", "prometheus-operator-crds", "monitoring.coreos.com/v1", true, {
    PodMonitor: "podmonitors",
    Probe: "probes",
    PrometheusRule: "prometheusrules",
    ServiceMonitor: "servicemonitors",
  }),
  ...kinds("prometheus-operator-crds", "prometheus-operator-crds", "monitoring.coreos.com/v1alpha1", true, {
    AlertmanagerConfig: "alertmanagerconfigs",
    ScrapeConfig: "scrapeconfigs",
  }),
  ...kinds("keda", "keda", "keda.sh/v1alpha1", true, {
    ScaledJob: "scaledjobs",
    ScaledObject: "scaledobjects",
    TriggerAuthentication: "triggerauthentications",
  }),
  ...kinds("keda", "keda", "keda.sh/v1alpha1", false, {
    ClusterTriggerAuthentication: "clustertriggerauthentications",
  }),
  ...kinds("argo-rollouts", "argo-rollouts", "argoproj.io/v1alpha1", true, {
    AnalysisTemplate: "analysistemplates",
    Rollout: "rollouts",
  }),
  ...kinds("argo-rollouts", "argo-rollouts", "argoproj.io/v1alpha1", false, {
    ClusterAnalysisTemplate: "clusteranalysistemplates",
  }),
  ...kinds("velero", "velero", "velero.io/v1", true, {
    BackupStorageLocation: "backupstoragelocations",
    Schedule: "schedules",
    VolumeSnapshotLocation: "volumesnapshotlocations",
  }),
  ...kinds("cloudnative-pg", "cloudnative-pg", "postgresql.cnpg.io/v1", true, {
    Backup: "backups",
    Cluster: "clusters",
    Database: "databases",
    Pooler: "poolers",
    ScheduledBackup: "scheduledbackups",
  }),
  ...kinds("cloudnative-pg-barman", "plugin-barman-cloud", "barmancloud.cnpg.io/v1", true, {
    ObjectStore: "objectstores",
  }),
  ...kinds("percona-mongodb-operator", "psmdb-operator", "psmdb.percona.com/v1", true, {
    PerconaServerMongoDB: "perconaservermongodbs",
    PerconaServerMongoDBBackup: "perconaservermongodbbackups",
    PerconaServerMongoDBRestore: "perconaservermongodbrestores",
  }),
  ...kinds("rabbitmq-cluster-operator", "rabbitmq-cluster-operator", "rabbitmq.com/v1beta1", true, {
    RabbitmqCluster: "rabbitmqclusters",
  }),
  ...kinds("kong", "kong", "configuration.konghq.com/v1", true, {
    KongConsumer: "kongconsumers",
    KongPlugin: "kongplugins",
  }),
  ...kinds("istio-base", "base", "networking.istio.io/v1", true, {
    DestinationRule: "destinationrules",
    ServiceEntry: "serviceentries",
  }),
  ...kinds("istio-base", "base", "security.istio.io/v1", true, {
    AuthorizationPolicy: "authorizationpolicies",
    PeerAuthentication: "peerauthentications",
  }),
  ...kinds("istio-base", "base", "telemetry.istio.io/v1", true, { Telemetry: "telemetries" }),
  // Its chart brings the Gateway API's kinds for everything that speaks it.
  ...kinds("envoy-gateway", "gateway-helm", "gateway.networking.k8s.io/v1", true, {
    Gateway: "gateways",
    HTTPRoute: "httproutes",
  }),
  ...kinds("envoy-gateway", "gateway-helm", "gateway.networking.k8s.io/v1", false, { GatewayClass: "gatewayclasses" }),
  ...kinds("envoy-gateway", "gateway-helm", "gateway.networking.k8s.io/v1beta1", true, {
    ReferenceGrant: "referencegrants",
  }),
  ...kinds("envoy-gateway", "gateway-helm", "gateway.envoyproxy.io/v1alpha1", true, {
    BackendTrafficPolicy: "backendtrafficpolicies",
    ClientTrafficPolicy: "clienttrafficpolicies",
    EnvoyProxy: "envoyproxies",
    HTTPRouteFilter: "httproutefilters",
    SecurityPolicy: "securitypolicies",
  }),
];

export function customKind(apiVersion: string, kind: string): CustomKind | undefined {
  return CUSTOM_KINDS.find((known) => `${known.group}/${known.version}` === apiVersion && known.kind === kind);
}
