import { expandCluster, expandPooler } from "./kinds/cloudnative-pg.ts";
import { envoyProxy, gateway } from "./kinds/gateway.ts";
import { expandPerconaServerMongoDB } from "./kinds/percona-mongodb.ts";
import { expandRabbitmqCluster } from "./kinds/rabbitmq-cluster.ts";
import { rollout } from "./kinds/rollout.ts";
import { scaledJob } from "./kinds/scaled-job.ts";
import type { Expansion, KindExpander, Plain, Unexpanded } from "./expansion.ts";
import { plain, text } from "./read.ts";

/** Custom kinds whose controller makes pods, `<group>/<Kind>`, one line each; `kinds/<name>.ts` says which. */
const KINDS: Readonly<Record<string, KindExpander>> = {
  "argoproj.io/Rollout": rollout,
  "gateway.envoyproxy.io/EnvoyProxy": envoyProxy,
  "gateway.networking.k8s.io/Gateway": gateway,
  "keda.sh/ScaledJob": scaledJob,
  "postgresql.cnpg.io/Cluster": expandCluster,
  "postgresql.cnpg.io/Pooler": expandPooler,
  "psmdb.percona.com/PerconaServerMongoDB": expandPerconaServerMongoDB,
  "rabbitmq.com/RabbitmqCluster": expandRabbitmqCluster,
};

/** Custom kinds that make no pods by themselves: settings, routes, rules. One line a group. */
const WITHOUT_PODS: Readonly<Record<string, readonly string[]>> = {
  "karpenter.sh": ["NodeClaim", "NodePool"],
  "karpenter.k8s.aws": ["EC2NodeClass"],
  "argoproj.io": ["AnalysisTemplate", "ClusterAnalysisTemplate"],
  "barmancloud.cnpg.io": ["ObjectStore"],
  "postgresql.cnpg.io": ["Backup", "Database", "ScheduledBackup"],
  "psmdb.percona.com": ["PerconaServerMongoDBBackup", "PerconaServerMongoDBRestore"],
  "cert-manager.io": ["Certificate", "ClusterIssuer", "Issuer"],
  "elbv2.k8s.aws": ["IngressClassParams", "TargetGroupBinding"],
  "external-secrets.io": ["ClusterExternalSecret", "ClusterSecretStore", "ExternalSecret", "SecretStore"],
  "configuration.konghq.com": ["KongConsumer", "KongPlugin"],
  "externaldns.k8s.io": ["DNSEndpoint"],
  "gateway.envoyproxy.io": ["BackendTrafficPolicy", "ClientTrafficPolicy", "HTTPRouteFilter", "SecurityPolicy"],
  "gateway.networking.k8s.io": ["GatewayClass", "HTTPRoute", "ReferenceGrant"],
  "keda.sh": ["ClusterTriggerAuthentication", "ScaledObject", "TriggerAuthentication"],
  "monitoring.coreos.com": [
    "AlertmanagerConfig",
    "PodMonitor",
    "Probe",
    "PrometheusRule",
    "ScrapeConfig",
    "ServiceMonitor",
  ],
  "networking.istio.io": ["DestinationRule", "ServiceEntry"],
  "security.istio.io": ["AuthorizationPolicy", "PeerAuthentication"],
  "telemetry.istio.io": ["Telemetry"],
  "velero.io": ["BackupStorageLocation", "Schedule", "VolumeSnapshotLocation"],
};

/** Whether objects of the kind make pods. */
export function hidesPods(group: string, kind: string): boolean {
  return `${group}/${kind}` in KINDS;
}

/** The pods of a `kubernetes:<group>/<version>:<Kind>` whose group is none of Kubernetes' own. */
export function expandResource(group: string, kind: string, inputs: Plain): Expansion | Unexpanded | undefined {
  const expander = KINDS[`${group}/${kind}`];
  if (expander !== undefined) {
    const metadata = plain(inputs.metadata);
    return expander({
      namespace: text(metadata.namespace, "default"),
      name: text(metadata.name),
      spec: plain(inputs.spec),
      metadata,
    });
  }
  if (WITHOUT_PODS[group]?.includes(kind)) return undefined;
  return {
    unknown: `${group}/${kind} has no expander; add lib/expanders/kinds/<name>.ts, or name it in WITHOUT_PODS in lib/expanders/resources.ts`,
  };
}
