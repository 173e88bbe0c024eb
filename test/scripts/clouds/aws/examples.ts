import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { trust } from "./scenery.ts";

const SUBNETS = ["subnet-0a", "subnet-0b"];
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }],
});
const GROUP_RULE = { securityGroupId: "sg-0a", ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "10.0.0.0/16" };
const LISTENER =
  "arn:aws:elasticloadbalancing:us-west-2:123456789012:listener/app/web/0123456789abcdef/0123456789abcdef";
const BALANCER = "arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/app/web/0123456789abcdef";
const ROLE = "arn:aws:iam::123456789012:role/it";

/** Inputs that a program could give, the fewest that each type takes; several where the outputs depend on them. */
export const EXAMPLES: Readonly<Record<string, readonly Properties[]>> = {
  "aws:acm/certificate:Certificate": [
    { domainName: "example.com", validationMethod: "DNS" },
    { privateKey: "key", certificateBody: "body" },
  ],
  "aws:acm/certificateValidation:CertificateValidation": [
    { certificateArn: "arn:aws:acm:us-west-2:123456789012:certificate/1" },
  ],
  "aws:autoscaling/attachment:Attachment": [{ autoscalingGroupName: "nodes" }],
  "aws:cloudwatch/logGroup:LogGroup": [{ name: "logs" }],
  "aws:cloudwatch/eventRule:EventRule": [{ name: "spot", eventPattern: '{"source":["aws.ec2"]}' }],
  "aws:cloudwatch/eventTarget:EventTarget": [
    { rule: "spot", targetId: "queue", arn: "arn:aws:sqs:us-west-2:123456789012:interruptions" },
  ],
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": [{ vpcId: "vpc-0a" }],
  "aws:ec2/eip:Eip": [{}],
  "aws:ec2/flowLog:FlowLog": [{ vpcId: "vpc-0a" }],
  "aws:ec2/instance:Instance": [
    { ami: "ami-0123456789abcdef0", instanceType: "t4g.small" },
    { launchTemplate: { id: "lt-0a", version: "1" }, subnetId: "subnet-0a" },
  ],
  "aws:ec2/internetGateway:InternetGateway": [{}],
  "aws:ec2/launchTemplate:LaunchTemplate": [
    { name: "nodes" },
    { name: "nodes", metadataOptions: { httpTokens: "required" } },
  ],
  "aws:ec2/managedPrefixList:ManagedPrefixList": [{ name: "cdn", addressFamily: "IPv4", maxEntries: 1 }],
  "aws:ec2/natGateway:NatGateway": [{ subnetId: "subnet-0a", allocationId: "eipalloc-0a" }],
  "aws:ec2/route:Route": [{ routeTableId: "rtb-0a", destinationCidrBlock: "0.0.0.0/0", gatewayId: "igw-0a" }],
  "aws:ec2/routeTable:RouteTable": [
    { vpcId: "vpc-0a" },
    { vpcId: "vpc-0a", routes: [{ cidrBlock: "0.0.0.0/0", gatewayId: "igw-0a" }] },
  ],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": [{ routeTableId: "rtb-0a", subnetId: "subnet-0a" }],
  "aws:ec2/securityGroup:SecurityGroup": [
    { name: "nodes" },
    { name: "nodes", ingress: [{ protocol: "tcp", fromPort: 1, toPort: 2 }] },
  ],
  "aws:ec2/securityGroupRule:SecurityGroupRule": [
    { type: "ingress", protocol: "tcp", fromPort: 1, toPort: 2, securityGroupId: "sg-0a" },
  ],
  "aws:ec2/subnet:Subnet": [{ vpcId: "vpc-0a" }],
  "aws:ec2/vpc:Vpc": [{ cidrBlock: "10.0.0.0/16" }],
  "aws:ec2/vpcEndpoint:VpcEndpoint": [
    { vpcId: "vpc-0a", serviceName: "com.amazonaws.us-west-2.s3" },
    {
      vpcId: "vpc-0a",
      serviceName: "com.amazonaws.us-west-2.ecr.api",
      vpcEndpointType: "Interface",
      subnetIds: SUBNETS,
    },
  ],
  "aws:ecr/lifecyclePolicy:LifecyclePolicy": [{ repository: "web", policy: "{}" }],
  "aws:ecr/repository:Repository": [
    { name: "web" },
    {
      name: "web",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS" }],
    },
  ],
  "aws:ecr/repositoryPolicy:RepositoryPolicy": [{ repository: "web", policy: "{}" }],
  "aws:eks/accessEntry:AccessEntry": [{ clusterName: "main", principalArn: ROLE }],
  "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": [
    {
      clusterName: "main",
      principalArn: ROLE,
      policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy",
      accessScope: { type: "cluster" },
    },
  ],
  "aws:eks/addon:Addon": [{ clusterName: "main", addonName: "coredns" }],
  "aws:eks/cluster:Cluster": [
    { name: "main", roleArn: ROLE, vpcConfig: { subnetIds: SUBNETS } },
    {
      name: "main",
      roleArn: ROLE,
      vpcConfig: { subnetIds: SUBNETS, endpointPublicAccess: false, endpointPrivateAccess: true },
      accessConfig: { authenticationMode: "API" },
      kubernetesNetworkConfig: { ipFamily: "ipv4" },
      upgradePolicy: { supportType: "STANDARD" },
      encryptionConfig: { provider: { keyArn: "arn:aws:kms:us-west-2:123456789012:key/1" }, resources: ["secrets"] },
    },
  ],
  "aws:eks/nodeGroup:NodeGroup": [
    {
      clusterName: "main",
      nodeGroupName: "nodes",
      nodeRoleArn: ROLE,
      subnetIds: SUBNETS,
      scalingConfig: { minSize: 1, desiredSize: 1, maxSize: 2 },
    },
    {
      clusterName: "main",
      nodeGroupName: "nodes",
      nodeRoleArn: ROLE,
      subnetIds: SUBNETS,
      scalingConfig: { minSize: 1, desiredSize: 1, maxSize: 2 },
      launchTemplate: { id: "lt-0a", version: "1" },
      updateConfig: { maxUnavailable: 2 },
    },
  ],
  "aws:eks/podIdentityAssociation:PodIdentityAssociation": [
    { clusterName: "main", namespace: "web", serviceAccount: "web", roleArn: ROLE },
  ],
  "aws:elasticache/parameterGroup:ParameterGroup": [{ name: "cache", family: "valkey8" }],
  "aws:elasticache/replicationGroup:ReplicationGroup": [
    { replicationGroupId: "cache", description: "cache" },
    {
      replicationGroupId: "cache",
      description: "cache",
      engine: "valkey",
      numNodeGroups: 3,
      replicasPerNodeGroup: 1,
      automaticFailoverEnabled: true,
    },
  ],
  "aws:elasticache/subnetGroup:SubnetGroup": [{ name: "cache", subnetIds: SUBNETS }],
  "aws:iam/instanceProfile:InstanceProfile": [{ name: "it" }],
  "aws:iam/openIdConnectProvider:OpenIdConnectProvider": [
    { url: "https://example.com", clientIdLists: ["sts.amazonaws.com"] },
  ],
  "aws:iam/policy:Policy": [{ name: "it", policy: POLICY }],
  "aws:iam/role:Role": [{ name: "it", assumeRolePolicy: trust("ec2.amazonaws.com") }],
  "aws:iam/rolePolicy:RolePolicy": [{ name: "it", role: "it", policy: POLICY }],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": [
    { role: "it", policyArn: "arn:aws:iam::aws:policy/ReadOnlyAccess" },
  ],
  "aws:kms/alias:Alias": [{ targetKeyId: "1" }, { name: "alias/main", targetKeyId: "1" }],
  "aws:kms/key:Key": [{}],
  "aws:lb/listener:Listener": [
    {
      loadBalancerArn: BALANCER,
      port: 80,
      defaultActions: [{ type: "fixed-response", fixedResponse: { contentType: "text/plain" } }],
    },
    {
      loadBalancerArn: BALANCER,
      port: 443,
      protocol: "HTTPS",
      certificateArn: "arn:aws:acm:us-west-2:123456789012:certificate/1",
      defaultActions: [{ type: "forward", targetGroupArn: "arn" }],
    },
  ],
  "aws:lb/listenerCertificate:ListenerCertificate": [
    { listenerArn: LISTENER, certificateArn: "arn:aws:acm:us-west-2:123456789012:certificate/1" },
  ],
  "aws:lb/trustStore:TrustStore": [
    { name: "clients", caCertificatesBundleS3Bucket: "clients", caCertificatesBundleS3Key: "authorities.pem" },
  ],
  "aws:s3/bucketObjectv2:BucketObjectv2": [{ bucket: "clients", key: "authorities.pem", content: "a" }],
  "aws:lb/listenerRule:ListenerRule": [
    {
      listenerArn: LISTENER,
      actions: [{ type: "forward", targetGroupArn: "arn" }],
      conditions: [{ pathPattern: { values: ["/api/*"] } }],
    },
  ],
  "aws:lb/loadBalancer:LoadBalancer": [
    { name: "web", subnets: SUBNETS },
    { name: "web", loadBalancerType: "network", internal: true, subnetMappings: [{ subnetId: "subnet-0a" }] },
  ],
  "aws:lb/targetGroup:TargetGroup": [
    { name: "web", port: 80, protocol: "HTTP", vpcId: "vpc-0a" },
    { name: "web", port: 80, protocol: "TCP", vpcId: "vpc-0a", healthCheck: { protocol: "TCP" } },
  ],
  "aws:mq/broker:Broker": [
    {
      brokerName: "main",
      engineType: "RabbitMQ",
      engineVersion: "4.2",
      hostInstanceType: "mq.m7g.large",
      autoMinorVersionUpgrade: true,
      users: [{ username: "main", password: "a-long-password" }],
    },
  ],
  "aws:rds/cluster:Cluster": [
    { engine: "aurora-postgresql", masterUsername: "groundwork", manageMasterUserPassword: true },
    {
      engine: "aurora-mysql",
      clusterIdentifier: "main",
      globalClusterIdentifier: "all",
      serverlessv2ScalingConfiguration: { minCapacity: 1, maxCapacity: 2 },
    },
  ],
  "aws:rds/clusterInstance:ClusterInstance": [
    { clusterIdentifier: "main", engine: "aurora-postgresql", instanceClass: "db.r8g.large" },
  ],
  "aws:rds/clusterParameterGroup:ClusterParameterGroup": [
    { name: "main", family: "aurora-postgresql17", parameters: [{ name: "work_mem", value: "1" }] },
  ],
  "aws:rds/globalCluster:GlobalCluster": [{ globalClusterIdentifier: "all" }],
  "aws:rds/parameterGroup:ParameterGroup": [
    { name: "main", family: "aurora-postgresql17", parameters: [{ name: "work_mem", value: "1" }] },
  ],
  "aws:rds/subnetGroup:SubnetGroup": [{ name: "main", subnetIds: SUBNETS }],
  "aws:s3/bucket:Bucket": [
    { bucket: "it" },
    {
      bucket: "it",
      website: { indexDocument: "index.html" },
      versioning: { enabled: true },
      lifecycleRules: [{ enabled: true, expiration: { days: 1 } }],
    },
  ],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [
    { bucket: "it", rules: [{ id: "old", status: "Enabled", expiration: { days: 1 } }] },
  ],
  "aws:s3/bucketPolicy:BucketPolicy": [{ bucket: "it", policy: POLICY }],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [{ bucket: "it", blockPublicAcls: true }],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
    { bucket: "it", rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
  ],
  "aws:s3/bucketVersioning:BucketVersioning": [{ bucket: "it", versioningConfiguration: { status: "Enabled" } }],
  "aws:secretsmanager/secret:Secret": [{ name: "it" }, { name: "it", replicas: [{ region: "us-east-1" }] }],
  "aws:secretsmanager/secretVersion:SecretVersion": [{ secretId: "arn", secretString: "s" }],
  "aws:ssm/parameter:Parameter": [
    { name: "it", type: "String", value: "v" },
    { name: "it", type: "SecureString", value: "v" },
  ],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": [GROUP_RULE],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": [GROUP_RULE],
  "aws:accessanalyzer/analyzer:Analyzer": [{ analyzerName: "it" }],
  "aws:backup/plan:Plan": [
    {
      name: "it",
      rules: [
        { ruleName: "daily", targetVaultName: "it", schedule: "cron(0 5 ? * * *)", lifecycle: { deleteAfter: 7 } },
      ],
    },
  ],
  "aws:backup/regionSettings:RegionSettings": [{ resourceTypeOptInPreference: { Aurora: true } }],
  "aws:backup/restoreTestingPlan:RestoreTestingPlan": [
    {
      name: "it",
      scheduleExpression: "cron(0 5 ? * SUN *)",
      recoveryPointSelection: {
        algorithm: "LATEST_WITHIN_WINDOW",
        includeVaults: ["*"],
        recoveryPointTypes: ["SNAPSHOT"],
      },
    },
  ],
  "aws:backup/restoreTestingSelection:RestoreTestingSelection": [
    {
      name: "it",
      restoreTestingPlanName: "it",
      iamRoleArn: ROLE,
      protectedResourceType: "Aurora",
      protectedResourceArns: ["*"],
    },
  ],
  "aws:backup/selection:Selection": [{ name: "it", planId: "1", iamRoleArn: ROLE, resources: ["*"] }],
  "aws:backup/vault:Vault": [{ name: "it" }],
  "aws:backup/vaultLockConfiguration:VaultLockConfiguration": [{ backupVaultName: "it", minRetentionDays: 7 }],
  "aws:budgets/budget:Budget": [
    {
      name: "it",
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: "100",
      limitUnit: "USD",
      costFilters: [{ name: "TagKeyValue", values: ["user:system$it"] }],
    },
  ],
  "aws:cloudtrail/trail:Trail": [{ name: "it", s3BucketName: "it" }],
  "aws:cloudwatch/metricAlarm:MetricAlarm": [
    { name: "it", comparisonOperator: "GreaterThanThreshold", evaluationPeriods: 1, metricName: "Lag" },
  ],
  "aws:costexplorer/costAllocationTag:CostAllocationTag": [{ tagKey: "system", status: "Active" }],
  "aws:ebs/encryptionByDefault:EncryptionByDefault": [{}],
  "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup": [
    { globalReplicationGroupIdSuffix: "all", primaryReplicationGroupId: "cache" },
  ],
  "aws:guardduty/detector:Detector": [{}],
  "aws:guardduty/detectorFeature:DetectorFeature": [{ detectorId: "1", name: "EKS_AUDIT_LOGS", status: "ENABLED" }],
  "aws:kms/replicaKey:ReplicaKey": [{ primaryKeyArn: "arn:aws:kms:us-east-1:123456789012:key/mrk-1" }],
  "aws:rds/proxy:Proxy": [
    {
      name: "it",
      engineFamily: "POSTGRESQL",
      roleArn: ROLE,
      vpcSubnetIds: SUBNETS,
      auths: [{ authScheme: "SECRETS", secretArn: "arn:aws:secretsmanager:us-west-2:123456789012:secret:it" }],
    },
  ],
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": [
    { dbProxyName: "it" },
    { dbProxyName: "it", connectionPoolConfig: { maxConnectionsPercent: 90 } },
  ],
  "aws:rds/proxyTarget:ProxyTarget": [{ dbProxyName: "it", targetGroupName: "default", dbClusterIdentifier: "main" }],
  "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": [{}],
  "aws:s3/bucketLogging:BucketLogging": [{ bucket: "it", targetBucket: "logs", targetPrefix: "it/" }],
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": [
    { bucket: "it", rule: { objectOwnership: "BucketOwnerEnforced" } },
  ],
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": [
    {
      bucket: "it",
      role: ROLE,
      rules: [{ id: "all", status: "Enabled", priority: 1, destination: { bucket: "arn:aws:s3:::other" } }],
    },
  ],
  "aws:sns/topic:Topic": [{ name: "it" }],
  "aws:sns/topicPolicy:TopicPolicy": [{ arn: "arn:aws:sns:us-west-2:123456789012:it", policy: POLICY }],
  "aws:sns/topicSubscription:TopicSubscription": [
    { topic: "arn:aws:sns:us-west-2:123456789012:it", protocol: "email", endpoint: "it@example.com" },
  ],
  "aws:sqs/queue:Queue": [{ name: "jobs" }, { name: "jobs.fifo", fifoQueue: true }],
  "aws:sqs/queuePolicy:QueuePolicy": [
    { queueUrl: "https://sqs.us-west-2.amazonaws.com/123456789012/jobs", policy: POLICY },
  ],
};
