import type { Plain } from "@groundwork/lib/desired-state";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";

/** Types that hold data of their own, which is gone with them: databases, caches, queues, volumes, buckets, keys, images. */
const STATEFUL: readonly RegExp[] = [
  /^aws:rds\/(cluster|instance|globalCluster):/,
  /^aws:elasticache\/(cluster|replicationGroup|globalReplicationGroup|serverlessCache):/,
  /^aws:(docdb|docdbelastic|neptune|redshift|memorydb|msk|opensearchserverless)\/(cluster|collection):/,
  /^aws:(opensearch|elasticsearch)\/domain:/,
  /^aws:dynamodb\/(table|globalTable):/,
  /^aws:(s3\/(bucket|bucketV2|directoryBucket)|efs\/fileSystem|ebs\/volume|backup\/vault):/,
  /^aws:(msk\/serverlessCluster|redshiftserverless\/namespace|keyspaces\/table|dsql\/cluster|lightsail\/database):/,
  /^aws:(timestreamwrite\/(database|table)|s3tables\/(tableBucket|table)|cloudwatch\/logGroup):/,
  /^aws:fsx\/\w*FileSystem:/,
  /^aws:kms\/(key|replicaKey|externalKey):/,
  /^aws:(secretsmanager\/secret|ecr\/repository|mq\/broker|sqs\/queue|kinesis\/stream|cognito\/userPool):/,
  /^docker:index\/volume:/,
  /^cloudflare:index\/(r2Bucket|d1Database|workersKvNamespace|queue):/,
  // everything in a namespace goes with it, claims too
  /^kubernetes:core\/v1:(PersistentVolume(Claim)?|Namespace)$/,
  // clusters of databases and brokers by their operators, which delete the volumes with them or leave them to nobody
  /^kubernetes:(postgresql\.cnpg\.io|psmdb\.percona\.com|pxc\.percona\.com|pgv2\.percona\.com|acid\.zalan\.do|mysql\.oracle\.com)\//,
  /^kubernetes:(mongodb(community)?\.mongodb\.com|k8ssandra\.io|rabbitmq\.com|kafka\.strimzi\.io|elasticsearch\.k8s\.elastic\.co|redis\.redis\.opstreelabs\.in)\//,
  /^gcp:(sql\/databaseInstance|storage\/bucket|redis\/instance|spanner\/instance|compute\/disk|kms\/cryptoKey):/,
  /^azure(-native)?:(sql|dbforpostgresql|dbformysql|documentdb|storage|cache|keyvault|compute:Disk)/,
];

/** Operators' kinds beside their clusters: users, backups and rules hold no data. */
const HOLDS_NOTHING = /:(ScheduledBackup|Backup|Pooler|Permission|Binding|Policy|KafkaUser|\w*User)$/;

const STATEFUL_SET = /^kubernetes:apps\/v\w+:StatefulSet$/;

/** Whether data would be gone with a resource. */
export function isStateful(type: string, inputs: Plain): boolean {
  if (STATEFUL_SET.test(type)) {
    const claims = (inputs["spec"] as Plain | undefined)?.["volumeClaimTemplates"];
    return Array.isArray(claims) && claims.length > 0;
  }
  if (HOLDS_NOTHING.test(type)) return false;
  return STATEFUL.some((each) => each.test(type)) || hidesClaims(type, inputs);
}

/** Whether a Helm release, an add-on or a custom resource claims volumes that the engine does not see. */
function hidesClaims(type: string, inputs: Plain): boolean {
  const hidden = expand(type, inputs);
  return hidden !== undefined && !isUnexpanded(hidden) && hidden.claims.length > 0;
}

/** Inputs by which the cloud itself refuses a deletion. */
const GUARDS = ["deletionProtection", "deletionProtectionEnabled", "enableDeletionProtection", "disableApiTermination"];

export function isGuarded(inputs: Plain): boolean {
  return GUARDS.some((guard) => inputs[guard] === true || inputs[guard] === "ACTIVE");
}
