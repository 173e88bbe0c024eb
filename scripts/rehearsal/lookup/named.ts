import type { StateResource } from "../deployment.ts";

/**
 * Types whose provider id follows from the inputs, so that no cloud has to be asked for it. Each as the provider's
 * import section says: https://www.pulumi.com/registry/packages/aws/api-docs/ (and kubernetes, docker).
 */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  "aws:iam/role:Role": ["name"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["role", "policyArn"],
  "aws:eks/cluster:Cluster": ["name"],
  "aws:eks/nodeGroup:NodeGroup": ["clusterName", "nodeGroupName"],
  "aws:eks/addon:Addon": ["clusterName", "addonName"],
  "aws:eks/accessEntry:AccessEntry": ["clusterName", "principalArn"],
  "aws:rds/cluster:Cluster": ["clusterIdentifier"],
  "aws:rds/clusterInstance:ClusterInstance": ["identifier"],
  "aws:rds/globalCluster:GlobalCluster": ["globalClusterIdentifier"],
  "aws:rds/subnetGroup:SubnetGroup": ["name"],
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": ["name"],
  "aws:elasticache/replicationGroup:ReplicationGroup": ["replicationGroupId"],
  "aws:elasticache/subnetGroup:SubnetGroup": ["name"],
  "aws:elasticache/parameterGroup:ParameterGroup": ["name"],
  "aws:rds/proxy:Proxy": ["name"],
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": ["dbProxyName"],
  "aws:backup/vault:Vault": ["name"],
  "aws:backup/vaultLockConfiguration:VaultLockConfiguration": ["backupVaultName"],
  "aws:backup/restoreTestingPlan:RestoreTestingPlan": ["name"],
  "aws:accessanalyzer/analyzer:Analyzer": ["analyzerName"],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["name"],
  "aws:costexplorer/costAllocationTag:CostAllocationTag": ["tagKey"],
  "aws:guardduty/detectorFeature:DetectorFeature": ["detectorId", "name"],
  "aws:sns/topicPolicy:TopicPolicy": ["arn"],
  "aws:ecr/repository:Repository": ["name"],
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": ["repository"],
  "aws:kms/alias:Alias": ["name"],
  "aws:s3/bucket:Bucket": ["bucket"],
  "aws:s3/bucketPolicy:BucketPolicy": ["bucket"],
  "aws:s3/bucketVersioning:BucketVersioning": ["bucket"],
  "aws:s3/bucketLogging:BucketLogging": ["bucket"],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ["bucket"],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ["bucket"],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ["bucket"],
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": ["bucket"],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": ["bucket"],
  "aws:cloudwatch/logGroup:LogGroup": ["name"],
  "docker:index/volume:Volume": ["name"],
};

const SEPARATORS: Readonly<Record<string, string>> = {
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": "/",
  "aws:guardduty/detectorFeature:DetectorFeature": "/",
};
const DEFAULT_SEPARATOR = ":";

export function idFromInputs({ type, inputs = {} }: StateResource): string | undefined {
  if (type.startsWith("kubernetes:")) return kubernetesId(inputs["metadata"]);
  const properties = NAMED[type];
  if (properties === undefined) return undefined;
  const values = properties.map((property) => inputs[property]);
  if (!values.every((value) => typeof value === "string")) return undefined;
  return values.join(SEPARATORS[type] ?? DEFAULT_SEPARATOR);
}

/** Kubernetes objects are named before they are sent: the provider writes even a generated name into the inputs. */
function kubernetesId(metadata: unknown): string | undefined {
  const { name, namespace } = (metadata ?? {}) as { name?: unknown; namespace?: unknown };
  if (typeof name !== "string") return undefined;
  return typeof namespace === "string" ? `${namespace}/${name}` : name;
}
