import * as pulumi from "@pulumi/pulumi";
import type { Outputs } from "../helpers/mocks.ts";

const nothing = () => ({});
const named = (_inputs: object, name: string) => ({ name });
const arn = (service: string) => (_inputs: object, name: string) => ({
  arn: `arn:aws:${service}:us-west-2:123456789012:${name}`,
  name,
});

/** Every type that the data tiers and the account use on AWS, with the outputs that their components read. */
export const DATA_OUTPUTS: Outputs = {
  "random:index/randomPassword:RandomPassword": () => ({ result: "drawn-password" }),
  "random:index/randomId:RandomId": () => ({ hex: "0a1b2c3d" }),
  "aws:ec2/securityGroup:SecurityGroup": nothing,
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": nothing,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": nothing,
  "aws:iam/role:Role": arn("iam"),
  "aws:iam/rolePolicy:RolePolicy": nothing,
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nothing,
  "aws:rds/globalCluster:GlobalCluster": nothing,
  "aws:rds/cluster:Cluster": (_inputs, name) => ({
    arn: `arn:aws:rds:us-west-2:123456789012:cluster:${name}`,
    endpoint: `${name}.writer.example`,
    readerEndpoint: `${name}.reader.example`,
  }),
  "aws:rds/clusterInstance:ClusterInstance": nothing,
  "aws:rds/subnetGroup:SubnetGroup": named,
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": named,
  "aws:rds/proxy:Proxy": (_inputs, name) => ({ name, endpoint: `${name}.proxy.example` }),
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": () => ({ name: "default" }),
  "aws:rds/proxyTarget:ProxyTarget": nothing,
  "aws:secretsmanager/secret:Secret": arn("secretsmanager"),
  "aws:secretsmanager/secretVersion:SecretVersion": nothing,
  "aws:cloudwatch/metricAlarm:MetricAlarm": nothing,
  "aws:cloudwatch/logGroup:LogGroup": arn("logs"),
  "aws:elasticache/replicationGroup:ReplicationGroup": (_inputs, name) => ({
    configurationEndpointAddress: `${name}.cache.example`,
    memberClusters: [1, 2, 3].flatMap((shard) => [1, 2].map((node) => `${name}-000${shard}-00${node}`)),
  }),
  "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": () => ({ globalReplicationGroupId: "abcde-shop" }),
  "aws:elasticache/subnetGroup:SubnetGroup": named,
  "aws:elasticache/parameterGroup:ParameterGroup": named,
  "aws:kms/key:Key": arn("kms"),
  "aws:kms/replicaKey:ReplicaKey": arn("kms"),
  "aws:s3/bucket:Bucket": (_inputs, name) => ({ bucket: name, arn: `arn:aws:s3:::${name}` }),
  "aws:s3/bucketVersioning:BucketVersioning": nothing,
  "aws:s3/bucketPolicy:BucketPolicy": nothing,
  "aws:s3/bucketLogging:BucketLogging": nothing,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": nothing,
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": nothing,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": nothing,
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": nothing,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": nothing,
  "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": nothing,
  "aws:backup/vault:Vault": arn("backup"),
  "aws:backup/vaultLockConfiguration:VaultLockConfiguration": nothing,
  "aws:backup/plan:Plan": arn("backup"),
  "aws:backup/selection:Selection": nothing,
  "aws:backup/regionSettings:RegionSettings": nothing,
  "aws:backup/restoreTestingPlan:RestoreTestingPlan": named,
  "aws:backup/restoreTestingSelection:RestoreTestingSelection": nothing,
  "aws:cloudtrail/trail:Trail": arn("cloudtrail"),
  "aws:guardduty/detector:Detector": nothing,
  "aws:guardduty/detectorFeature:DetectorFeature": nothing,
  "aws:budgets/budget:Budget": nothing,
  "aws:sns/topic:Topic": arn("sns"),
  "aws:sns/topicPolicy:TopicPolicy": nothing,
  "aws:sns/topicSubscription:TopicSubscription": nothing,
  "aws:accessanalyzer/analyzer:Analyzer": nothing,
  "aws:ebs/encryptionByDefault:EncryptionByDefault": nothing,
  "aws:costexplorer/costAllocationTag:CostAllocationTag": nothing,
};

/** What an output comes to. */
export function shown<T>(value: pulumi.Input<T> | undefined): Promise<T> {
  return new Promise((resolve) => {
    pulumi.output(value as pulumi.Input<T>).apply((resolved) => {
      resolve(resolved as T);
    });
  });
}
