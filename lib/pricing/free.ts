/**
 * Types that cost nothing by themselves, each with why. A type that is neither here nor priced is reported as not priced,
 * so that a new one is never free by accident.
 */
const FREE: readonly (readonly [why: string, types: readonly string[]])[] = [
  [
    "identities and permissions are free: https://aws.amazon.com/iam/faqs/",
    [
      "iam/role:Role",
      "iam/rolePolicy:RolePolicy",
      "iam/rolePolicyAttachment:RolePolicyAttachment",
      "iam/policy:Policy",
      "iam/instanceProfile:InstanceProfile",
      "iam/user:User",
      "iam/group:Group",
      "iam/openIdConnectProvider:OpenIdConnectProvider",
      "iam/accountPasswordPolicy:AccountPasswordPolicy",
      "iam/serviceLinkedRole:ServiceLinkedRole",
    ],
  ],
  [
    "networks are free but for gateways, addresses, endpoints and traffic: https://aws.amazon.com/vpc/pricing/",
    [
      ...[
        "ec2/vpc:Vpc",
        "ec2/subnet:Subnet",
        "ec2/routeTable:RouteTable",
        "ec2/routeTableAssociation:RouteTableAssociation",
        "ec2/route:Route",
        "ec2/internetGateway:InternetGateway",
        "ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway",
      ],
      ...[
        "ec2/securityGroup:SecurityGroup",
        "ec2/securityGroupRule:SecurityGroupRule",
        "ec2/defaultSecurityGroup:DefaultSecurityGroup",
        "ec2/defaultNetworkAcl:DefaultNetworkAcl",
        "ec2/networkAcl:NetworkAcl",
        "ec2/defaultRouteTable:DefaultRouteTable",
        "ec2/managedPrefixList:ManagedPrefixList",
        "ec2/eipAssociation:EipAssociation",
        "ec2/keyPair:KeyPair",
        "ec2/vpcDhcpOptions:VpcDhcpOptions",
      ],
      ...[
        "vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        "vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "ec2/launchTemplate:LaunchTemplate",
        "ec2/flowLog:FlowLog",
        "ec2/instanceMetadataDefaults:InstanceMetadataDefaults",
        "ebs/encryptionByDefault:EncryptionByDefault",
        "ec2/ebsEncryptionByDefault:EbsEncryptionByDefault",
      ],
    ],
  ],
  [
    "certificates for AWS's own services are free: https://aws.amazon.com/certificate-manager/pricing/",
    ["acm/certificate:Certificate", "acm/certificateValidation:CertificateValidation"],
  ],
  [
    "paid with the balancer that it belongs to: https://aws.amazon.com/elasticloadbalancing/pricing/",
    [
      "lb/listener:Listener",
      "lb/listenerRule:ListenerRule",
      "lb/listenerCertificate:ListenerCertificate",
      "lb/targetGroup:TargetGroup",
      "lb/targetGroupAttachment:TargetGroupAttachment",
    ],
  ],
  [
    "paid with the cluster that it belongs to: https://aws.amazon.com/eks/pricing/",
    [
      "eks/accessEntry:AccessEntry",
      "eks/accessPolicyAssociation:AccessPolicyAssociation",
      "eks/podIdentityAssociation:PodIdentityAssociation",
      "eks/identityProviderConfig:IdentityProviderConfig",
    ],
  ],
  [
    "paid with the database, cache or proxy that it belongs to: https://aws.amazon.com/rds/aurora/pricing/",
    [
      "rds/globalCluster:GlobalCluster",
      "rds/clusterParameterGroup:ClusterParameterGroup",
      "rds/parameterGroup:ParameterGroup",
      "rds/subnetGroup:SubnetGroup",
      "rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
      "rds/proxyTarget:ProxyTarget",
      "elasticache/parameterGroup:ParameterGroup",
      "elasticache/subnetGroup:SubnetGroup",
      "elasticache/globalReplicationGroup:GlobalReplicationGroup",
      "elasticache/user:User",
      "elasticache/userGroup:UserGroup",
    ],
  ],
  [
    "paid with the bucket that it belongs to: https://aws.amazon.com/s3/pricing/",
    [
      "s3/accountPublicAccessBlock:AccountPublicAccessBlock",
      "s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "s3/bucketObject:BucketObject",
      "s3/bucketObjectv2:BucketObjectv2",
      "s3/bucketOwnershipControls:BucketOwnershipControls",
      "s3/bucketPolicy:BucketPolicy",
      "s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
      "s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
      "s3/bucketVersioning:BucketVersioning",
      "s3/bucketLogging:BucketLogging",
      "s3/bucketNotification:BucketNotification",
    ],
  ],
  [
    "paid with the key, secret, queue or repository that it belongs to: https://aws.amazon.com/kms/pricing/",
    [
      "kms/alias:Alias",
      "kms/keyPolicy:KeyPolicy",
      "kms/grant:Grant",
      "secretsmanager/secretVersion:SecretVersion",
      "secretsmanager/secretPolicy:SecretPolicy",
      "sqs/queuePolicy:QueuePolicy",
      "ecr/lifecyclePolicy:LifecyclePolicy",
      "ecr/repositoryPolicy:RepositoryPolicy",
      "mq/configuration:Configuration",
    ],
  ],
  [
    "standard parameters are free, up to 10,000 in a region: https://aws.amazon.com/systems-manager/pricing/",
    ["ssm/parameter:Parameter"],
  ],
  [
    "settings and selections of AWS Backup are free, what is kept and restored is not: https://aws.amazon.com/backup/pricing/",
    [
      "backup/regionSettings:RegionSettings",
      "backup/selection:Selection",
      "backup/restoreTestingPlan:RestoreTestingPlan",
      "backup/restoreTestingSelection:RestoreTestingSelection",
      "backup/vaultLockConfiguration:VaultLockConfiguration",
      "backup/vaultPolicy:VaultPolicy",
    ],
  ],
  [
    "budgets that only tell are free: https://aws.amazon.com/aws-cost-management/aws-budgets/pricing/",
    ["budgets/budget:Budget", "costexplorer/costAllocationTag:CostAllocationTag"],
  ],
  [
    "events of AWS's own services are free: https://aws.amazon.com/eventbridge/pricing/",
    ["cloudwatch/eventRule:EventRule", "cloudwatch/eventTarget:EventTarget"],
  ],
  [
    "topics are free, deliveries by email nearly so: https://aws.amazon.com/sns/pricing/",
    ["sns/topicPolicy:TopicPolicy"],
  ],
];

const BY_TYPE: ReadonlySet<string> = new Set(FREE.flatMap(([, types]) => types.map((type) => `aws:${type}`)));

/** Whole packages whose resources are made or run where nothing is billed. */
const PACKAGES = /^(?:pulumi|random|tls|docker|docker-build|command|time|null|local)[:-]/;

/** What comes with a Cloudflare zone's plan. https://www.cloudflare.com/plans/ */
const CLOUDFLARE =
  /^cloudflare:index\/(?:argoTieredCaching|tieredCache|authenticatedOriginPulls\w*|botManagement|dnsRecord|loadBalancer|loadBalancerMonitor|ruleset|zoneSetting|zoneDnssec|originCaCertificate|notificationPolicy|zone):/;

export function isFree(type: string): boolean {
  return BY_TYPE.has(type) || PACKAGES.test(type) || CLOUDFLARE.test(type);
}
